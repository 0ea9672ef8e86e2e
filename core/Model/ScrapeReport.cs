namespace Tributary.Model;

/// <summary>What one scrape did; stored with its batch, so that every reader of the log knows every source's health.</summary>
public sealed record ScrapeReport
{
    /// <summary>How the scrape ended.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>When the scrape began, milliseconds since the epoch.</summary>
    public required long StartedMs { get; init; }

    /// <summary>How long it took, in seconds.</summary>
    public double DurationSeconds { get; init; }

    /// <summary>The size of the body after decompression.</summary>
    public long BodyBytes { get; init; }

    /// <summary>Samples in the body.</summary>
    public int Scraped { get; init; }

    /// <summary>Samples left after metric relabelling.</summary>
    public int PostRelabeling { get; init; }

    /// <summary>Series that the scrape before did not have.</summary>
    public int SeriesAdded { get; init; }

    /// <summary>Samples not stored because their timestamp was too old or too far ahead.</summary>
    public int OutOfBounds { get; init; }

    /// <summary>Samples not stored because the series had one at that timestamp in the same body.</summary>
    public int Duplicates { get; init; }

    /// <summary>Staleness markers written.</summary>
    public int Markers { get; init; }

    /// <summary>The ticks right before this one that have no batch; null when there are none, or nothing is known of before.</summary>
    public MissedTicks? Missed { get; init; }

    /// <summary>The error, without secrets; empty when there was none.</summary>
    public string Error { get; init; } = "";

    /// <summary>The error of a batch that only ends the series of a target.</summary>
    public const string LeftConfiguration = "the target left the configuration";

    /// <summary>Whether nothing was scraped: the target is none any more.</summary>
    public bool IsEnding => string.Equals(Error, LeftConfiguration, StringComparison.Ordinal);
}
