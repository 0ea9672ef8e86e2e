using Tributary.Model;

namespace Tributary.Api;

/// <summary>What is known of one target: its configuration as text, and how its last scrape went.</summary>
public sealed record TargetStatus
{
    /// <summary>The name of the source, unique in the configuration.</summary>
    public required string Source { get; init; }

    /// <summary>The job that the target belongs to.</summary>
    public required string ScrapePool { get; init; }

    /// <summary>The address that is asked, without credentials.</summary>
    public required string ScrapeUrl { get; init; }

    /// <summary>The labels that the target's series get.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The labels before relabelling.</summary>
    public required LabelSet DiscoveredLabels { get; init; }

    /// <summary>The scrape interval, as a Prometheus duration.</summary>
    public required string Interval { get; init; }

    /// <summary>The scrape timeout, as a Prometheus duration.</summary>
    public required string Timeout { get; init; }

    /// <summary>The last scrape's report; null before the first scrape.</summary>
    public ScrapeReport? Report { get; init; }

    /// <summary>When the last scrape began, milliseconds since the epoch.</summary>
    public long? LastScrapeMs { get; init; }

    /// <summary>The newest timestamp of the source's samples, milliseconds since the epoch.</summary>
    public long? NewestSampleMs { get; init; }

    /// <summary>Series in the last usable body.</summary>
    public int Series { get; init; }

    /// <summary>What the target is called among the replicas of its source; empty for one that is no replica.</summary>
    public string Replica { get; init; } = "";

    /// <summary>What else there is to say, as of a replica that is not asked; empty for most.</summary>
    public string Note { get; init; } = "";

    /// <summary><c>up</c>, <c>down</c> or <c>unknown</c>, as Prometheus says it.</summary>
    public string Health =>
        Report is null ? "unknown"
        : Report.Verdict == Verdict.Failed ? "down"
        : "up";
}
