namespace Tributary.Stores.Local;

/// <summary>All rows of a partition at one commit, in the order of keys; never changed.</summary>
internal sealed class TableSnapshot
{
    private readonly StoredRow[] rows;

    private TableSnapshot(StoredRow[] rows) => this.rows = rows;

    public static TableSnapshot Empty { get; } = new([]);

    public ReadOnlySpan<StoredRow> Rows => rows;

    public StoredRow? Find(string key)
    {
        var position = PositionOf(key);
        return position < rows.Length && rows[position].Key == key ? rows[position] : null;
    }

    /// <summary>The rows with from ≤ key &lt; to.</summary>
    public ArraySegment<StoredRow> Range(string? from, string? to)
    {
        var first = from is null ? 0 : PositionOf(from);
        var end = to is null ? rows.Length : PositionOf(to);
        return new ArraySegment<StoredRow>(rows, first, Math.Max(0, end - first));
    }

    /// <summary>The rows after changes; a null row is one that goes.</summary>
    public TableSnapshot With(IReadOnlyDictionary<string, StoredRow?> changes)
    {
        if (changes.Count == 0)
        {
            return this;
        }
        var sorted = changes.OrderBy(change => change.Key, StringComparer.Ordinal).ToArray();
        var merged = new List<StoredRow>(rows.Length + sorted.Length);
        var old = 0;
        foreach (var (key, row) in sorted)
        {
            for (; old < rows.Length && string.CompareOrdinal(rows[old].Key, key) < 0; old++)
            {
                merged.Add(rows[old]);
            }
            if (old < rows.Length && rows[old].Key == key)
            {
                old++;
            }
            if (row is not null)
            {
                merged.Add(row);
            }
        }
        merged.AddRange(rows.AsSpan(old));
        return new TableSnapshot([.. merged]);
    }

    /// <summary>Where the first key stands that is not below the given one.</summary>
    private int PositionOf(string key)
    {
        var (low, high) = (0, rows.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(rows[middle].Key, key) < 0 ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}

/// <summary>A row as the table file has it.</summary>
/// <param name="Key">The row's key.</param>
/// <param name="Version">The number of the commit that wrote it.</param>
/// <param name="Ticks">When, in ticks of UTC.</param>
/// <param name="Properties">Encoded by <see cref="TableValues"/>.</param>
internal sealed record StoredRow(string Key, ulong Version, long Ticks, ReadOnlyMemory<byte> Properties);
