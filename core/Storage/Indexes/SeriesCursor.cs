using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Storage.Files;

namespace Tributary.Storage.Indexes;

/// <summary>Goes through all series of an index in order: the list of all series and their entries, both front to back.</summary>
/// <remarks>Its memory is two windows, whatever the number of series. What is read is checked against its checksum.</remarks>
internal sealed class SeriesCursor
{
    private const int ListBytes = 64 * 1024;
    private const int MostHeadBytes = 10;

    private readonly IndexReader index;
    private readonly ForwardReader list;
    private readonly ForwardReader entries;
    private readonly SeriesBatch series = new();
    private ReadOnlyMemory<byte> piece;
    private long next;
    private long listEnd;
    private uint checksum;
    private long last = -1;

    private SeriesCursor(IndexReader index, int windowBytes)
    {
        this.index = index;
        list = new ForwardReader(index.Store, index.File, Math.Min(ListBytes, windowBytes));
        entries = new ForwardReader(index.Store, index.File, windowBytes);
    }

    /// <summary>The reference of the series.</summary>
    public uint Reference => series.Reference(0);

    /// <summary>Where its entry lies in the index.</summary>
    public long OffsetBytes => series.Offset(0);

    /// <summary>Its labels; valid until the next move.</summary>
    public ReadOnlySpan<LabelRef> Labels => series.Labels(0);

    /// <summary>How many chunks it has.</summary>
    public int ChunkCount => series.Chunks(0).Length;

    /// <summary>One of its chunks.</summary>
    public ChunkPlace Chunk(int number) => series.Chunks(0)[number];

    /// <summary>A cursor before the first series.</summary>
    /// <param name="index">The index.</param>
    /// <param name="windowBytes">How much is read at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="CorruptDataException">The list of all series is damaged.</exception>
    public static async ValueTask<SeriesCursor> OpenAsync(
        IndexReader index,
        int windowBytes,
        CancellationToken cancellationToken
    )
    {
        var cursor = new SeriesCursor(index, windowBytes);
        if (await index.FindAllSeriesAsync(cancellationToken) is { } all)
        {
            const int head = 2 * sizeof(uint);
            var bytes = await cursor.list.ReadAsync(all.OffsetBytes, head, cancellationToken);
            cursor.next = all.OffsetBytes + head;
            cursor.listEnd = cursor.next + index.PostingsBytes(bytes.Span, all.OffsetBytes);
            cursor.checksum = Crc32C.Compute(bytes.Span[sizeof(uint)..]);
        }
        return cursor;
    }

    /// <summary>Goes on to the next series; false behind the last one.</summary>
    /// <exception cref="CorruptDataException">The index is damaged.</exception>
    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        if (piece.IsEmpty && !await MoreAsync(cancellationToken))
        {
            return false;
        }
        var reference = BinaryPrimitives.ReadUInt32BigEndian(piece.Span);
        if (reference <= last)
        {
            throw new CorruptDataException(index.File.Name, next - piece.Length, "postings are not in order");
        }
        last = reference;
        piece = piece[sizeof(uint)..];
        var offset = index.SeriesOffset(reference, out var end);
        var headBytes = (int)Math.Min(MostHeadBytes, end - offset);
        var head = await entries.ReadAsync(offset, headBytes, cancellationToken);
        var (start, length) = index.SeriesExtent(head.Span, offset, end);
        var bytes = await entries.ReadAsync(start, length + sizeof(uint), cancellationToken);
        index.Check(bytes.Span, start, "series");
        series.Clear();
        series.Add(reference, bytes.Span[..length], index.File.Name, start);
        return true;
    }

    /// <summary>Brings more of the list; false at its end, where the checksum was right.</summary>
    private async ValueTask<bool> MoreAsync(CancellationToken cancellationToken)
    {
        if (next < listEnd)
        {
            var count = (int)Math.Min(ListBytes / 2, listEnd - next);
            piece = await list.ReadAsync(next, count, cancellationToken);
            checksum = Crc32C.Append(checksum, piece.Span);
            next += count;
            return true;
        }
        if (listEnd > 0)
        {
            var stored = await list.ReadAsync(listEnd, sizeof(uint), cancellationToken);
            if (BinaryPrimitives.ReadUInt32BigEndian(stored.Span) != checksum)
            {
                throw new CorruptDataException(index.File.Name, listEnd, "the checksum of the postings is wrong");
            }
        }
        return false;
    }
}
