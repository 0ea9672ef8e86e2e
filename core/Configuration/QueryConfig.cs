namespace Tributary.Configuration;

/// <summary>What queries may use.</summary>
/// <param name="MaxMemoryBytes">The most memory of one query: chunks, columns and results, in bytes.</param>
public sealed record QueryConfig(long MaxMemoryBytes = 1L << 30)
{
    /// <summary>The least that can be configured.</summary>
    public const long LeastMemoryBytes = 16L << 20;
}
