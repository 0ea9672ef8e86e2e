using System.Buffers.Binary;
using System.Text;
using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>The symbols of a stored index: where each group of 32 lies and its checksum; the texts are read when wanted.</summary>
internal sealed class SymbolReader
{
    private const int BatchBytes = 4 * 1024 * 1024;

    private readonly RangeReader ranges;
    private readonly BlobFile file;
    private readonly bool byOffset;
    private readonly List<long> groups = [];
    private readonly List<uint> checksums = [];
    private readonly ByteWriter last = new();
    private long end;

    private SymbolReader(RangeReader ranges, BlobFile file, bool byOffset)
    {
        this.ranges = ranges;
        this.file = file;
        this.byOffset = byOffset;
    }

    /// <summary>How many symbols there are.</summary>
    public long Count { get; private set; }

    /// <summary>Bytes of all texts and their lengths.</summary>
    public int TextBytes => groups.Count == 0 ? 0 : checked((int)(end - groups[0]));

    /// <summary>Reads the section once, checks it, and remembers where the groups are.</summary>
    public static async ValueTask<SymbolReader> OpenAsync(
        RangeReader ranges,
        BlobFile file,
        int version,
        IndexToc toc,
        CancellationToken cancellationToken
    )
    {
        var reader = new SymbolReader(ranges, file, version == IndexFormat.Version1);
        if (toc.Symbols != 0)
        {
            var limit = toc.EndOf(toc.Symbols);
            var scanner = await SectionScanner.OpenAsync(
                ranges,
                file,
                toc.Symbols,
                limit,
                "symbol table",
                cancellationToken
            );
            await reader.ScanAsync(scanner, cancellationToken);
        }
        return reader;
    }

    /// <summary>Reads the texts of some symbols.</summary>
    /// <param name="wanted">The symbols, ascending.</param>
    /// <param name="texts">Where they go.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask ReadAsync(
        IReadOnlyList<uint> wanted,
        Dictionary<uint, string> texts,
        CancellationToken cancellationToken
    )
    {
        for (var first = 0; first < wanted.Count; )
        {
            var batch = new List<ByteRange>();
            long bytes = 0;
            var last = -1;
            var next = first;
            for (; next < wanted.Count && bytes < BatchBytes; next++)
            {
                var group = GroupOf(wanted[next]);
                if (group != last)
                {
                    batch.Add(new ByteRange(groups[group], GroupEnd(group) - groups[group]));
                    bytes += batch[^1].LengthBytes;
                    last = group;
                }
            }
            var loaded = await ranges.LoadAsync(file, batch, cancellationToken);
            Decode(loaded, wanted, first, next, texts);
            first = next;
        }
    }

    /// <summary>How many groups of symbols there are.</summary>
    public int GroupCount => groups.Count;

    /// <summary>Brings groups into memory, for <see cref="Group"/>; at least one, else as many as a bound allows.</summary>
    /// <returns>The first group that is not loaded.</returns>
    public async ValueTask<(LoadedRanges Loaded, int End)> LoadGroupsAsync(
        int first,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        var last = first + 1;
        while (last < groups.Count && GroupEnd(last) - groups[first] <= maxBytes)
        {
            last++;
        }
        ByteRange[] range = [new(groups[first], GroupEnd(last - 1) - groups[first])];
        return (await ranges.LoadAsync(file, range, cancellationToken), last);
    }

    /// <summary>The symbols of a loaded group, which was checked before.</summary>
    public ReadOnlySpan<byte> Bytes(LoadedRanges loaded, int group) =>
        loaded.Span(groups[group], (int)(GroupEnd(group) - groups[group]));

    /// <summary>The symbols of a loaded group, checked; and the reference of the first one.</summary>
    public ReadOnlySpan<byte> Group(LoadedRanges loaded, int group, out uint reference)
    {
        var start = groups[group];
        reference = byOffset ? (uint)start : (uint)group * IndexFormat.SampleEvery;
        var bytes = Bytes(loaded, group);
        return Crc32C.Compute(bytes) == checksums[group]
            ? bytes
            : throw new CorruptDataException(file.Name, start, "symbols are not what they were");
    }

    private async ValueTask ScanAsync(SectionScanner scanner, CancellationToken cancellationToken)
    {
        while (scanner.Buffered.Length < sizeof(uint))
        {
            if (!await scanner.MoreAsync(cancellationToken))
            {
                throw scanner.Corrupt("no room for the number of symbols");
            }
        }
        var count = BinaryPrimitives.ReadUInt32BigEndian(scanner.Buffered);
        scanner.Take(sizeof(uint));
        while (true)
        {
            ScanBuffered(scanner, count);
            if (Count == count)
            {
                break;
            }
            if (!await scanner.MoreAsync(cancellationToken))
            {
                throw scanner.Corrupt($"{count} symbols are promised, there are {Count}");
            }
        }
        end = scanner.Offset;
        await scanner.FinishAsync(cancellationToken);
    }

    private void ScanBuffered(SectionScanner scanner, uint count)
    {
        var bytes = scanner.Buffered;
        var at = 0;
        var tooLong = false;
        while (Count < count)
        {
            var from = at;
            if (!PartialReading.TryText(bytes, ref at, out var text, ref tooLong))
            {
                scanner.Take(from);
                if (tooLong)
                {
                    throw scanner.Corrupt($"symbol {Count} is too long");
                }
                return;
            }
            if (Count > 0 && text.SequenceCompareTo(last.WrittenSpan) <= 0)
            {
                throw new CorruptDataException(file.Name, scanner.Offset + from, "the symbols are not in order");
            }
            last.Clear();
            last.WriteBytes(text);
            if (Count % IndexFormat.SampleEvery == 0)
            {
                groups.Add(scanner.Offset + from);
                checksums.Add(0);
            }
            checksums[^1] = Crc32C.Append(checksums[^1], bytes[from..at]);
            Count++;
        }
        scanner.Take(at);
    }

    private int GroupOf(uint symbol)
    {
        if (!byOffset)
        {
            return symbol < Count
                ? (int)(symbol / IndexFormat.SampleEvery)
                : throw new CorruptDataException(file.Name, 0, $"symbol {symbol} is named, but there are {Count}");
        }
        var at = groups.BinarySearch(symbol);
        at = at >= 0 ? at : ~at - 1;
        return at >= 0 && symbol < end
            ? at
            : throw new CorruptDataException(file.Name, symbol, "a symbol is named that is not in the table");
    }

    private long GroupEnd(int group) => group + 1 < groups.Count ? groups[group + 1] : end;

    private void Decode(
        LoadedRanges loaded,
        IReadOnlyList<uint> wanted,
        int next,
        int last,
        Dictionary<uint, string> texts
    )
    {
        while (next < last)
        {
            var group = GroupOf(wanted[next]);
            var reader = new ByteReader(Group(loaded, group, out var first), file.Name, groups[group]);
            for (var i = 0u; reader.Remaining > 0; i++)
            {
                var symbol = byOffset ? (uint)reader.Offset : first + i;
                var text = reader.ReadBytes(reader.ReadCount("bytes of a symbol"));
                if (next < last && wanted[next] == symbol)
                {
                    texts[symbol] = Encoding.UTF8.GetString(text);
                    next++;
                }
            }
            if (next < last && GroupOf(wanted[next]) == group)
            {
                throw new CorruptDataException(file.Name, wanted[next], "a symbol is named that is not in the table");
            }
        }
    }
}
