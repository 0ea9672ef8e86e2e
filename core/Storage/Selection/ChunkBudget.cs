namespace Tributary.Storage.Selection;

/// <summary>What selections may still load. Safe for several threads.</summary>
internal sealed class ChunkBudget(SelectionLimits limits)
{
    private long chunkBytes;
    private long series;

    /// <summary>The most samples of the log.</summary>
    public long MaxLogSamples => limits.MaxLogSamples;

    /// <summary>Counts bytes of chunks.</summary>
    /// <exception cref="SelectionLimitException">They are too many, together with those before.</exception>
    public void TakeBytes(long bytes)
    {
        if (Interlocked.Add(ref chunkBytes, bytes) > limits.MaxChunkBytes)
        {
            throw new SelectionLimitException(
                $"more than {limits.MaxChunkBytes} bytes of compressed samples would be loaded into memory: "
                    + "ask for fewer series, or for less time"
            );
        }
    }

    /// <summary>Counts series.</summary>
    /// <exception cref="SelectionLimitException">They are too many, together with those before.</exception>
    public void TakeSeries(long count)
    {
        if (Interlocked.Add(ref series, count) > limits.MaxSeries)
        {
            throw new SelectionLimitException(
                $"more than {limits.MaxSeries} series are selected: ask for fewer by further matchers"
            );
        }
    }
}
