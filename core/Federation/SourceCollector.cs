using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>Collects one source at one tick: which replica is asked, and how.</summary>
public sealed class SourceCollector
{
    private readonly Scraper scraper;
    private readonly SplitCollector splits;
    private readonly PullCollector pulls;

    /// <param name="scraper">Scrapes.</param>
    public SourceCollector(Scraper scraper)
    {
        this.scraper = scraper;
        splits = new SplitCollector(scraper);
        pulls = new PullCollector(scraper, splits);
    }

    /// <summary>Collects a source. Whatever it does ends in a batch.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken) =>
        turn.Target is { IsFederate: true, Config.Source.Pull: not PullMode.Federate }
            ? pulls.CollectAsync(turn, cancellationToken)
            : splits.CollectAsync(turn, cancellationToken);

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
    ) => pulls.PullRangeAsync(target, state, memory, range, maxSamples, cancellationToken);

    /// <summary>The state for a source that was not collected yet.</summary>
    public SourceState CreateState() => scraper.CreateState();
}
