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
