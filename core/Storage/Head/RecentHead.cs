using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Head;

/// <summary>The decoded recent log: chunks per series and postings, in memory. Safe for several threads.</summary>
internal sealed class RecentHead
{
    private const long ManyPositions = 16 * 1024;

    private readonly Lock gate = new();
    private readonly Dictionary<SeriesList, HeadSeries[]> resolved = new(ReferenceEqualityComparer.Instance);
    private Dictionary<LabelSet, HeadSeries> bySeries = [];
    private HeadIndex index = new();
    private HeadCounts counts;
    private long resolvedPositions;
    private long oldestMs = long.MaxValue;

    /// <summary>What the head holds and has met.</summary>
    public HeadCounts Counts
    {
        get
        {
            lock (gate)
            {
                return counts with
                {
                    Series = index.Series.Count,
                    Chunks = index.Series.Sum(series => (long)series.ChunkCount),
                    Bytes = index.Series.Sum(series => series.ChunkBytes),
                    NewestMs = index.Series.Count == 0 ? null : counts.NewestMs,
                };
            }
        }
    }

    /// <summary>How many series it holds; without the lock, for those who need only about the number.</summary>
    public int SeriesCount => index.Series.Count;

    /// <summary>Adds the samples of columns.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="isDeleted">Which samples are left out; null for none.</param>
    public void Append(SampleColumns columns, Func<LabelSet, long, bool>? isDeleted = null)
    {
        var timestamps = columns.TimestampsMs.Span;
        var values = columns.Values.Span;
        var histograms = columns.Histograms.Span;
        lock (gate)
        {
            var series = Resolve(columns.Series);
            long late = 0;
            long conflicts = 0;
            long deleted = 0;
            var newestMs = counts.NewestMs ?? long.MinValue;
            for (var i = 0; i < series.Length; i++)
            {
                if (isDeleted?.Invoke(series[i].Labels, timestamps[i]) == true)
                {
                    deleted++;
                    continue;
                }
                var result =
                    !histograms.IsEmpty && histograms[i] is { } histogram
                        ? series[i].Append(timestamps[i], histogram)
                        : series[i].Append(timestamps[i], values[i]);
                switch (result)
                {
                    case AppendResult.Late:
                        late++;
                        break;
                    case AppendResult.Conflict:
                        conflicts++;
                        break;
                }
                newestMs = Math.Max(newestMs, timestamps[i]);
                oldestMs = Math.Min(oldestMs, timestamps[i]);
            }
            counts = counts with
            {
                Samples = counts.Samples + series.Length - deleted,
                Late = counts.Late + late,
                Conflicts = counts.Conflicts + conflicts,
                NewestMs = newestMs == long.MinValue ? null : newestMs,
            };
        }
    }

    /// <summary>Takes over what another head holds, as older samples; the other one is not to be used any more.</summary>
    public void Prepend(RecentHead older)
    {
        lock (gate)
        {
            foreach (var series in older.index.Series)
            {
                var own = Series(series.Labels);
                own.Prepend(series.Finished());
                if (series.Histograms is { } histograms)
                {
                    own.Prepend(histograms);
                }
            }
            oldestMs = Math.Min(oldestMs, older.oldestMs);
            counts = counts with
            {
                Samples = counts.Samples + older.counts.Samples,
                Late = counts.Late + older.counts.Late,
                Conflicts = counts.Conflicts + older.counts.Conflicts,
                NewestMs = Math.Max(counts.NewestMs ?? long.MinValue, older.counts.NewestMs ?? long.MinValue),
            };
        }
    }

    /// <summary>The newest sample in a range of each matching series, in order; series that are stale then are left out.</summary>
    public IReadOnlyList<LatestSample> SelectLatest(IReadOnlyList<VectorSelector> selectors, TimeRange range)
    {
        lock (gate)
        {
            var selected = index.Select(selectors);
            var result = new LatestSamples(selected.Length);
            var scratch = new List<Sample>();
            foreach (var series in selected)
            {
                if (
                    series.TryNewest(range, scratch, out var newest)
                    && !StaleMarker.IsStale(newest.Value)
                    && newest.Histogram?.IsStale != true
                )
                {
                    result.Add(newest);
                }
            }
            return result;
        }
    }

    /// <summary>The samples in a range of each matching series, in order; series without any are left out.</summary>
    public IReadOnlyList<SelectedSeries> Select(IReadOnlyList<VectorSelector> selectors, TimeRange range)
    {
        lock (gate)
        {
            var result = new List<SelectedSeries>();
            foreach (var series in IsOutside(range) ? [] : index.Select(selectors))
            {
                var samples = new List<Sample>();
                series.Read(range, samples);
                var histograms = series.ReadHistograms(range);
                if (samples.Count + histograms.Count > 0)
                {
                    result.Add(new SelectedSeries(series.Labels, samples) { Histograms = histograms });
                }
            }
            return result;
        }
    }

    /// <summary>The chunks that touch a range of each series that satisfies all matchers, in order; they stay as they are.</summary>
    public IReadOnlyList<HeadSeriesChunks> SelectChunks(IReadOnlyList<LabelMatcher> matchers, TimeRange range)
    {
        var result = new List<HeadSeriesChunks>();
        var chunks = new List<ChunkData>();
        lock (gate)
        {
            foreach (var series in IsOutside(range) ? [] : index.Select(matchers))
            {
                series.Share(range, chunks);
                if (chunks.Count > 0)
                {
                    result.Add(new HeadSeriesChunks(series.Labels, [.. chunks]));
                    chunks.Clear();
                }
            }
        }
        return result;
    }

    /// <summary>The matching series that have a chunk in a range, in the order of their labels.</summary>
    public IReadOnlyList<LabelSet> SelectLabels(IReadOnlyList<VectorSelector> selectors, TimeRange range)
    {
        var result = new List<LabelSet>();
        lock (gate)
        {
            foreach (var series in IsOutside(range) ? [] : index.Select(selectors))
            {
                if (series.Overlaps(range))
                {
                    result.Add(series.Labels);
                }
            }
        }
        return result;
    }

    /// <summary>
    /// The label names of the series that match one of the selectors, or of all without selectors; none when no series has
    /// a chunk in the range.
    /// </summary>
    public IReadOnlyList<string> LabelNames(IReadOnlyList<VectorSelector> selectors, TimeRange range)
    {
        lock (gate)
        {
            return IsOutside(range) ? []
                : selectors.Count == 0 ? [.. index.Postings.Keys]
                : [.. index.LabelNames(selectors)];
        }
    }

    /// <summary>The same of a label's values; each once when there are no selectors.</summary>
    public IReadOnlyList<string> LabelValues(string name, IReadOnlyList<VectorSelector> selectors, TimeRange range)
    {
        lock (gate)
        {
            return IsOutside(range) ? []
                : selectors.Count > 0 ? [.. index.LabelValues(name, selectors)]
                : index.Postings.TryGetValue(name, out var values) ? [.. values.Keys]
                : [];
        }
    }

    /// <summary>What <c>/api/v1/status/tsdb</c> tells.</summary>
    /// <param name="limit">The length of each list.</param>
    public HeadStatistics Statistics(int limit)
    {
        lock (gate)
        {
            return HeadStatistics.Of(index, counts.NewestMs, limit);
        }
    }

    /// <summary>Drops windows that end before a time, and the series that then have no sample.</summary>
    public void Forget(long beforeMs)
    {
        lock (gate)
        {
            oldestMs = Math.Max(oldestMs, beforeMs);
        }
        Keep(series => series.Forget(beforeMs));
    }

    /// <summary>Drops the series that have no sample since a time.</summary>
    /// <returns>How many.</returns>
    public int ForgetIdle(long sinceMs) => Keep(series => series.NewestMs >= sinceMs);

    /// <summary>Whether a range lies outside the time of all samples, which is told without asking every series.</summary>
    private bool IsOutside(TimeRange range) =>
        counts.NewestMs is not { } newestMs || newestMs < range.MinMs || oldestMs > range.MaxMs;

    private int Keep(Func<HeadSeries, bool> isKept)
    {
        lock (gate)
        {
            var before = index.Series.Count;
            var kept = index.Series.Where(isKept).ToList();
            if (kept.Count == before)
            {
                return 0;
            }
            // Numbers are positions, so the index is made anew; this happens once a window.
            var fresh = new HeadIndex();
            var freshBySeries = new Dictionary<LabelSet, HeadSeries>(kept.Count);
            foreach (var series in kept)
            {
                fresh.Add(series);
                freshBySeries.Add(series.Labels, series);
            }
            index = fresh;
            bySeries = freshBySeries;
            resolved.Clear();
            resolvedPositions = 0;
            return before - kept.Count;
        }
    }

    /// <summary>The head's series by position of a list; looked up once per list.</summary>
    private HeadSeries[] Resolve(SeriesList list)
    {
        if (resolved.TryGetValue(list, out var known))
        {
            return known;
        }
        var series = new HeadSeries[list.Count];
        for (var i = 0; i < series.Length; i++)
        {
            series[i] = Series(list[i]);
        }
        // A list that is not used any more cannot be told from one that is: forget all, now and then.
        if (resolvedPositions > (index.Series.Count * 4L) + ManyPositions)
        {
            resolved.Clear();
            resolvedPositions = 0;
        }
        resolved.Add(list, series);
        resolvedPositions += series.Length;
        return series;
    }

    private HeadSeries Series(LabelSet labels)
    {
        if (!bySeries.TryGetValue(labels, out var series))
        {
            series = new HeadSeries(labels);
            index.Add(series);
            bySeries.Add(labels, series);
        }
        return series;
    }
}
