using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Collects one source at one tick: which replica is asked, and how.</summary>
/// <param name="scraper">Scrapes.</param>
public sealed class SourceCollector(Scraper scraper)
{
    private readonly SplitCollector splits = new(scraper);
    private readonly MetadataCollector metadata = new(scraper);

    /// <summary>Collects a source. Whatever it does ends in a batch.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var collected = await splits.CollectAsync(turn, cancellationToken);
        return await metadata.AddAsync(turn, collected, cancellationToken);
    }

    /// <summary>The state for a source that was not collected yet.</summary>
    public SourceState CreateState() => scraper.CreateState();
}
