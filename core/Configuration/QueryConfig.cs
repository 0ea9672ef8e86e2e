namespace Tributary.Configuration;

/// <summary>What queries may use.</summary>
/// <param name="MaxMemoryBytes">The most memory of one query: chunks, columns and results, in bytes; null goes by the process' memory.</param>
public sealed record QueryConfig(long? MaxMemoryBytes = null)
{
    private const long DefaultMemoryBytes = 1L << 30;

    /// <summary>The least that can be configured.</summary>
    public const long LeastMemoryBytes = 16L << 20;

    /// <summary>The most memory of one query: as configured, else 1 GiB, but no more than a quarter of what there is.</summary>
    /// <param name="availableBytes">What the process may use.</param>
    public long MemoryBytesOf(long availableBytes) =>
        MaxMemoryBytes ?? Math.Clamp(availableBytes / 4, LeastMemoryBytes, DefaultMemoryBytes);

    /// <summary>The most memory of all queries together: half of what there is, and always enough for one.</summary>
    /// <param name="availableBytes">What the process may use.</param>
    public long TotalMemoryBytesOf(long availableBytes) => Math.Max(MemoryBytesOf(availableBytes), availableBytes / 2);
}
