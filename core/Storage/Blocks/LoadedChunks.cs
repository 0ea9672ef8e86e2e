using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.Storage.Chunks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>Chunks that are in memory. Not safe for several threads.</summary>
internal sealed class LoadedChunks(int segments)
{
    /// <summary>Bytes of the smallest chunk with its length, encoding and checksum.</summary>
    public const int MinBytes = 2 + sizeof(uint);

    private readonly List<LoadedRanges>?[] loaded = new List<LoadedRanges>?[segments];

    /// <summary>Adds bytes of a segment.</summary>
    public void Add(int segment, LoadedRanges ranges) => (loaded[segment] ??= []).Add(ranges);

    /// <summary>A chunk that was loaded.</summary>
    /// <exception cref="CorruptDataException">It is damaged.</exception>
    public EncodedChunk Get(ChunkPlace place)
    {
        var ranges = Find(place, out var start, out var length);
        return Checked(ranges.File, ranges.Span(start, length), start);
    }

    /// <summary>A chunk that was loaded, as a value that stays, and where its bytes lie in the segment.</summary>
    /// <exception cref="CorruptDataException">It is damaged, or of an unknown encoding.</exception>
    public (ChunkData Data, long OffsetBytes) Data(ChunkPlace place)
    {
        var ranges = Find(place, out var start, out var length);
        var bytes = ranges.Memory(start, length);
        var chunk = Checked(ranges.File, bytes.Span, start);
        if (!chunk.IsFloat && !chunk.IsHistogram)
        {
            throw chunk.Corrupt(-1, $"chunk encoding {chunk.Encoding} is not known");
        }
        var count = chunk.SampleCount;
        var data = new ChunkData(chunk.Encoding, place.MinMs, place.MaxMs, count, bytes[1..^sizeof(uint)]);
        return (data, start + 1);
    }

    private LoadedRanges Find(ChunkPlace place, out long start, out int length)
    {
        foreach (var ranges in loaded[place.Segment] ?? [])
        {
            if (!ranges.Has(place.OffsetBytes, MinBytes))
            {
                continue;
            }
            (start, length) = Extent(ranges, place.OffsetBytes);
            if (ranges.Has(place.OffsetBytes, start - place.OffsetBytes + length))
            {
                return ranges;
            }
        }
        throw new InvalidOperationException($"the chunk at {place.OffsetBytes} was not loaded");
    }

    /// <summary>Where a chunk's encoding byte is, and how many bytes there are from it on, checksum included.</summary>
    public static (long Start, int Length) Extent(LoadedRanges ranges, long offset) =>
        Extent(ranges.Span(offset, HeadBytes(ranges.File, offset)), ranges.File, offset);

    /// <summary>The same, of a chunk of which <see cref="HeadBytes"/> are at hand.</summary>
    public static (long Start, int Length) Extent(ReadOnlySpan<byte> head, BlobFile file, long offset)
    {
        var room = file.LengthBytes - offset;
        var at = 0;
        var known = PartialReading.TryUvarint(head, ref at, out var length);
        return known && length <= SegmentFormat.MaxChunkBytes && (long)length + at + 1 + sizeof(uint) <= room
            ? (offset + at, (int)length + 1 + sizeof(uint))
            : throw new CorruptDataException(file.Name, offset, "there is no chunk of this length here");
    }

    /// <summary>How many bytes tell a chunk's length: a chunk has at least six, so five can be looked at, the longest length.</summary>
    public static int HeadBytes(BlobFile file, long offset) => (int)Math.Min(5, file.LengthBytes - offset);

    /// <summary>The chunk in some bytes, from its encoding to its checksum.</summary>
    /// <exception cref="CorruptDataException">It is damaged.</exception>
    public static EncodedChunk Checked(BlobFile file, ReadOnlySpan<byte> bytes, long start)
    {
        var content = bytes[..^sizeof(uint)];
        if (Crc32C.Compute(content) != BinaryPrimitives.ReadUInt32BigEndian(bytes[^sizeof(uint)..]))
        {
            throw new CorruptDataException(file.Name, start, "the checksum of the chunk is wrong");
        }
        return new EncodedChunk((ChunkEncoding)content[0], content[1..], file.Name, start + 1);
    }
}
