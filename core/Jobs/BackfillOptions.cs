using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Jobs;

/// <summary>Pulls what a source had in a range of the past: <see cref="SourceCollector.PullRangeAsync"/>.</summary>
public delegate Task<PulledRange> RangePull(
    Target target,
    SourceState state,
    SourceMemory memory,
    TimeRange range,
    int maxSamples,
    CancellationToken cancellationToken
);

/// <summary>Which gaps are filled.</summary>
/// <param name="MaxAge"><c>tributary.backfill.max_age</c>: what is older is given up.</param>
/// <param name="Window"><c>out_of_order_time_window</c>: samples that are older are not accepted.</param>
/// <param name="Retention">How long samples are kept; null for ever.</param>
public sealed record BackfillOptions(TimeSpan MaxAge, TimeSpan Window, TimeSpan? Retention);

/// <summary>What a run of the backfill did.</summary>
public sealed record BackfillResult
{
    /// <summary>Pulls whose samples are in the log.</summary>
    public int Steps { get; init; }

    /// <summary>Pulls whose samples were in the log already.</summary>
    public int Known { get; init; }

    /// <summary>Samples, staleness markers included.</summary>
    public long Samples { get; init; }

    /// <summary>Gaps, or parts of them, that were given up.</summary>
    public int GivenUp { get; init; }

    /// <summary>What could not be done now, by source, without secrets.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];
}
