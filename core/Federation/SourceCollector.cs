using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Collects one source at one tick: which replica is asked, and how.</summary>
/// <param name="scraper">Scrapes.</param>
public sealed class SourceCollector(Scraper scraper)
{
    private readonly SplitCollector splits = new(scraper);

    /// <summary>Collects a source. Whatever it does ends in a batch.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken) =>
        splits.CollectAsync(turn, cancellationToken);

    /// <summary>Pulls what a source had in a range of the past, in whichever mode works; whatever it does ends in a result.</summary>
    /// <param name="target">The target to ask.</param>
    /// <param name="state">A state of its own for such pulls (<see cref="CreateState"/>), never that of the live collect.</param>
    /// <param name="memory">What is remembered of the source.</param>
    /// <param name="range">The range, its first moment (<see cref="TimeRange.MinMs"/>) outside, its last inside.</param>
    /// <param name="maxSamples">About so many samples are the most; the pull ends between two requests.</param>
    /// <param name="cancellationToken">Ends the pull without a result.</param>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<PulledRange> PullRangeAsync(
        Target target,
        SourceState state,
        SourceMemory memory,
        TimeRange range,
        int maxSamples,
        CancellationToken cancellationToken
    )
    {
        var nothing = new SampleColumns(SeriesList.Empty, default, default);
        return Task.FromResult(
            new PulledRange(nothing, nothing, range.MinMs, memory) { Error = "pulls are not built yet" }
        );
    }

    /// <summary>The state for a source that was not collected yet.</summary>
    public SourceState CreateState() => scraper.CreateState();
}
