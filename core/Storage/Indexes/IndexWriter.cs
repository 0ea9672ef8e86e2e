using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>Writes a block's index, version 2, front to back, in memory that grows with labels and series, not with entries.</summary>
/// <remarks>
/// Order of calls: <see cref="BeginAsync"/>; <see cref="AddSeries"/> for each series in order, with
/// <see cref="BlobUpload.FlushAsync"/> of the upload whenever it wants that; <see cref="FinishAsync"/>.
/// </remarks>
internal sealed class IndexWriter : IDisposable
{
    /// <summary>Postings of a list that are written at once.</summary>
    private const int PostingsPerPiece = 16 * 1024;

    private readonly BlobUpload output;
    private readonly SymbolTable symbols;
    private readonly PostingsCollector postings;
    private readonly ByteWriter entry = new(1024);
    private readonly bool emptyFirst;
    private LabelRef[] last = [];
    private int lastLength = -1;
    private ulong lastReference;
    private long symbolsOffset;
    private long seriesOffset;

    /// <summary>An index with these symbols.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="symbols">The texts of all labels of all series.</param>
    /// <param name="options">Bounds of memory.</param>
    public IndexWriter(BlobUpload output, SymbolTable symbols, IndexWriterOptions options)
    {
        this.output = output;
        this.symbols = symbols;
        emptyFirst = symbols.Count > 0 && symbols[0].IsEmpty;
        postings = new PostingsCollector(options.Folder, options.ScratchMemoryBytes, options.PostingsPerPass);
    }

    /// <summary>Series so far.</summary>
    public int SeriesCount => postings.Series.Length;

    /// <summary>Bytes of the largest entry of a series.</summary>
    public int LargestSeriesBytes { get; private set; }

    /// <summary>Writes the header and the symbols.</summary>
    public async ValueTask BeginAsync(CancellationToken cancellationToken)
    {
        output.WriteUInt32(IndexFormat.Magic);
        output.WriteByte(IndexFormat.Version2);
        symbolsOffset = output.Position;
        long length = sizeof(uint);
        for (var i = 0u; i < symbols.Count; i++)
        {
            var text = symbols[i].Length;
            length += UvarintBytes((ulong)text) + text;
        }
        output.WriteUInt32(checked((uint)length));
        var checksum = WriteChecked(0, (uint)symbols.Count);
        for (var i = 0u; i < symbols.Count; i++)
        {
            entry.Clear();
            entry.WriteUvarint((ulong)symbols[i].Length);
            entry.WriteBytes(symbols[i]);
            checksum = WriteChecked(checksum);
            if (output.WantsFlush)
            {
                await output.FlushAsync(cancellationToken);
            }
        }
        output.WriteUInt32(checksum);
        seriesOffset = output.Position;
    }

    /// <summary>Adds the next series.</summary>
    /// <param name="labels">Its labels, sorted, by the numbers of their symbols; greater than those of the last series.</param>
    /// <param name="chunks">Its chunks, by time and by place.</param>
    /// <exception cref="ArgumentException">Something is out of order.</exception>
    public void AddSeries(ReadOnlySpan<LabelRef> labels, ReadOnlySpan<ChunkPlace> chunks)
    {
        CheckLabels(labels);
        CheckChunks(chunks);
        output.Align(IndexFormat.SeriesAlignment);
        if (output.Position > IndexFormat.MaxFileBytes)
        {
            throw new InvalidOperationException($"{output.Name}: an index cannot be larger than 64 GiB");
        }
        postings.Add((uint)(output.Position / IndexFormat.SeriesAlignment), labels);
        entry.Clear();
        entry.WriteUvarint((ulong)labels.Length);
        foreach (var label in labels)
        {
            entry.WriteUvarint(label.Name);
            entry.WriteUvarint(label.Value);
        }
        PutChunks(chunks);
        Span<byte> prefix = stackalloc byte[10];
        var prefixBytes = PutUvarint(prefix, (ulong)entry.Length);
        output.Write(prefix[..prefixBytes]);
        output.Write(entry.WrittenSpan);
        output.WriteUInt32(Crc32C.Compute(entry.WrittenSpan));
        LargestSeriesBytes = Math.Max(LargestSeriesBytes, prefixBytes + entry.Length + sizeof(uint));
        Remember(labels);
    }

    /// <summary>Writes the postings, their table and the table of contents, and ends the blob.</summary>
    public async Task<BlobFile> FinishAsync(CancellationToken cancellationToken)
    {
        var labelIndices = output.Position;
        output.Align(IndexFormat.PostingsAlignment);
        var plan = postings.Complete();
        var listsOffset = output.Position;
        await WriteListAsync(postings.Series, cancellationToken);
        for (var first = 0; first < plan.Count; )
        {
            var end = postings.PassEnd(plan, first);
            var lists = postings.Fill(plan, first, end);
            var from = 0;
            for (; first < end; first++)
            {
                await WriteListAsync(lists.AsMemory(from, plan.Lengths[first]), cancellationToken);
                from += plan.Lengths[first];
            }
        }
        var table = output.Position;
        await WriteTableAsync(plan, listsOffset, cancellationToken);
        // Nobody reads label indices any more; the two places say that they are empty.
        WriteToc(symbolsOffset, seriesOffset, labelIndices, table, listsOffset, table);
        return await output.CommitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => postings.Dispose();

    private static int UvarintBytes(ulong value)
    {
        var count = 1;
        for (; value >= 0x80; value >>= 7)
        {
            count++;
        }
        return count;
    }

    private static int PutUvarint(Span<byte> target, ulong value)
    {
        var used = 0;
        for (; value >= 0x80; value >>= 7)
        {
            target[used++] = (byte)(value | 0x80);
        }
        target[used++] = (byte)value;
        return used;
    }

    private void CheckLabels(ReadOnlySpan<LabelRef> labels)
    {
        for (var i = 0; i < labels.Length; i++)
        {
            var (name, value) = labels[i];
            if (name >= symbols.Count || value >= symbols.Count)
            {
                throw new ArgumentException($"series {SeriesCount}: label {i} has no symbol", nameof(labels));
            }
            if ((emptyFirst && (name == 0 || value == 0)) || (i > 0 && name <= labels[i - 1].Name))
            {
                throw new ArgumentException(
                    $"series {SeriesCount}: label {i} is empty or not in order",
                    nameof(labels)
                );
            }
        }
        if (lastLength >= 0 && LabelRef.Compare(last.AsSpan(0, lastLength), labels) >= 0)
        {
            throw new ArgumentException($"series {SeriesCount} is not greater than the one before", nameof(labels));
        }
    }

    private void CheckChunks(ReadOnlySpan<ChunkPlace> chunks)
    {
        var lastMax = long.MinValue;
        foreach (var chunk in chunks)
        {
            if (chunk.MaxMs < chunk.MinMs || (lastMax != long.MinValue && chunk.MinMs <= lastMax))
            {
                throw new ArgumentException($"series {SeriesCount}: chunks are not in order", nameof(chunks));
            }
            if (chunk.Reference <= lastReference)
            {
                throw new ArgumentException($"series {SeriesCount}: chunks lie out of order", nameof(chunks));
            }
            lastMax = chunk.MaxMs;
            lastReference = chunk.Reference;
        }
    }

    private void PutChunks(ReadOnlySpan<ChunkPlace> chunks)
    {
        entry.WriteUvarint((ulong)chunks.Length);
        var before = default(ChunkPlace);
        for (var i = 0; i < chunks.Length; i++)
        {
            var chunk = chunks[i];
            if (i == 0)
            {
                entry.WriteVarint(chunk.MinMs);
                entry.WriteUvarint((ulong)(chunk.MaxMs - chunk.MinMs));
                entry.WriteUvarint(chunk.Reference);
            }
            else
            {
                entry.WriteUvarint((ulong)(chunk.MinMs - before.MaxMs));
                entry.WriteUvarint((ulong)(chunk.MaxMs - chunk.MinMs));
                entry.WriteVarint((long)(chunk.Reference - before.Reference));
            }
            before = chunk;
        }
    }

    private void Remember(ReadOnlySpan<LabelRef> labels)
    {
        if (last.Length < labels.Length)
        {
            last = new LabelRef[labels.Length * 2];
        }
        labels.CopyTo(last);
        lastLength = labels.Length;
    }

    private async ValueTask WriteListAsync(ReadOnlyMemory<uint> series, CancellationToken cancellationToken)
    {
        output.Align(IndexFormat.PostingsAlignment);
        output.WriteUInt32((uint)(series.Length + 1) * sizeof(uint));
        var checksum = WriteChecked(0, (uint)series.Length);
        while (series.Length > 0)
        {
            var count = Math.Min(series.Length, PostingsPerPiece);
            PutPostings(series.Span[..count]);
            checksum = WriteChecked(checksum);
            series = series[count..];
            if (output.WantsFlush)
            {
                await output.FlushAsync(cancellationToken);
            }
        }
        output.WriteUInt32(checksum);
    }

    private void PutPostings(ReadOnlySpan<uint> series)
    {
        entry.Clear();
        var target = entry.Reserve(series.Length * sizeof(uint));
        for (var i = 0; i < series.Length; i++)
        {
            BinaryPrimitives.WriteUInt32BigEndian(target[(i * sizeof(uint))..], series[i]);
        }
        entry.Advance(series.Length * sizeof(uint));
    }

    /// <summary>The table: for each label, that of all series first, where its list is.</summary>
    private async ValueTask WriteTableAsync(PostingsPlan plan, long listsOffset, CancellationToken cancellationToken)
    {
        long length = sizeof(uint);
        var list = listsOffset;
        for (var i = -1; i < plan.Count; i++)
        {
            list = PutTableEntry(plan, i, list);
            length += entry.Length;
        }
        output.WriteUInt32(checked((uint)length));
        var checksum = WriteChecked(0, (uint)plan.Count + 1);
        list = listsOffset;
        for (var i = -1; i < plan.Count; i++)
        {
            list = PutTableEntry(plan, i, list);
            checksum = WriteChecked(checksum);
            if (output.WantsFlush)
            {
                await output.FlushAsync(cancellationToken);
            }
        }
        output.WriteUInt32(checksum);
    }

    /// <summary>Puts the entry of a label (−1: all series) whose list is at an offset; returns where the next list is.</summary>
    private long PutTableEntry(PostingsPlan plan, int label, long listOffset)
    {
        entry.Clear();
        entry.WriteUvarint(2);
        PutSymbol(label < 0 ? [] : symbols[(uint)(plan.Keys[label] >> 32)]);
        PutSymbol(label < 0 ? [] : symbols[(uint)plan.Keys[label]]);
        entry.WriteUvarint((ulong)listOffset);
        var entries = label < 0 ? SeriesCount : plan.Lengths[label];
        // Length, count, entries, checksum: a multiple of the alignment.
        return listOffset + (sizeof(uint) * (entries + 3L));
    }

    private void PutSymbol(ReadOnlySpan<byte> text)
    {
        entry.WriteUvarint((ulong)text.Length);
        entry.WriteBytes(text);
    }

    private void WriteToc(params ReadOnlySpan<long> offsets)
    {
        entry.Clear();
        foreach (var offset in offsets)
        {
            entry.WriteUInt64((ulong)offset);
        }
        output.WriteUInt32(WriteChecked(0));
    }

    private uint WriteChecked(uint checksum, uint number)
    {
        entry.Clear();
        entry.WriteUInt32(number);
        return WriteChecked(checksum);
    }

    /// <summary>Writes the entry and returns the checksum with it.</summary>
    private uint WriteChecked(uint checksum)
    {
        output.Write(entry.WrittenSpan);
        return Crc32C.Append(checksum, entry.WrittenSpan);
    }
}
