using Tributary.Discovery;
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

    /// <summary>Which split of a target's scrapes is in use, or would be made if it were slow, in words on several lines.</summary>
    /// <remarks>One request: the source is asked for its metric names, unless there is a split already.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<string> DescribeSplitAsync(Target target, SourceMemory memory, CancellationToken cancellationToken) =>
        splits.DescribeAsync(target, memory.Split, cancellationToken);

    /// <summary>The state for a source that was not collected yet.</summary>
    public SourceState CreateState() => scraper.CreateState();
}
