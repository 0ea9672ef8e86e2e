namespace Tributary.Storage.Indexes;

/// <summary>A chunk of a series as the index lists it.</summary>
/// <param name="MinMs">Time of its first sample.</param>
/// <param name="MaxMs">Time of its last sample.</param>
/// <param name="Reference">Segment (upper 32 bits, from 0) and offset in it (lower 32 bits).</param>
internal readonly record struct ChunkPlace(long MinMs, long MaxMs, ulong Reference)
{
    /// <summary>Which segment, from 0.</summary>
    public int Segment => (int)(Reference >> 32);

    /// <summary>Where in the segment, in bytes.</summary>
    public uint OffsetBytes => (uint)Reference;
}
