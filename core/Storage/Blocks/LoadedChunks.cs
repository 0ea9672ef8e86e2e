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
        foreach (var ranges in loaded[place.Segment] ?? [])
        {
            if (!ranges.Has(place.OffsetBytes, MinBytes))
            {
                continue;
            }
            var (start, length) = Extent(ranges, place.OffsetBytes);
            if (ranges.Has(place.OffsetBytes, start - place.OffsetBytes + length))
            {
                return Decode(ranges, start, length);
            }
        }
        throw new InvalidOperationException($"the chunk at {place.OffsetBytes} was not loaded");
    }

    /// <summary>Where a chunk's encoding byte is, and how many bytes there are from it on, checksum included.</summary>
    public static (long Start, int Length) Extent(LoadedRanges ranges, long offset)
    {
        var file = ranges.File;
        var room = file.LengthBytes - offset;
        // A chunk has at least six bytes, so five can be looked at, which is the longest length.
        var head = ranges.Span(offset, (int)Math.Min(5, room));
        var at = 0;
        var known = PartialReading.TryUvarint(head, ref at, out var length);
        return known && length <= SegmentFormat.MaxChunkBytes && (long)length + at + 1 + sizeof(uint) <= room
            ? (offset + at, (int)length + 1 + sizeof(uint))
            : throw new CorruptDataException(file.Name, offset, "there is no chunk of this length here");
    }

    private static EncodedChunk Decode(LoadedRanges ranges, long start, int length)
    {
        var bytes = ranges.Span(start, length);
        var content = bytes[..^sizeof(uint)];
        if (Crc32C.Compute(content) != BinaryPrimitives.ReadUInt32BigEndian(bytes[^sizeof(uint)..]))
        {
            throw new CorruptDataException(ranges.File.Name, start, "the checksum of the chunk is wrong");
        }
        return new EncodedChunk((ChunkEncoding)content[0], content[1..], ranges.File.Name, start + 1);
    }
}
