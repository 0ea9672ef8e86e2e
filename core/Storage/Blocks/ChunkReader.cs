using Tributary.Binary;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Stores;

namespace Tributary.Storage.Blocks;

/// <summary>Reads chunks of a block's segments by few, coalesced requests. Safe for several threads.</summary>
/// <param name="ranges">Where from.</param>
/// <param name="segments">The segments in their order.</param>
/// <param name="block">What the names of the block's files begin with; for errors.</param>
internal sealed class ChunkReader(RangeReader ranges, IReadOnlyList<BlobFile> segments, string block)
{
    /// <summary>What is read of a chunk whose length nothing tells.</summary>
    private const int GuessBytes = 1280;

    /// <summary>Two chunks that lie closer are taken to be neighbours.</summary>
    private const int NeighbourBytes = 64 * 1024;

    private readonly RangeReader ranges = ranges;
    private readonly string block = block;

    /// <summary>Where they are read from.</summary>
    public IBlobStore Store => ranges.Store;

    /// <summary>The segments in their order.</summary>
    public IReadOnlyList<BlobFile> Segments { get; } = segments;

    /// <summary>Brings chunks into memory; the caller bounds their number.</summary>
    /// <param name="chunks">The chunks, in any order.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask<LoadedChunks> LoadAsync(
        IReadOnlyList<ChunkPlace> chunks,
        CancellationToken cancellationToken
    )
    {
        var loaded = new LoadedChunks(Segments.Count);
        foreach (var group in chunks.GroupBy(chunk => chunk.Segment))
        {
            var segment = SegmentOf(group.First());
            var offsets = group.Select(chunk => (long)chunk.OffsetBytes).Order().ToList();
            var first = await ranges.LoadAsync(segment, Guess(segment, offsets), cancellationToken);
            loaded.Add(group.Key, first);
            var rest = Rest(first, offsets);
            if (rest.Count > 0)
            {
                loaded.Add(group.Key, await ranges.LoadAsync(segment, rest, cancellationToken));
            }
        }
        return loaded;
    }

    /// <summary>The segment in which a chunk lies.</summary>
    /// <exception cref="CorruptDataException">There is none.</exception>
    public BlobFile SegmentOf(ChunkPlace chunk) =>
        chunk.Segment < Segments.Count
            ? Segments[chunk.Segment]
            : throw new CorruptDataException(
                block + BlockPaths.Index,
                0,
                $"a chunk lies in segment {chunk.Segment + 1}, but there are {Segments.Count}"
            );

    /// <summary>How many bytes of a segment follow, where a chunk begins.</summary>
    /// <exception cref="CorruptDataException">They are too few for one.</exception>
    public static long Room(BlobFile segment, long offset)
    {
        var room = segment.LengthBytes - offset;
        return offset >= SegmentFormat.HeaderBytes && room >= LoadedChunks.MinBytes
            ? room
            : throw new CorruptDataException(segment.Name, offset, "the index names a chunk that cannot be here");
    }

    private static List<ByteRange> Guess(BlobFile segment, List<long> offsets)
    {
        var wanted = new List<ByteRange>(offsets.Count);
        for (var i = 0; i < offsets.Count; i++)
        {
            var room = Room(segment, offsets[i]);
            var next = i + 1 < offsets.Count ? offsets[i + 1] - offsets[i] : 0;
            wanted.Add(new ByteRange(offsets[i], Math.Min(next is > 0 and < NeighbourBytes ? next : GuessBytes, room)));
        }
        return wanted;
    }

    /// <summary>The chunks that turned out longer than was guessed.</summary>
    private static List<ByteRange> Rest(LoadedRanges loaded, List<long> offsets)
    {
        var rest = new List<ByteRange>();
        foreach (var offset in offsets)
        {
            var (start, length) = LoadedChunks.Extent(loaded, offset);
            if (!loaded.Has(offset, start - offset + length))
            {
                rest.Add(new ByteRange(offset, start - offset + length));
            }
        }
        return rest;
    }
}
