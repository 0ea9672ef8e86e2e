using System.Buffers.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Files;

/// <summary>Writes one large blob front to back: synchronously into a buffer, from there in pieces to the store.</summary>
/// <remarks>
/// Whoever writes looks at <see cref="WantsFlush"/> now and then and awaits <see cref="FlushAsync"/>; until that, memory
/// grows. A blob of at most one piece is one write; a larger one is one operation a piece and one for the commit.
/// </remarks>
internal sealed class BlobUpload(IBlobStore store, string name, ulong upload)
{
    private byte[] buffer = new byte[64 * 1024];
    private int buffered;
    private long staged;

    /// <summary>The blob.</summary>
    public string Name { get; } = name;

    /// <summary>Bytes written so far.</summary>
    public long Position => staged + buffered;

    /// <summary>Whether a piece is full.</summary>
    public bool WantsFlush => buffered >= StoreLimits.PieceBytes;

    /// <summary>Bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Reserve(bytes.Length));
        buffered += bytes.Length;
    }

    /// <summary>One byte.</summary>
    public void WriteByte(byte value)
    {
        Reserve(1)[0] = value;
        buffered++;
    }

    /// <summary>A big-endian 32-bit number.</summary>
    public void WriteUInt32(uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(Reserve(sizeof(uint)), value);
        buffered += sizeof(uint);
    }

    /// <summary>Zeros up to the next multiple of <paramref name="alignment"/>.</summary>
    public void Align(int alignment)
    {
        var count = (int)((alignment - (Position % alignment)) % alignment);
        Reserve(count)[..count].Clear();
        buffered += count;
    }

    /// <summary>Stages the full pieces.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        var from = 0;
        while (buffered - from >= StoreLimits.PieceBytes)
        {
            var piece = buffer.AsMemory(from, StoreLimits.PieceBytes);
            await store.StageAsync(Name, upload, staged, piece, cancellationToken);
            staged += piece.Length;
            from += piece.Length;
        }
        buffer.AsSpan(from, buffered - from).CopyTo(buffer);
        buffered -= from;
    }

    /// <summary>Ends the blob, which must not exist yet.</summary>
    public Task<BlobFile> CommitAsync(CancellationToken cancellationToken) =>
        CommitAsync(WriteCondition.Create, cancellationToken);

    /// <summary>Ends the blob.</summary>
    /// <param name="condition">What must hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<BlobFile> CommitAsync(WriteCondition condition, CancellationToken cancellationToken)
    {
        if (staged == 0 && buffered <= StoreLimits.PieceBytes)
        {
            await store.WriteAsync(Name, buffer.AsMemory(0, buffered), condition, cancellationToken);
            return new BlobFile(Name, buffered);
        }
        await FlushAsync(cancellationToken);
        if (buffered > 0)
        {
            await store.StageAsync(Name, upload, staged, buffer.AsMemory(0, buffered), cancellationToken);
            staged += buffered;
            buffered = 0;
        }
        await store.CommitStagedAsync(Name, upload, staged, condition, cancellationToken);
        buffer = [];
        return new BlobFile(Name, staged);
    }

    private Span<byte> Reserve(int count)
    {
        if (buffer.Length - buffered < count)
        {
            Array.Resize(ref buffer, checked((int)Math.Max(buffer.Length * 2L, buffered + (long)count)));
        }
        return buffer.AsSpan(buffered);
    }
}
