namespace Tributary.Storage.Head;

/// <summary>A finished chunk in memory.</summary>
/// <param name="MinMs">Time of its first sample.</param>
/// <param name="MaxMs">Time of its last sample.</param>
/// <param name="Bytes">The encoded samples.</param>
internal sealed record HeadChunk(long MinMs, long MaxMs, byte[] Bytes);
