using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Files;

/// <summary>Reads a blob that never changes, mostly front to back, through one buffer that moves along. For one reader at a time.</summary>
/// <remarks>What is read again far behind or ahead costs a request. No page cache: nobody comes back to what was read.</remarks>
/// <param name="store">The store.</param>
/// <param name="file">The blob.</param>
/// <param name="windowBytes">How much a request reads, and the buffer holds; more for a larger piece.</param>
internal sealed class ForwardReader(IBlobStore store, BlobFile file, int windowBytes)
{
    private byte[] buffer = [];
    private long start;
    private int length;

    /// <summary>The blob.</summary>
    public BlobFile File => file;

    /// <summary>Bytes of memory.</summary>
    public long MemoryBytes => buffer.Length;

    /// <summary>Some bytes, valid until the next call; the caller bounds their number.</summary>
    /// <exception cref="CorruptDataException">The blob is shorter than it should be.</exception>
    /// <exception cref="StoreException">The blob is not there, or cannot be read.</exception>
    public ValueTask<ReadOnlyMemory<byte>> ReadAsync(long offsetBytes, int count, CancellationToken cancellationToken)
    {
        return offsetBytes >= start && offsetBytes + count <= start + length
            ? ValueTask.FromResult<ReadOnlyMemory<byte>>(buffer.AsMemory((int)(offsetBytes - start), count))
            : MoveAsync(offsetBytes, count, cancellationToken);
    }

    private async ValueTask<ReadOnlyMemory<byte>> MoveAsync(
        long offsetBytes,
        int count,
        CancellationToken cancellationToken
    )
    {
        if (offsetBytes < 0 || count < 0 || offsetBytes + count > file.LengthBytes)
        {
            throw new CorruptDataException(
                file.Name,
                offsetBytes,
                $"{count} bytes are wanted here, the blob has {file.LengthBytes}"
            );
        }
        var kept = offsetBytes >= start && offsetBytes < start + length ? (int)(start + length - offsetBytes) : 0;
        var window = (int)Math.Min(Math.Max(count, windowBytes), file.LengthBytes - offsetBytes);
        var target = buffer.Length >= window ? buffer : new byte[window];
        buffer.AsSpan(length - kept, kept).CopyTo(target);
        (buffer, start, length) = (target, offsetBytes, kept);
        var read = await store.ReadAsync(
            file.Name,
            offsetBytes + kept,
            buffer.AsMemory(kept, window - kept),
            null,
            cancellationToken
        );
        length += read;
        return length >= count
            ? buffer.AsMemory(0, count)
            : throw new CorruptDataException(
                file.Name,
                offsetBytes + length,
                $"the blob ends here, but should have {file.LengthBytes} bytes"
            );
    }
}
