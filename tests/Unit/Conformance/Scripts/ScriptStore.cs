using Tributary.Model;
using Tributary.PromQL.Notation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Chunks;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>The series that a script has loaded, in memory, start timestamps included.</summary>
/// <remarks>
/// Counter reset hints are as a reader of chunks finds them: a histogram that continues its chunk is known not to be a
/// reset, the first one of a chunk is unknown.
/// </remarks>
internal sealed class ScriptStore : QuerySource
{
    private readonly SortedDictionary<LabelSet, List<Stored>> series = [];

    /// <summary>Adds a sample, later than those of its series.</summary>
    /// <param name="labels">The series.</param>
    /// <param name="timeMs">When it is.</param>
    /// <param name="item">The sample.</param>
    /// <param name="startMs">When counting began; 0 for unknown.</param>
    public void Add(LabelSet labels, long timeMs, NotedValue item, long startMs)
    {
        if (item.IsOmitted)
        {
            return;
        }
        if (!series.TryGetValue(labels, out var samples))
        {
            series.Add(labels, samples = []);
        }
        var last = samples.Count > 0 ? samples[^1] : default;
        if (samples.Count > 0 && timeMs <= last.TimeMs)
        {
            throw new FormatException($"sample of {labels} at {timeMs} ms is not later than that at {last.TimeMs} ms");
        }
        var histogram = item.Histogram is { } value ? value.With(Hint(last, value)) : null;
        samples.Add(new Stored(timeMs, item.Value, histogram, startMs));
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
            var inRange = samples.Count(sample => range.Contains(sample.TimeMs));
            if (inRange > 0 && matchers.All(matcher => matcher.Matches(labels)))
            {
                found.Add(new StoredSeries(labels, samples, inRange));
                count += inRange;
            }
        }
        return count > limits.MaxSamples
            ? throw QueryException.TooManySamples()
            : Task.FromResult(new SourceSelection(found, [], 0));
    }

    private static CounterResetHint Hint(in Stored last, Histogram value)
    {
        if (value.Hint == CounterResetHint.Gauge)
        {
            return CounterResetHint.Gauge;
        }
        return
            last.Histogram is { } before && HistogramChange.Judge(before, value) == CounterResetHeader.NotCounterReset
            ? CounterResetHint.NotCounterReset
            : CounterResetHint.Unknown;
    }

    private readonly record struct Stored(long TimeMs, double Value, Histogram? Histogram, long StartMs);

    private sealed class StoredSeries(LabelSet labels, List<Stored> samples, int count) : SourceSeries(labels, count)
    {
        public override void Decode(TimeRange range, SampleBuffer buffer)
        {
            foreach (var sample in samples)
            {
                if (!range.Contains(sample.TimeMs))
                {
                    continue;
                }
                if (sample.Histogram is { } histogram)
                {
                    buffer.Add(sample.TimeMs, histogram);
                }
                else
                {
                    buffer.Add(sample.TimeMs, sample.Value);
                }
                buffer.SetStart(sample.StartMs);
            }
        }
    }
}
