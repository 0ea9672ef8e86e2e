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
    private readonly MetadataCollector metadata;
    private readonly ReplicaCollector replicas;

    /// <param name="scraper">Scrapes.</param>
    public SourceCollector(Scraper scraper)
    {
        this.scraper = scraper;
        splits = new SplitCollector(scraper);
        pulls = new PullCollector(scraper, splits);
        metadata = new MetadataCollector(scraper);
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
        var asked = collected.Asked.Count == 0 ? turn : turn with { Replicas = [collected.Asked[^1].Target] };
        return await metadata.AddAsync(asked, collected, cancellationToken);
    }

    /// <summary>Collects from one target.</summary>
    private Task<Collected> CollectOneAsync(SourceTurn turn, CancellationToken cancellationToken) =>
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

    /// <summary>Which split of a target's scrapes is in use, or would be made if it were slow, in words on several lines.</summary>
    /// <remarks>One request: the source is asked for its metric names, unless there is a split already.</remarks>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task<string> DescribeSplitAsync(Target target, SourceMemory memory, CancellationToken cancellationToken) =>
        splits.DescribeAsync(target, memory.Split, cancellationToken);

    /// <summary>Which way to pull all samples works with a target, in words; asks the target.</summary>
    public Task<string> DescribePullAsync(Target target, CancellationToken cancellationToken) =>
        pulls.DescribeAsync(target, cancellationToken);

    /// <summary>The state for a source that was not collected yet.</summary>
    public SourceState CreateState() => scraper.CreateState();
}
