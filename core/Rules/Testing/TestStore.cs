using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Chunks;

namespace Tributary.Rules.Testing;

/// <summary>The series of one test in memory: those that it gives, as far as time has come, and what rules made of them.</summary>
/// <remarks>
/// What histograms say of resets is as a reader of chunks finds it: one that continues the one before is known not to be a
/// reset, of others nothing is known.
/// </remarks>
/// <param name="test">The test.</param>
internal sealed class TestStore(RuleTest test) : QuerySource
{
    private readonly SortedDictionary<LabelSet, List<Stored>> series = [];
    private readonly int[] next = new int[test.Series.Count];

    /// <summary>All samples of all series up to a time, for people.</summary>
    public IEnumerable<(LabelSet Labels, IEnumerable<(long TimeMs, double Value, Histogram? Histogram)> Samples)> All =>
        series.Select(pair => (pair.Key, pair.Value.Select(sample => (sample.TimeMs, sample.Value, sample.Histogram))));

    /// <summary>Lets the series of the test go on up to a time, which is part of it.</summary>
    public void AdvanceTo(long timeMs)
    {
        var stepMs = (long)test.Interval.TotalMilliseconds;
        for (var i = 0; i < next.Length; i++)
        {
            var (labels, values) = test.Series[i];
            for (; next[i] < values.Count && test.StartMs + (next[i] * stepMs) <= timeMs; next[i]++)
            {
                var value = values[next[i]];
                if (!value.IsOmitted)
                {
                    Add(labels, test.StartMs + (next[i] * stepMs), value.Value, value.Histogram);
                }
            }
        }
    }

    /// <summary>Adds what rules gave.</summary>
    public void Add(SampleColumns samples)
    {
        var times = samples.TimestampsMs.Span;
        var values = samples.Values.Span;
        var histograms = samples.Histograms.Span;
        for (var i = 0; i < samples.Count; i++)
        {
            Add(samples.Series[i], times[i], values[i], histograms.IsEmpty ? null : histograms[i]);
        }
    }

    /// <inheritdoc/>
    public override Task<SourceSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    )
    {
        var found = new List<SourceSeries>();
        var count = 0L;
        foreach (var (labels, samples) in series)
        {
            if (!matchers.All(matcher => matcher.Matches(labels)))
            {
                continue;
            }
            var first = IndexOf(samples, range.MinMs);
            var behind = range.MaxMs == long.MaxValue ? samples.Count : IndexOf(samples, range.MaxMs + 1);
            if (behind > first)
            {
                found.Add(new StoredSeries(labels, samples, first, behind));
                count += behind - first;
            }
        }
        return count > limits.MaxSamples
            ? throw QueryException.TooManySamples()
            : Task.FromResult(new SourceSelection(found, [], 0));
    }

    /// <summary>Puts a sample at its time; what is there already gives way.</summary>
    private void Add(LabelSet labels, long timeMs, double value, Histogram? histogram)
    {
        if (!series.TryGetValue(labels, out var samples))
        {
            series.Add(labels, samples = []);
        }
        var index = IndexOf(samples, timeMs);
        var hinted = histogram?.With(HintOf(index > 0 ? samples[index - 1].Histogram : null, histogram));
        var stored = new Stored(timeMs, value, hinted);
        if (index < samples.Count && samples[index].TimeMs == timeMs)
        {
            samples[index] = stored;
        }
        else
        {
            samples.Insert(index, stored);
        }
    }

    private static CounterResetHint HintOf(Histogram? before, Histogram value) =>
        value.Hint is CounterResetHint.Gauge ? CounterResetHint.Gauge
        : before is not null && HistogramChange.Judge(before, value) == CounterResetHeader.NotCounterReset
            ? CounterResetHint.NotCounterReset
        : CounterResetHint.Unknown;

    /// <summary>Where the first sample is that is not before a time.</summary>
    private static int IndexOf(List<Stored> samples, long timeMs)
    {
        var (low, high) = (0, samples.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = samples[middle].TimeMs < timeMs ? (middle + 1, high) : (low, middle);
        }
        return low;
    }

    private readonly record struct Stored(long TimeMs, double Value, Histogram? Histogram);

    private sealed class StoredSeries(LabelSet labels, List<Stored> samples, int first, int behind)
        : SourceSeries(labels, behind - first)
    {
        public override void Decode(TimeRange range, SampleBuffer buffer)
        {
            for (var i = first; i < behind; i++)
            {
                if (samples[i].Histogram is { } histogram)
                {
                    buffer.Add(samples[i].TimeMs, histogram);
                }
                else
                {
                    buffer.Add(samples[i].TimeMs, samples[i].Value);
                }
            }
        }
    }
}
