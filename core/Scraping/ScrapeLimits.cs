namespace Tributary.Scraping;

/// <summary>What a source may send; beyond it a scrape fails and stores nothing of the body.</summary>
public sealed record ScrapeLimits
{
    /// <summary>The longest line, in bytes.</summary>
    public int MaxLineBytes { get; init; } = 1 << 20;

    /// <summary>The largest body after decompression, in bytes.</summary>
    public long MaxBodyBytes { get; init; } = 1L << 30;

    /// <summary>The most samples of one body.</summary>
    public int MaxSamples { get; init; } = 10_000_000;

    /// <summary>The most buckets of all native histograms of one body: they take 8 bytes each.</summary>
    public int MaxBuckets { get; init; } = 10_000_000;

    /// <summary>The most labels of one series as exposed, its name included.</summary>
    public int MaxLabelsPerSeries { get; init; } = 512;

    /// <summary>The most metric families of one body that have a type or help text.</summary>
    public int MaxFamilies { get; init; } = 100_000;

    /// <summary>How far a timestamp may lie before the scrape.</summary>
    public TimeSpan MaxAge { get; init; } = TimeSpan.FromHours(6);

    /// <summary>How far a timestamp may lie after the scrape.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a series that is seen no more can still get a staleness marker: the query lookback.</summary>
    public TimeSpan Lookback { get; init; } = TimeSpan.FromMinutes(5);
}
