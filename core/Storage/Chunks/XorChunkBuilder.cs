using System.Buffers.Binary;

namespace Tributary.Storage.Chunks;

/// <summary>Builds one chunk of floats in Prometheus' XOR encoding, sample by sample, in time order.</summary>
/// <remarks>The format is that of <see cref="XorChunkState"/>. A mutable struct: it lives in a field.</remarks>
internal struct XorChunkBuilder
{
    /// <summary>Samples after which a chunk ends.</summary>
    public const int MaxSamples = 480;

    /// <summary>Bytes after which a chunk ends.</summary>
    public const int MaxBytes = 1024;

    private const int FirstCapacity = 48;
    private const int MostSampleBytes = XorChunkState.MostSampleBytes;

    private byte[]? buffer;
    private bool isShared;
    private XorChunkState state;

    /// <summary>Samples so far.</summary>
    public readonly int Count => state.Count;

    /// <summary>Time of the first sample.</summary>
    public readonly long MinMs => state.MinMs;

    /// <summary>Time of the last sample.</summary>
    public readonly long MaxMs => state.MaxMs;

    /// <summary>The last value.</summary>
    public readonly double LastValue => state.LastValue;

    /// <summary>Whether the next sample belongs into another chunk.</summary>
    public readonly bool IsFull => state.Count >= MaxSamples || state.Bits >= (MaxBytes - 20) * 8;

    /// <summary>The encoded bytes; valid until the next append.</summary>
    public readonly ReadOnlySpan<byte> Bytes
    {
        get
        {
            if (buffer is null)
            {
                return [];
            }
            BinaryPrimitives.WriteUInt16BigEndian(buffer, (ushort)state.Count);
            return buffer.AsSpan(0, ByteCount);
        }
    }

    /// <summary>Bytes that the chunk has.</summary>
    public readonly int ByteCount => (state.Bits + 7) / 8;

    /// <summary>Adds a sample later than the last one.</summary>
    public void Append(long timestampMs, double value)
    {
        if (buffer is null)
        {
            buffer = new byte[FirstCapacity];
        }
        else if ((state.Bits >> 3) + MostSampleBytes > buffer.Length)
        {
            Array.Resize(
                ref buffer,
                Math.Min(buffer.Length + (buffer.Length / 4) + MostSampleBytes, MaxBytes + MostSampleBytes)
            );
        }
        state.Append(buffer, timestampMs, value);
    }

    /// <summary>
    /// What there is of the chunk, without a copy: later appends write behind these bits, and into the count in the first two
    /// bytes, which is not to be looked at.
    /// </summary>
    public ChunkData Share()
    {
        isShared = true;
        return new ChunkData(ChunkEncoding.Xor, MinMs, MaxMs, state.Count, buffer.AsMemory(0, ByteCount));
    }

    /// <summary>Ends the chunk: a copy of its bytes; the builder begins anew.</summary>
    public byte[] Cut()
    {
        var bytes = Bytes.ToArray();
        Restart();
        return bytes;
    }

    /// <summary>Begins anew, in the same memory unless others still read it.</summary>
    public void Restart()
    {
        if (isShared)
        {
            buffer = null;
        }
        isShared = false;
        buffer.AsSpan().Clear();
        state.Restart();
    }
}
