using Tributary.Binary;
using Tributary.Storage.Files;
using Tributary.Stores;

namespace Tributary.Storage.Blocks;

/// <summary>Writes the chunks of a block into segments, each up to its largest size.</summary>
/// <param name="store">Where.</param>
/// <param name="prefix">What the names of the block's files begin with.</param>
/// <param name="upload">A random number.</param>
/// <param name="maxSegmentBytes">The largest segment.</param>
internal sealed class SegmentWriter(IBlobStore store, string prefix, ulong upload, long maxSegmentBytes)
{
    private readonly List<BlobUpload> full = [];
    private readonly List<BlobFile> written = [];
    private BlobUpload? current;
    private int segments;

    /// <summary>Bytes of the largest chunk.</summary>
    public int LargestChunkBytes { get; private set; }

    /// <summary>Whether <see cref="FlushAsync"/> is due.</summary>
    public bool WantsFlush => full.Count > 0 || current is { WantsFlush: true };

    /// <summary>Adds a chunk and returns its reference.</summary>
    /// <param name="encoding">How it is encoded.</param>
    /// <param name="data">The encoded samples.</param>
    public ulong Add(byte encoding, ReadOnlySpan<byte> data)
    {
        if (data.Length > SegmentFormat.MaxChunkBytes)
        {
            throw new ArgumentException($"a chunk of {data.Length} bytes", nameof(data));
        }
        Span<byte> head = stackalloc byte[6];
        var used = 0;
        for (var length = (uint)data.Length; ; length >>= 7)
        {
            if (length < 0x80)
            {
                head[used++] = (byte)length;
                break;
            }
            head[used++] = (byte)(length | 0x80);
        }
        head[used++] = encoding;
        var bytes = used + data.Length + sizeof(uint);
        var segment = Room(bytes);
        var reference = ((ulong)(segments - 1) << 32) | (ulong)segment.Position;
        segment.Write(head[..used]);
        segment.Write(data);
        segment.WriteUInt32(Crc32C.Append(Crc32C.Compute([encoding]), data));
        LargestChunkBytes = Math.Max(LargestChunkBytes, bytes);
        return reference;
    }

    /// <summary>Sends what is full.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        foreach (var segment in full)
        {
            written.Add(await segment.CommitAsync(cancellationToken));
        }
        full.Clear();
        if (current is { WantsFlush: true })
        {
            await current.FlushAsync(cancellationToken);
        }
    }

    /// <summary>Ends the last segment; returns all, in order.</summary>
    public async Task<IReadOnlyList<BlobFile>> FinishAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        if (current is not null)
        {
            written.Add(await current.CommitAsync(cancellationToken));
            current = null;
        }
        return written;
    }

    private BlobUpload Room(int bytes)
    {
        if (current is not null && current.Position + bytes <= maxSegmentBytes)
        {
            return current;
        }
        if (current is not null)
        {
            full.Add(current);
        }
        current = new BlobUpload(store, prefix + SegmentFormat.PathOf(segments), upload + (ulong)segments);
        segments++;
        current.WriteUInt32(SegmentFormat.Magic);
        current.WriteByte(SegmentFormat.Version);
        current.Align(SegmentFormat.HeaderBytes);
        return current;
    }
}
