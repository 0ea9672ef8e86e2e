using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>One thing to scrape, as the configuration describes it.</summary>
public sealed record Target
{
    /// <summary>The key of the source, stable across processes and configurations: <c>job/instance/hash</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The name of the job.</summary>
    public required string Job { get; init; }

    /// <summary>What is requested.</summary>
    public required Uri Url { get; init; }

    /// <summary>The labels that the target's series get: <c>job</c>, <c>instance</c> and the configured ones.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The labels before relabelling.</summary>
    public LabelSet DiscoveredLabels { get; init; } = LabelSet.Empty;

    /// <summary>The time between two ticks.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>The time within which a scrape must end.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>Whether exposed labels win over the target's.</summary>
    public bool HonorLabels { get; init; }

    /// <summary>Whether explicit timestamps are taken over.</summary>
    public bool HonorTimestamps { get; init; } = true;

    /// <summary>Whether the path ends in <c>/federate</c>.</summary>
    public bool IsFederate { get; init; }
}
