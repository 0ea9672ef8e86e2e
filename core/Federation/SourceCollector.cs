using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>Collects one source at one tick: which replica is asked, and how.</summary>
public sealed class SourceCollector
{
    private readonly Scraper scraper;
    private readonly SplitCollector splits;
    private readonly ReplicaCollector replicas;

    /// <param name="scraper">Scrapes.</param>
    public SourceCollector(Scraper scraper)
    {
        this.scraper = scraper;
        splits = new SplitCollector(scraper);
        replicas = new ReplicaCollector(CollectOneAsync, scraper);
    }

    /// <summary>Gets the sources that suddenly send other series than before: they may be replicas now, or none any more.</summary>
    public Action<string>? Changed { get; set; }

    /// <summary>Collects a source. Whatever it does ends in a batch.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<Collected> CollectAsync(SourceTurn turn, CancellationToken cancellationToken)
    {
        var knew = turn.State.HasSeries;
        var collected =
            turn.Replicas.Count > 1 || turn.Target.Replica.Length > 0
                ? await replicas.CollectAsync(turn, cancellationToken)
                : await CollectOneAsync(turn, cancellationToken);
        var report = collected.Batch.Report;
        if (knew && turn.Target.IsFederate && (2L * report.SeriesAdded > report.Scraped || collected.Asked.Count > 1))
        {
            Changed?.Invoke(turn.Target.Source);
        }
        return collected;
    }

    /// <summary>Collects from one target.</summary>
    private Task<Collected> CollectOneAsync(SourceTurn turn, CancellationToken cancellationToken) =>
        splits.CollectAsync(turn, cancellationToken);

    /// <summary>The state for a source that was not collected yet.</summary>
    public SourceState CreateState() => scraper.CreateState();
}
