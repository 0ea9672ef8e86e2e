using System.Buffers.Binary;
using System.Text;
using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>The postings offset table of a stored index: label names and values, and where their lists lie.</summary>
internal sealed class PostingsTableReader
{
    private const int BatchBytes = 1024 * 1024;

    /// <summary>The largest table of version 1, which has to be sorted in memory.</summary>
    private const int MaxVersion1Bytes = 256 * 1024 * 1024;

    private readonly RangeReader ranges;
    private readonly BlobFile file;
    private readonly long listsEnd;
    private readonly PostingsTableSamples samples = new();

    /// <summary>The sorted entries of a version 1 table; offsets count in it.</summary>
    private byte[]? sorted;

    private PostingsTableReader(RangeReader ranges, BlobFile file, long listsEnd)
    {
        this.ranges = ranges;
        this.file = file;
        this.listsEnd = listsEnd;
    }

    /// <summary>All label names, in the order of their bytes.</summary>
    public IReadOnlyList<string> Names => samples.Names;

    /// <summary>Labels, not counting the entry for all series.</summary>
    public long LabelCount => samples.Count - (samples.GroupsOf("").End > 0 ? 1 : 0);

    /// <summary>Reads the table once, checks it, and remembers every 32nd entry.</summary>
    public static async ValueTask<PostingsTableReader> OpenAsync(
        RangeReader ranges,
        BlobFile file,
        int version,
        IndexToc toc,
        CancellationToken cancellationToken
    )
    {
        var reader = new PostingsTableReader(ranges, file, toc.EndOf(toc.Postings));
        if (toc.PostingsTable == 0)
        {
            return reader;
        }
        var limit = toc.EndOf(toc.PostingsTable);
        var scanner = await SectionScanner.OpenAsync(
            ranges,
            file,
            toc.PostingsTable,
            limit,
            "postings offset table",
            cancellationToken
        );
        if (version == IndexFormat.Version1)
        {
            await reader.SortAsync(scanner, cancellationToken);
        }
        else
        {
            await reader.ScanAsync(scanner, reader.AddSample, cancellationToken);
        }
        return reader;
    }

    /// <summary>The lists of some values of a label; values that nobody has are left out.</summary>
    public async ValueTask<List<LabelPostings>> FindAsync(
        string name,
        IReadOnlyCollection<string> values,
        CancellationToken cancellationToken
    )
    {
        var wanted = new HashSet<string>(values, StringComparer.Ordinal);
        var groups = new SortedSet<int>();
        foreach (var value in wanted)
        {
            var group = samples.GroupOf(name, Encoding.UTF8.GetBytes(value));
            if (group >= 0)
            {
                groups.Add(group);
            }
        }
        var found = new List<LabelPostings>();
        var all = groups.ToList();
        for (var first = 0; first < all.Count; )
        {
            var batch = new List<int>();
            for (long bytes = 0; first < all.Count && bytes < BatchBytes; first++)
            {
                batch.Add(all[first]);
                bytes += samples.End(all[first]) - samples.Start(all[first]);
            }
            await ReadAsync(batch, wanted.Contains, found, cancellationToken);
        }
        return found;
    }

    /// <summary>The lists of all values of a label that begin with a prefix and satisfy a condition, in order.</summary>
    public async ValueTask<List<LabelPostings>> ScanAsync(
        string name,
        string prefix,
        Func<string, bool>? condition,
        CancellationToken cancellationToken
    )
    {
        var found = new List<LabelPostings>();
        var (first, end) = samples.GroupsOf(name);
        var start = Encoding.UTF8.GetBytes(prefix);
        first = Math.Max(first, samples.GroupOf(name, start));
        bool Matches(string value) =>
            value.StartsWith(prefix, StringComparison.Ordinal) && (condition is null || condition(value));
        while (first < end && !IsBehind(first, start))
        {
            var batch = new List<int>();
            for (long bytes = 0; first < end && !IsBehind(first, start) && bytes < BatchBytes; first++)
            {
                batch.Add(first);
                bytes += samples.End(first) - samples.Start(first);
            }
            await ReadAsync(batch, Matches, found, cancellationToken);
        }
        return found;
    }

    /// <summary>Whether a group begins behind all values with a prefix.</summary>
    private bool IsBehind(int group, ReadOnlySpan<byte> prefix)
    {
        var value = samples.FirstValue(group);
        return !value.StartsWith(prefix) && value.SequenceCompareTo(prefix) > 0;
    }

    /// <summary>Adds the entries of some groups whose values satisfy a condition.</summary>
    private async ValueTask ReadAsync(
        List<int> groups,
        Func<string, bool> condition,
        List<LabelPostings> found,
        CancellationToken cancellationToken
    )
    {
        LoadedRanges? loaded = null;
        if (sorted is null)
        {
            var wanted = groups.Select(g => new ByteRange(samples.Start(g), samples.End(g) - samples.Start(g)));
            loaded = await ranges.LoadAsync(file, [.. wanted], cancellationToken);
        }
        foreach (var group in groups)
        {
            var start = samples.Start(group);
            var length = (int)(samples.End(group) - start);
            var bytes = loaded is null ? sorted.AsSpan((int)start, length) : loaded.Span(start, length);
            if (Crc32C.Compute(bytes) != samples.Checksum(group))
            {
                throw new CorruptDataException(file.Name, start, "the postings offset table is not what it was");
            }
            Decode(bytes, group, condition, found);
        }
    }

    private void Decode(ReadOnlySpan<byte> bytes, int group, Func<string, bool> condition, List<LabelPostings> found)
    {
        var reader = new ByteReader(bytes, file.Name, samples.Start(group));
        var open = -1;
        while (reader.Remaining > 0)
        {
            reader.ReadUvarint();
            reader.ReadBytes(reader.ReadCount("bytes of a name"));
            var value = reader.ReadString();
            var list = (long)reader.ReadUvarint();
            if (open >= 0)
            {
                found[open] = Ended(found[open], list);
                open = -1;
            }
            if (condition(value))
            {
                open = found.Count;
                found.Add(new LabelPostings(value, list, 0));
            }
        }
        if (open >= 0)
        {
            var next = samples.FirstList(group + 1);
            found[open] = Ended(found[open], next < 0 ? listsEnd : next);
        }
    }

    /// <summary>A list ends where the next one begins, unless they lie in another order.</summary>
    private LabelPostings Ended(LabelPostings list, long next) =>
        list with
        {
            LengthBytes = next > list.OffsetBytes && next <= listsEnd ? next - list.OffsetBytes : 0,
        };

    private async ValueTask ScanAsync(SectionScanner scanner, EntryAction take, CancellationToken cancellationToken)
    {
        while (scanner.Buffered.Length < sizeof(uint))
        {
            if (!await scanner.MoreAsync(cancellationToken))
            {
                throw scanner.Corrupt("no room for the number of entries");
            }
        }
        var count = BinaryPrimitives.ReadUInt32BigEndian(scanner.Buffered);
        scanner.Take(sizeof(uint));
        for (var seen = 0u; ; )
        {
            seen += ScanBuffered(scanner, count - seen, take);
            if (seen == count)
            {
                break;
            }
            if (!await scanner.MoreAsync(cancellationToken))
            {
                throw scanner.Corrupt($"{count} entries are promised, there are {seen}");
            }
        }
        await scanner.FinishAsync(cancellationToken);
    }

    private static uint ScanBuffered(SectionScanner scanner, uint most, EntryAction take)
    {
        var bytes = scanner.Buffered;
        var offset = scanner.Offset;
        var (at, seen) = (0, 0u);
        var tooLong = false;
        for (; seen < most; seen++)
        {
            var from = at;
            if (
                !PartialReading.TryUvarint(bytes, ref at, out var keys)
                || !PartialReading.TryText(bytes, ref at, out var name, ref tooLong)
                || !PartialReading.TryText(bytes, ref at, out var value, ref tooLong)
                || !PartialReading.TryUvarint(bytes, ref at, out var list)
            )
            {
                at = from;
                break;
            }
            if (keys != 2 || list > long.MaxValue)
            {
                throw new CorruptDataException(scanner.FileName, offset + from, "this is no postings offset entry");
            }
            if (!take(bytes[from..at], offset + from, name, value, (long)list))
            {
                throw new CorruptDataException(scanner.FileName, offset + from, "the entry is not in order");
            }
        }
        scanner.Take(at);
        return tooLong ? throw scanner.Corrupt("a label is too long") : seen;
    }

    /// <summary>A version 1 table need not be sorted: it is read whole, sorted, and encoded anew in memory.</summary>
    private async ValueTask SortAsync(SectionScanner scanner, CancellationToken cancellationToken)
    {
        if (scanner.ContentEnd - scanner.Offset > MaxVersion1Bytes)
        {
            throw scanner.Corrupt($"a table of version 1 above {MaxVersion1Bytes} bytes is not read");
        }
        var entries = new List<(byte[] Name, byte[] Value, long List)>();
        await ScanAsync(
            scanner,
            (_, _, name, value, list) =>
            {
                entries.Add((name.ToArray(), value.ToArray(), list));
                return true;
            },
            cancellationToken
        );
        entries.Sort(
            (a, b) =>
            {
                var byName = a.Name.AsSpan().SequenceCompareTo(b.Name);
                return byName != 0 ? byName : a.Value.AsSpan().SequenceCompareTo(b.Value);
            }
        );
        var encoded = new ByteWriter(4096);
        foreach (var (name, value, list) in entries)
        {
            var from = encoded.Length;
            encoded.WriteUvarint(2);
            encoded.WriteUvarint((ulong)name.Length);
            encoded.WriteBytes(name);
            encoded.WriteUvarint((ulong)value.Length);
            encoded.WriteBytes(value);
            encoded.WriteUvarint((ulong)list);
            if (!AddSample(encoded.WrittenSpan[from..], from, name, value, list))
            {
                throw scanner.Corrupt("a label stands twice in the table");
            }
        }
        sorted = encoded.WrittenSpan.ToArray();
    }

    private bool AddSample(
        ReadOnlySpan<byte> entry,
        long offset,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> value,
        long list
    ) => samples.Add(entry, offset, name, value, list);

    private delegate bool EntryAction(
        ReadOnlySpan<byte> entry,
        long offset,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> value,
        long list
    );
}
