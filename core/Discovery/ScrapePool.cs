using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>What became of the targets of one job: scraped, dropped by relabelling, or not usable.</summary>
public sealed record ScrapePool
{
    /// <summary>The job.</summary>
    public required ScrapeConfig Config { get; init; }

    /// <summary>The targets to scrape, in the order of discovery; of equal ones only the first.</summary>
    public required IReadOnlyList<Target> Active { get; init; }

    /// <summary>Labels of dropped targets before relabelling, at most as many as <c>keep_dropped_targets</c> says.</summary>
    public IReadOnlyList<LabelSet> Dropped { get; init; } = [];

    /// <summary>How many targets relabelling dropped.</summary>
    public int DroppedCount { get; init; }

    /// <summary>What is wrong with the first targets that are not usable, each with its place; without secrets.</summary>
    public IReadOnlyList<string> Rejected { get; init; } = [];

    /// <summary>How many targets are not usable.</summary>
    public int RejectedCount { get; init; }

    /// <summary>Why every scrape of the pool fails: more targets than <c>target_limit</c>; null when it need not.</summary>
    public string? Problem { get; init; }

    /// <summary>What is wrong with how targets are declared as replicas; they are collected all the same.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>The name of the job.</summary>
    public string Name => Config.JobName;
}
