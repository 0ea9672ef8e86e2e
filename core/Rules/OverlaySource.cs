using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Sources;

namespace Tributary.Rules;

/// <summary>A source with the results of the rules before, which are not in the log yet; and a note of what was asked for.</summary>
/// <param name="source">What is stored.</param>
/// <param name="results">What is not yet; it may grow between two queries.</param>
internal sealed class OverlaySource(QuerySource source, GroupResults results) : QuerySource
{
    /// <summary>What a sample takes.</summary>
    private const int SampleBytes = 64;

    private readonly Lock gate = new();
    private readonly List<SourceQuery> asked = [];

    /// <summary>What queries asked for, all of it.</summary>
    public IReadOnlyList<SourceQuery> Asked
    {
        get
        {
            lock (gate)
            {
                return [.. asked];
            }
        }
    }

    /// <inheritdoc/>
    public override async Task<SourceSelection> SelectAsync(
        IReadOnlyList<PromQL.Syntax.LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    ) => (await SelectAsync([new SourceQuery(matchers, range)], limits, cancellationToken))[0];

    /// <inheritdoc/>
    public override async Task<IReadOnlyList<SourceSelection>> SelectAsync(
        IReadOnlyList<SourceQuery> queries,
        SourceLimits limits,
        CancellationToken cancellationToken
    )
    {
        lock (gate)
        {
            asked.AddRange(queries);
        }
        var found = await source.SelectAsync(queries, limits, cancellationToken);
        return [.. found.Select((selection, i) => With(selection, queries[i]))];
    }

    /// <inheritdoc/>
    public override Task<bool> LeaveOutAsync(CorruptDataException damage, CancellationToken cancellationToken) =>
        source.LeaveOutAsync(damage, cancellationToken);

    private SourceSelection With(SourceSelection selection, SourceQuery query)
    {
        if (results.TimeMs < query.Range.MinMs || results.TimeMs > query.Range.MaxMs)
        {
            return selection;
        }
        var own = results
            .All.Where(sample => query.Matchers.All(matcher => matcher.Matches(sample.Labels)))
            .ToDictionary(sample => sample.Labels);
        if (own.Count == 0)
        {
            return selection;
        }
        var series = new List<SourceSeries>(selection.Series.Count + own.Count);
        foreach (var stored in selection.Series)
        {
            series.Add(
                own.Remove(stored.Labels, out var sample) ? new Overlaid(stored, sample, results.TimeMs) : stored
            );
        }
        series.AddRange(own.Values.Select(sample => new Overlaid(null, sample, results.TimeMs)));
        series.Sort(static (one, other) => one.Labels.CompareTo(other.Labels));
        return selection with { Series = series, Bytes = selection.Bytes + ((long)own.Count * SampleBytes) };
    }

    /// <summary>A series with one sample more, which beats what is stored at its time.</summary>
    private sealed class Overlaid(SourceSeries? stored, RuleSample sample, long timeMs)
        : SourceSeries(sample.Labels, (stored?.SampleCount ?? 0) + 1)
    {
        public override void Decode(TimeRange range, SampleBuffer buffer)
        {
            stored?.Decode(range, buffer);
            var later = Later(buffer);
            Add(buffer, timeMs, sample.Value, sample.Histogram);
            foreach (var (atMs, value, histogram) in later)
            {
                Add(buffer, atMs, value, histogram);
            }
        }

        /// <summary>Takes what is stored at the time and later off the end; there is such a thing only when others are ahead.</summary>
        private List<(long AtMs, double Value, Histogram? Histogram)> Later(SampleBuffer buffer)
        {
            var kept = buffer.Count;
            while (kept > 0 && buffer.Times[kept - 1] >= timeMs)
            {
                kept--;
            }
            var later = new List<(long, double, Histogram?)>();
            for (var i = kept; i < buffer.Count; i++)
            {
                if (buffer.Times[i] > timeMs)
                {
                    later.Add((buffer.Times[i], buffer.Values[i], buffer.HasHistograms ? buffer.Histograms[i] : null));
                }
            }
            buffer.Decoded.Truncate(kept);
            return later;
        }

        private static void Add(SampleBuffer buffer, long atMs, double value, Histogram? histogram)
        {
            if (histogram is null)
            {
                buffer.Add(atMs, value);
            }
            else
            {
                buffer.Add(atMs, histogram);
            }
        }
    }
}
