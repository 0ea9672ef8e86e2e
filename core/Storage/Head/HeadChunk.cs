using Tributary.Model;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Head;

/// <summary>A finished chunk in memory.</summary>
/// <param name="MinMs">Time of its first sample.</param>
/// <param name="MaxMs">Time of its last sample.</param>
/// <param name="Bytes">The encoded samples.</param>
internal sealed record HeadChunk(long MinMs, long MaxMs, byte[] Bytes)
{
    /// <summary>The same for readers outside the lock.</summary>
    public ChunkData Data => new(ChunkEncoding.Xor, MinMs, MaxMs, XorChunk.Count(Bytes, "head"), Bytes);
}

/// <summary>A series of the head with its chunks of a range.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Chunks">The chunks; they may overlap, and hold several samples of one time.</param>
internal readonly record struct HeadSeriesChunks(LabelSet Labels, ChunkData[] Chunks);
