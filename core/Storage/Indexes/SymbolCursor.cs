using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>Goes through all symbols of an index in order, in bounded memory.</summary>
internal sealed class SymbolCursor(IndexReader index)
{
    private const int BatchBytes = 1024 * 1024;

    private readonly bool byOffset = index.Version == IndexFormat.Version1;
    private LoadedRanges? loaded;
    private int loadedEnd;
    private int group = -1;
    private int position;
    private int textStart;
    private int textLength;
    private uint next;

    /// <summary>The symbol's reference in the series of its index.</summary>
    public uint Reference { get; private set; }

    /// <summary>The symbol's text, UTF-8; valid until the next move.</summary>
    public ReadOnlySpan<byte> Text => Group().Slice(textStart, textLength);

    /// <summary>Goes to the next symbol; false at the end.</summary>
    public async ValueTask<bool> MoveAsync(CancellationToken cancellationToken)
    {
        if (group >= 0 && TryMove())
        {
            return true;
        }
        group++;
        position = 0;
        if (group >= index.Symbols.GroupCount)
        {
            return false;
        }
        if (group >= loadedEnd)
        {
            (loaded, loadedEnd) = await index.Symbols.LoadGroupsAsync(group, BatchBytes, cancellationToken);
        }
        index.Symbols.Group(loaded!, group, out next);
        return TryMove();
    }

    private bool TryMove()
    {
        var reader = new ByteReader(Group()[position..], index.File.Name);
        if (reader.Remaining == 0)
        {
            return false;
        }
        var before = reader.Remaining;
        textLength = reader.ReadCount("bytes of a symbol");
        textStart = position + before - reader.Remaining;
        Reference = next;
        next += byOffset ? (uint)(textStart - position + textLength) : 1;
        position = textStart + textLength;
        return true;
    }

    /// <summary>The group's bytes; they were checked when the cursor came to the group.</summary>
    private ReadOnlySpan<byte> Group() => index.Symbols.Bytes(loaded!, group);
}
