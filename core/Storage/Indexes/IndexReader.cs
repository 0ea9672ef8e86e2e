using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Storage.Files;
using Tributary.Stores;

namespace Tributary.Storage.Indexes;

/// <summary>Reads a block's index, version 1 or 2, by ranges. Opening reads symbols and the postings offset table once.</summary>
/// <remarks>
/// Immutable after opening and safe for several threads. In memory it keeps where every 32nd symbol and label lie; all
/// else is read when wanted, through the cache of the <see cref="RangeReader"/>. Whatever is read is checked against its
/// checksum first.
/// </remarks>
internal sealed class IndexReader
{
    /// <summary>Indexes up to this size are read in one request.</summary>
    public const int WholeBytes = 256 * 1024;

    /// <summary>
    /// What is read of both ends of a larger one, at once: behind the header begin the symbols, and before the table of
    /// contents ends the postings offset table.
    /// </summary>
    private const int EndBytes = 96 * 1024;

    private const int ListsBatchBytes = 8 * 1024 * 1024;

    /// <summary>What is read of a list or series whose length is not known yet.</summary>
    private const int GuessBytes = 512;

    private readonly RangeReader ranges;
    private readonly SymbolReader symbols;
    private readonly PostingsTableReader table;
    private readonly IndexToc toc;

    private IndexReader(
        RangeReader ranges,
        BlobFile file,
        int version,
        IndexToc toc,
        SymbolReader symbols,
        PostingsTableReader table
    )
    {
        this.ranges = ranges;
        this.symbols = symbols;
        this.table = table;
        this.toc = toc;
        File = file;
        Version = version;
    }

    /// <summary>The file.</summary>
    public BlobFile File { get; }

    /// <summary>Where it is read from.</summary>
    public IBlobStore Store => ranges.Store;

    /// <summary>The format's version, 1 or 2.</summary>
    public int Version { get; }

    /// <summary>All label names, in the order of their bytes.</summary>
    public IReadOnlyList<string> LabelNames => table.Names;

    /// <summary>How many labels (names with values) there are.</summary>
    public long LabelCount => table.LabelCount;

    /// <summary>The symbols, for who reads them all.</summary>
    public SymbolReader Symbols => symbols;

    /// <summary>How many symbols there are.</summary>
    public long SymbolCount => symbols.Count;

    /// <summary>Opens an index.</summary>
    /// <param name="ranges">Where from.</param>
    /// <param name="file">The file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="wholeBytes">Up to this size it is read in one request.</param>
    /// <exception cref="CorruptDataException">It is none, or damaged.</exception>
    public static async ValueTask<IndexReader> OpenAsync(
        RangeReader ranges,
        BlobFile file,
        CancellationToken cancellationToken,
        int wholeBytes = WholeBytes
    )
    {
        var tocOffset = file.LengthBytes - IndexFormat.TocBytes;
        if (tocOffset < IndexFormat.HeaderBytes)
        {
            throw new CorruptDataException(file.Name, 0, $"{file.LengthBytes} bytes are no index");
        }
        ByteRange[] ends =
            file.LengthBytes <= wholeBytes
                ? [new(0, file.LengthBytes)]
                :
                [
                    new(0, Math.Min(EndBytes, tocOffset)),
                    new(Math.Max(0, file.LengthBytes - EndBytes), Math.Min(EndBytes, file.LengthBytes)),
                ];
        var loaded = await ranges.LoadAsync(file, ends, cancellationToken);
        var version = ReadVersion(loaded.Span(0, IndexFormat.HeaderBytes), file);
        var toc = IndexToc.Read(loaded.Span(tocOffset, IndexFormat.TocBytes), file);
        var symbols = SymbolReader.OpenAsync(ranges, file, version, toc, cancellationToken).AsTask();
        var table = PostingsTableReader.OpenAsync(ranges, file, version, toc, cancellationToken).AsTask();
        await Task.WhenAll(symbols, table);
        return new IndexReader(ranges, file, version, toc, await symbols, await table);
    }

    /// <summary>The lists of some values of a label; values that nobody has are left out.</summary>
    public ValueTask<List<LabelPostings>> FindLabelsAsync(
        string name,
        IReadOnlyCollection<string> values,
        CancellationToken cancellationToken
    ) => table.FindAsync(name, values, cancellationToken);

    /// <summary>The lists of all values of a label that begin with a prefix and satisfy a condition, in order.</summary>
    public ValueTask<List<LabelPostings>> ScanLabelsAsync(
        string name,
        string prefix,
        Func<string, bool>? condition,
        CancellationToken cancellationToken
    ) => table.ScanAsync(name, prefix, condition, cancellationToken);

    /// <summary>All series, ascending.</summary>
    public async ValueTask<uint[]> ReadAllSeriesAsync(CancellationToken cancellationToken)
    {
        var all = await table.FindAsync("", [""], cancellationToken);
        return await ReadPostingsAsync(all, cancellationToken);
    }

    /// <summary>Where the list of all series lies; null when there is none.</summary>
    public async ValueTask<LabelPostings?> FindAllSeriesAsync(CancellationToken cancellationToken) =>
        await table.FindAsync("", [""], cancellationToken) is [var all, ..] ? Checked(all) : null;

    /// <summary>The series of any of some lists, ascending.</summary>
    public async ValueTask<uint[]> ReadPostingsAsync(
        IReadOnlyList<LabelPostings> lists,
        CancellationToken cancellationToken
    ) => PostingsLists.Union(await ReadListsAsync([.. lists.OrderBy(list => list.OffsetBytes)], cancellationToken));

    /// <summary>The series of each of some lists, which are ordered by their places.</summary>
    public async ValueTask<List<uint[]>> ReadListsAsync(
        IReadOnlyList<LabelPostings> sorted,
        CancellationToken cancellationToken
    )
    {
        var decoded = new List<uint[]>(sorted.Count);
        for (var first = 0; first < sorted.Count; )
        {
            var batch = new List<ByteRange>();
            var next = first;
            for (long bytes = 0; next < sorted.Count && bytes < ListsBatchBytes; next++)
            {
                batch.Add(RangeOf(sorted[next]));
                bytes += batch[^1].LengthBytes;
            }
            var loaded = await ranges.LoadAsync(File, batch, cancellationToken);
            for (; first < next; first++)
            {
                decoded.Add(await ReadListAsync(loaded, sorted[first].OffsetBytes, cancellationToken));
            }
        }
        return decoded;
    }

    /// <summary>Reads some series.</summary>
    /// <param name="references">Which, ascending; at most a few thousand.</param>
    /// <param name="batch">Where they go; what was there is forgotten.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask ReadSeriesAsync(
        ReadOnlyMemory<uint> references,
        SeriesBatch batch,
        CancellationToken cancellationToken
    )
    {
        batch.Clear();
        var wanted = new ByteRange[references.Length];
        var end = 0L;
        for (var i = 0; i < wanted.Length; i++)
        {
            var offset = SeriesOffset(references.Span[i], out end);
            wanted[i] = new ByteRange(offset, Math.Min(GuessBytes, end - offset));
        }
        var loaded = await ranges.LoadAsync(File, wanted, cancellationToken);
        for (var i = 0; i < wanted.Length; i++)
        {
            var head = loaded.Span(wanted[i].OffsetBytes, (int)Math.Min(wanted[i].LengthBytes, 10));
            var (start, length) = SeriesExtent(head, wanted[i].OffsetBytes, end);
            var source = loaded;
            if (!loaded.Has(start, length + sizeof(uint)))
            {
                ByteRange[] rest = [new(start, length + sizeof(uint))];
                source = await ranges.LoadAsync(File, rest, cancellationToken);
            }
            var bytes = source.Span(start, length + sizeof(uint));
            Check(bytes, start, "series");
            batch.Add(references.Span[i], bytes[..length], File.Name, start);
        }
    }

    /// <summary>Reads the texts of some symbols, ascending, that <paramref name="texts"/> may have already.</summary>
    public ValueTask ReadSymbolsAsync(
        IReadOnlyList<uint> wanted,
        Dictionary<uint, string> texts,
        CancellationToken cancellationToken
    ) => symbols.ReadAsync(wanted, texts, cancellationToken);

    /// <summary>Where the entry of a series begins, and all entries end.</summary>
    /// <exception cref="CorruptDataException">It lies elsewhere.</exception>
    public long SeriesOffset(uint reference, out long end)
    {
        var offset = Version == IndexFormat.Version1 ? reference : (long)reference * IndexFormat.SeriesAlignment;
        end = toc.EndOf(toc.Series);
        return toc.Series != 0 && offset >= toc.Series && offset < end
            ? offset
            : throw new CorruptDataException(File.Name, offset, "a series is named that cannot be here");
    }

    /// <summary>Where the content of a series begins, and how long it is, without its checksum.</summary>
    /// <param name="head">The first bytes of the entry; ten, if there are so many.</param>
    /// <param name="offset">Where the entry begins.</param>
    /// <param name="end">Where all entries end.</param>
    /// <exception cref="CorruptDataException">It does not fit.</exception>
    public (long Start, int Length) SeriesExtent(ReadOnlySpan<byte> head, long offset, long end)
    {
        var at = 0;
        var known = PartialReading.TryUvarint(head, ref at, out var length);
        var room = end - offset - at - sizeof(uint);
        return known && length <= IndexFormat.MaxSeriesBytes && (long)length <= room
            ? (offset + at, (int)length)
            : throw new CorruptDataException(File.Name, offset, $"a series of {length} bytes is not here");
    }

    /// <summary>How many bytes of postings a list has.</summary>
    /// <param name="head">Its length and its count.</param>
    /// <param name="offset">Where it begins.</param>
    /// <exception cref="CorruptDataException">It does not fit.</exception>
    public long PostingsBytes(ReadOnlySpan<byte> head, long offset)
    {
        var length = BinaryPrimitives.ReadUInt32BigEndian(head);
        if (length < sizeof(uint) || length > toc.EndOf(offset) - offset - (2 * sizeof(uint)))
        {
            throw new CorruptDataException(File.Name, offset, $"postings of {length} bytes do not fit here");
        }
        var count = BinaryPrimitives.ReadUInt32BigEndian(head[sizeof(uint)..]);
        return count == (length / sizeof(uint)) - 1 && length % sizeof(uint) == 0
            ? length - sizeof(uint)
            : throw new CorruptDataException(File.Name, offset + sizeof(uint), $"{count} postings in {length} bytes");
    }

    /// <summary>Compares content with the checksum behind it.</summary>
    /// <exception cref="CorruptDataException">It is another one.</exception>
    public void Check(ReadOnlySpan<byte> contentAndChecksum, long offset, string what)
    {
        var content = contentAndChecksum[..^sizeof(uint)];
        if (Crc32C.Compute(content) != BinaryPrimitives.ReadUInt32BigEndian(contentAndChecksum[^sizeof(uint)..]))
        {
            throw new CorruptDataException(File.Name, offset, $"the checksum of the {what} is wrong");
        }
    }

    private static int ReadVersion(ReadOnlySpan<byte> header, BlobFile file)
    {
        var reader = new ByteReader(header, file.Name);
        var magic = reader.ReadUInt32();
        if (magic != IndexFormat.Magic)
        {
            throw new CorruptDataException(file.Name, 0, $"magic number {magic:x8}: this is no index");
        }
        var version = reader.ReadByte();
        return version is IndexFormat.Version1 or IndexFormat.Version2
            ? version
            : throw new CorruptDataException(file.Name, 4, $"index version {version} is not known");
    }

    private LabelPostings Checked(LabelPostings list) =>
        list.OffsetBytes >= IndexFormat.HeaderBytes
        && toc.EndOf(list.OffsetBytes) - list.OffsetBytes >= 3 * sizeof(uint)
            ? list
            : throw new CorruptDataException(File.Name, list.OffsetBytes, "there is no room for postings here");

    private ByteRange RangeOf(LabelPostings list)
    {
        var end = toc.EndOf(Checked(list).OffsetBytes);
        var length = list.LengthBytes > 0 ? list.LengthBytes : GuessBytes;
        return new ByteRange(list.OffsetBytes, Math.Min(length, end - list.OffsetBytes));
    }

    private async ValueTask<uint[]> ReadListAsync(LoadedRanges loaded, long offset, CancellationToken cancellationToken)
    {
        // RangeOf left room for a list without postings at least.
        var postings = PostingsBytes(loaded.Span(offset, 2 * sizeof(uint)), offset);
        var start = offset + sizeof(uint);
        var total = checked((int)postings + (2 * sizeof(uint)));
        if (!loaded.Has(start, total))
        {
            ByteRange[] rest = [new(start, total)];
            loaded = await ranges.LoadAsync(File, rest, cancellationToken);
        }
        var bytes = loaded.Span(start, total);
        Check(bytes, start, "postings");
        return Decode(bytes[sizeof(uint)..^sizeof(uint)], start + sizeof(uint));
    }

    private uint[] Decode(ReadOnlySpan<byte> bytes, long offset)
    {
        var series = new uint[bytes.Length / sizeof(uint)];
        for (var i = 0; i < series.Length; i++)
        {
            series[i] = BinaryPrimitives.ReadUInt32BigEndian(bytes[(i * sizeof(uint))..]);
            if (i > 0 && series[i] <= series[i - 1])
            {
                throw new CorruptDataException(File.Name, offset + (i * sizeof(uint)), "postings are not in order");
            }
        }
        return series;
    }
}
