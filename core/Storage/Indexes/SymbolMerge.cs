namespace Tributary.Storage.Indexes;

/// <summary>
/// Merges the symbols of several indexes into one table. Series of different indexes then compare by numbers alone: the
/// order of the numbers is that of the texts.
/// </summary>
internal static class SymbolMerge
{
    /// <summary>The table, and for each index the way into it; memory is that of the table and 4 bytes a symbol.</summary>
    public static async ValueTask<(SymbolTable Table, SymbolMap[] Maps)> RunAsync(
        IReadOnlyList<IndexReader> indexes,
        CancellationToken cancellationToken
    )
    {
        // At least as many as the largest has, and blocks that are merged have most in common.
        var builder = new SymbolTable.Builder(
            indexes.Select(index => (int)index.SymbolCount).DefaultIfEmpty().Max(),
            indexes.Select(index => index.Symbols.TextBytes).DefaultIfEmpty().Max()
        );
        var maps = indexes
            .Select(index => new SymbolMap((int)index.SymbolCount, index.Version == IndexFormat.Version1))
            .ToArray();
        var open = new List<(SymbolCursor Cursor, SymbolMap Map)>();
        for (var i = 0; i < maps.Length; i++)
        {
            var cursor = new SymbolCursor(indexes[i]);
            if (await cursor.MoveAsync(cancellationToken))
            {
                open.Add((cursor, maps[i]));
            }
        }
        while (open.Count > 0)
        {
            var least = Least(open);
            builder.Add(open[least].Cursor.Text);
            // From the back, so that what ends can be taken out; the least one itself moves last.
            for (var i = open.Count - 1; i >= 0; i--)
            {
                if (i != least && open[i].Cursor.Text.SequenceEqual(open[least].Cursor.Text))
                {
                    least -=
                        await AdvanceAsync(open, i, (uint)builder.Count - 1, cancellationToken) && i < least ? 1 : 0;
                }
            }
            await AdvanceAsync(open, least, (uint)builder.Count - 1, cancellationToken);
        }
        return (builder.Build(), maps);
    }

    private static int Least(List<(SymbolCursor Cursor, SymbolMap Map)> open)
    {
        var least = 0;
        for (var i = 1; i < open.Count; i++)
        {
            if (open[i].Cursor.Text.SequenceCompareTo(open[least].Cursor.Text) < 0)
            {
                least = i;
            }
        }
        return least;
    }

    /// <summary>Maps a cursor's symbol and moves on; true when the cursor ended and was taken out.</summary>
    private static async ValueTask<bool> AdvanceAsync(
        List<(SymbolCursor Cursor, SymbolMap Map)> open,
        int at,
        uint number,
        CancellationToken cancellationToken
    )
    {
        var (cursor, map) = open[at];
        map.Add(cursor.Reference, number);
        if (await cursor.MoveAsync(cancellationToken))
        {
            return false;
        }
        open.RemoveAt(at);
        return true;
    }
}
