using Tributary.Model;

namespace Tributary.Storage.Chunks;

/// <summary>A chunk in memory: it never changes, whatever its series goes on with.</summary>
/// <param name="Encoding">How it is encoded.</param>
/// <param name="MinMs">Time of its first sample.</param>
/// <param name="MaxMs">Time of its last sample.</param>
/// <param name="Count">How many samples it has; what the bytes themselves say of that does not count.</param>
/// <param name="Bytes">The encoded samples.</param>
internal readonly record struct ChunkData(
    ChunkEncoding Encoding,
    long MinMs,
    long MaxMs,
    int Count,
    ReadOnlyMemory<byte> Bytes
)
{
    /// <summary>Whether it holds floats.</summary>
    public bool IsFloat => Encoding is ChunkEncoding.Xor;

    /// <summary>The time of its samples.</summary>
    public TimeRange Range => new(MinMs, MaxMs);
}
