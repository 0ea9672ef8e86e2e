namespace Tributary.RemoteWrite;

/// <summary>What one request of remote write may hold. Senders stay far below: Prometheus sends 2,000 samples at once.</summary>
internal sealed record WriteLimits
{
    /// <summary>The longest body as sent, in bytes.</summary>
    public int MaxBodyBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>The longest message after decompression, in bytes.</summary>
    public int MaxMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The most samples, histograms included.</summary>
    public int MaxSamples { get; init; } = 500_000;

    /// <summary>
    /// The most samples that wait for the log, of all requests: a store that hangs makes senders give up and come again.
    /// </summary>
    public int MaxWaitingSamples { get; init; } = 2_000_000;

    /// <summary>The most native histograms.</summary>
    public int MaxHistograms { get; init; } = 50_000;

    /// <summary>The longest message of one native histogram, in bytes.</summary>
    public int MaxHistogramBytes { get; init; } = 1024 * 1024;

    /// <summary>The most buckets of all native histograms.</summary>
    public int MaxBuckets { get; init; } = 1_000_000;

    /// <summary>The most texts in the table of a message of 2.0.</summary>
    public int MaxSymbols { get; init; } = 500_000;

    /// <summary>The most labels of a series.</summary>
    public int MaxLabels { get; init; } = 512;

    /// <summary>The most bytes of all names and values of a series' labels.</summary>
    public int MaxSeriesBytes { get; init; } = 64 * 1024;

    /// <summary>The most families of which metadata is kept, of all requests together.</summary>
    public int MaxFamilies { get; init; } = 50_000;

    /// <summary>The most characters of that metadata.</summary>
    public int MaxMetadataChars { get; init; } = 16 * 1024 * 1024;

    /// <summary>How far a timestamp may lie ahead.</summary>
    public TimeSpan MaxAhead { get; init; } = TimeSpan.FromMinutes(10);
}
