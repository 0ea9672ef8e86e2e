using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>The newest sample of each series: of the present from the head alone, of any other time from all there is.</summary>
/// <remarks>
/// Safe for several threads. The head answers where it has everything, without what was deleted; the manifest is looked at
/// for that at most every few seconds. Throws as <see cref="StoreReader"/> does.
/// </remarks>
internal sealed class LatestReader
{
    /// <summary>What other instances delete or import is honoured so much later at most.</summary>
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(5);

    /// <summary>Nothing that is younger is in a block of level 1, of whose files the head might know too much.</summary>
    private static readonly TimeSpan NotCompacted = new LevelOnePlan { GroupBytes = 1 }.Delay;

    private readonly ManifestReader manifest;
    private readonly DeleteCache deletes;
    private readonly RecentLog recent;
    private readonly StoreReader store;
    private readonly Func<CancellationToken, Task> refresh;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private ManifestSnapshot? known;
    private Task<ManifestSnapshot>? ahead;
    private long lookedAt;

    /// <summary>A reader over stores.</summary>
    /// <param name="blobs">Where deletes lie.</param>
    /// <param name="manifest">The manifest.</param>
    /// <param name="recent">The head.</param>
    /// <param name="store">Everything.</param>
    /// <param name="refresh">Has the head read on, one call at a time.</param>
    /// <param name="time">The clock.</param>
    public LatestReader(
        IBlobStore blobs,
        ManifestReader manifest,
        RecentLog recent,
        StoreReader store,
        Func<CancellationToken, Task> refresh,
        TimeProvider time
    )
    {
        (this.recent, this.store, this.refresh, this.time) = (recent, store, refresh, time);
        this.manifest = manifest;
        deletes = new DeleteCache(blobs);
    }

    /// <summary>The newest sample in a range of each matching series, by metric name and labels; without stale series.</summary>
    public async Task<LookUp<LatestSample>> SelectAsync(
        IReadOnlyList<VectorSelector> selectors,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        while (IsPresent(range) && await CoverageOfAsync(range, cancellationToken) is { } coverage)
        {
            var latest = coverage.Head.SelectLatest(selectors, range);
            if (recent.Coverage == coverage)
            {
                return new LookUp<LatestSample>(latest, []);
            }
        }
        var found = await store.SelectAsync(selectors, range, cancellationToken);
        var samples = new List<LatestSample>(found.Series.Count);
        foreach (var series in found.Series)
        {
            if (NewestOf(series) is { } newest)
            {
                samples.Add(newest);
            }
        }
        samples.Sort((a, b) => InOrder(a.Labels, b.Labels));
        return new LookUp<LatestSample>(samples, found.Warnings);
    }

    /// <summary>Looks at the manifest now, and takes what is deleted out of the head.</summary>
    /// <exception cref="StoreException">It cannot be read.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt, or a delete cannot be read.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var snapshot = await LookAsync(cancellationToken);
        await HonoursAsync(snapshot, new TimeRange(long.MinValue, long.MaxValue), cancellationToken);
    }

    /// <summary>Begins to look at the manifest, if that was never done: the first answer waits for less.</summary>
    public void LookAhead()
    {
        lock (gate)
        {
            if (known is not null || ahead is not null)
            {
                return;
            }
        }
        // Not under the lock: it may take long before it waits for the first time. Two at once may both look.
        var look = LookAsync(CancellationToken.None);
        lock (gate)
        {
            ahead ??= look;
        }
    }

    /// <summary>The head if it has all of a range and nothing that is deleted; else null.</summary>
    private async Task<HeadCoverage?> CoverageOfAsync(TimeRange range, CancellationToken cancellationToken)
    {
        var snapshot = await SnapshotAsync(cancellationToken);
        if (
            snapshot.Blocks.Values.Any(row => row.IsKept && row.Block.Overlaps(range))
            || snapshot.Problems.Count > 0
            || !await HonoursAsync(snapshot, range, cancellationToken)
        )
        {
            return null;
        }
        var coverage = recent.Coverage;
        return coverage.Whole is { } whole && whole.MinMs <= range.MinMs && whole.MaxMs >= range.MaxMs
            ? coverage
            : null;
    }

    /// <summary>Whether the head is without what is deleted in a range; if not, it reads on once to become so.</summary>
    private async Task<bool> HonoursAsync(
        ManifestSnapshot snapshot,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        var honoured = recent.Coverage.Deletes;
        if (snapshot.Deletes.Values.All(row => !row.Range.Overlaps(range) || honoured.Contains(row.Ulid)))
        {
            return true;
        }
        List<LogDelete> found;
        try
        {
            found = [.. (await deletes.OfAsync(snapshot, range, cancellationToken)).Select(LogDeletes.Of)];
        }
        catch (StoreException exception) when (exception.Error == StoreError.NotFound)
        {
            // The delete applies to nothing any more; a newer manifest says so.
            return false;
        }
        if (!recent.Delete(found))
        {
            await refresh(cancellationToken);
        }
        return recent.Delete(found);
    }

    /// <summary>The manifest, some seconds old at most; older when it cannot be read: then nothing can be deleted either.</summary>
    private async Task<ManifestSnapshot> SnapshotAsync(CancellationToken cancellationToken)
    {
        ManifestSnapshot? kept;
        Task<ManifestSnapshot>? begun;
        lock (gate)
        {
            if (known is not null && time.GetElapsedTime(lookedAt) < MaxAge)
            {
                return known;
            }
            kept = known;
            begun = known is null ? ahead : null;
            // Whoever asks meanwhile is answered by what is known, and not kept waiting, too.
            lookedAt = time.GetTimestamp();
        }
        if (begun is not null)
        {
            try
            {
                return await begun.WaitAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is StoreException or CorruptDataException)
            {
                // It is looked at once more, and whoever asks is told.
                lock (gate)
                {
                    ahead = null;
                }
            }
        }
        try
        {
            return await LookAsync(cancellationToken);
        }
        catch (StoreException) when (kept is not null)
        {
            return kept;
        }
    }

    private async Task<ManifestSnapshot> LookAsync(CancellationToken cancellationToken)
    {
        var snapshot = await manifest.RefreshAsync(cancellationToken);
        lock (gate)
        {
            (known, lookedAt) = (snapshot, time.GetTimestamp());
        }
        return snapshot;
    }

    private bool IsPresent(TimeRange range) =>
        range.MinMs >= (time.GetUtcNow() - NotCompacted).ToUnixTimeMilliseconds();

    private static LatestSample? NewestOf(SelectedSeries series)
    {
        var histogramMs = series.Histograms.Count > 0 ? series.Histograms[^1].TimestampMs : long.MinValue;
        if (series.Samples.Count > 0 && series.Samples[^1].TimestampMs > histogramMs)
        {
            var (timestampMs, value) = series.Samples[^1];
            return StaleMarker.IsStale(value) ? null : new LatestSample(series.Labels, timestampMs, value);
        }
        return series.Histograms[^1].Value is { IsStale: false } histogram
            ? new LatestSample(series.Labels, histogramMs, StaleMarker.NormalNaN) { Histogram = histogram }
            : null;
    }

    private static int InOrder(LabelSet a, LabelSet b)
    {
        var byName = Utf8Order.Compare(a.MetricName, b.MetricName);
        return byName != 0 ? byName : a.CompareTo(b);
    }
}
