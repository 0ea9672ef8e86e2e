using Tributary.Storage.Files;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>Reads the chunks of a block one by one, mostly front to back; its memory is one window. For one reader at a time.</summary>
/// <param name="chunks">The chunks.</param>
/// <param name="windowBytes">How much is read at once.</param>
internal sealed class ChunkCursor(ChunkReader chunks, int windowBytes)
{
    private ForwardReader? segment;
    private ReadOnlyMemory<byte> bytes;
    private long start;

    /// <summary>The chunk; valid until the next one is read.</summary>
    /// <exception cref="Binary.CorruptDataException">It is damaged.</exception>
    public EncodedChunk Current => LoadedChunks.Checked(segment!.File, bytes.Span, start);

    /// <summary>Goes to a chunk.</summary>
    /// <exception cref="Binary.CorruptDataException">There is none.</exception>
    public async ValueTask ReadAsync(ChunkPlace place, CancellationToken cancellationToken)
    {
        var file = chunks.SegmentOf(place);
        if (!ReferenceEquals(segment?.File, file))
        {
            segment = new ForwardReader(chunks.Store, file, windowBytes);
        }
        ChunkReader.Room(file, place.OffsetBytes);
        var headBytes = LoadedChunks.HeadBytes(file, place.OffsetBytes);
        var head = await segment!.ReadAsync(place.OffsetBytes, headBytes, cancellationToken);
        (start, var length) = LoadedChunks.Extent(head.Span, file, place.OffsetBytes);
        bytes = await segment.ReadAsync(start, length, cancellationToken);
    }
}
