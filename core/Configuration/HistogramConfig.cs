namespace Tributary.Configuration;

/// <summary>What a job does with histograms, by Prometheus' fields.</summary>
public sealed record HistogramConfig
{
    /// <summary>Whether native histograms are taken: <c>scrape_native_histograms</c>.</summary>
    public bool IsScraped { get; init; }

    /// <summary>Whether classic buckets are taken beside native ones: <c>always_scrape_classic_histograms</c>.</summary>
    public bool AlwaysScrapesClassic { get; init; }

    /// <summary>Whether classic histograms become native ones: <c>convert_classic_histograms_to_nhcb</c>.</summary>
    public bool ConvertsClassic { get; init; }

    /// <summary>The most buckets of a histogram, 0 is no limit: <c>native_histogram_bucket_limit</c>; only in jobs.</summary>
    public ulong BucketLimit { get; init; }

    /// <summary>The least factor between buckets, 0 is any: <c>native_histogram_min_bucket_factor</c>; only in jobs.</summary>
    public double MinBucketFactor { get; init; }
}
