using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Discovery;

/// <summary>One thing to scrape, with everything that a scrape of it needs.</summary>
public sealed record Target
{
    /// <summary>The key of the source in the log: <c>job/instance/hash</c>, the same in every process.</summary>
    public required string Source { get; init; }

    /// <summary>The job that the target belongs to.</summary>
    public required ScrapeConfig Config { get; init; }

    /// <summary>Where to scrape, with parameters; it may hold secrets, so errors never show it whole.</summary>
    public required Uri Url { get; init; }

    /// <summary>The labels that every series of the target gets; replicas of one source have the same.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>The labels that tell the target from all others: those of <c>up</c> and of its other report series.</summary>
    public LabelSet OwnLabels
    {
        get => field ?? Labels;
        init;
    }

    /// <summary>What the target is called among the replicas of its source; empty for one that is no replica.</summary>
    public string Replica { get; init; } = "";

    /// <summary>The label that it sends to tell itself apart, by which it was recognised; empty where it was not.</summary>
    public string ReplicaLabel { get; init; } = "";

    /// <summary>Whether several replicas answer alternately at its address.</summary>
    public bool Alternates { get; init; }

    /// <summary>Whether it is not collected yet, because it is not known whether it is a replica.</summary>
    public bool IsPending { get; init; }

    /// <summary>Whether a request closes its connection, so that the next one may reach another server behind the address.</summary>
    public bool ClosesConnection { get; init; }

    /// <summary>The labels before those that begin with <c>__</c> were removed.</summary>
    public LabelSet DiscoveredLabels { get; init; } = LabelSet.Empty;

    /// <summary>The time between two scrapes.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>The limit of one scrape.</summary>
    public TimeSpan Timeout { get; init; }

    /// <summary>The interval as the label <c>__scrape_interval__</c> spells it.</summary>
    public string IntervalText
    {
        get => field ?? DurationText.Format(Interval);
        init;
    }

    /// <summary>The timeout as the label <c>__scrape_timeout__</c> spells it.</summary>
    public string TimeoutText
    {
        get => field ?? DurationText.Format(Timeout);
        init;
    }

    /// <summary>The socket that the label <c>__unix_socket__</c> names; null is the address of the URL.</summary>
    public string? UnixSocket { get; init; }

    /// <summary>Why every scrape fails without a request, as with more targets than <c>target_limit</c>; null when it need not.</summary>
    public string? Problem { get; init; }

    /// <summary>What becomes of histograms: as the job says, unless labels of the target say otherwise.</summary>
    public HistogramConfig NativeHistograms
    {
        get => field ?? Config.NativeHistograms;
        init;
    }

    /// <summary>Whether the target is another server's <c>/federate</c>.</summary>
    public bool IsFederate { get; init; }

    /// <summary>The name of the job in the configuration.</summary>
    public string Job => Config.JobName;

    /// <summary>Whether a series' own label wins over the target's label of the same name.</summary>
    public bool HonorLabels => Config.HonorLabels;

    /// <summary>Whether timestamps in the body count.</summary>
    public bool HonorTimestamps => Config.HonorTimestamps;
}
