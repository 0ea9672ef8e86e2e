using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Evaluation;

/// <summary>Series in memory; counts the selections that it is asked for.</summary>
internal sealed class MemorySource : QuerySource
{
    private readonly SortedDictionary<LabelSet, List<(long TimeMs, double Value, Histogram? Histogram)>> series = [];
    private int selections;

    /// <summary>How many selections were asked for.</summary>
    public int Selections => selections;

    /// <summary>What is awaited before each answer.</summary>
    public Func<CancellationToken, Task> BeforeAnswer { get; set; } = _ => Task.CompletedTask;

    /// <summary>Adds floats, <paramref name="stepMs"/> apart from time 0 on.</summary>
    public void Add(LabelSet labels, long stepMs, params ReadOnlySpan<double> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            Add(labels, i * stepMs, values[i]);
        }
    }

    /// <summary>Adds a sample, later than those of its series.</summary>
    public void Add(LabelSet labels, long timeMs, double value, Histogram? histogram = null)
    {
        if (!series.TryGetValue(labels, out var samples))
        {
            series.Add(labels, samples = []);
        }
        samples.Add((timeMs, value, histogram));
    }

    /// <inheritdoc/>
    public override async Task<SourceSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    )
    {
        Interlocked.Increment(ref selections);
        await BeforeAnswer(cancellationToken);
        var found = series
            .Where(pair => matchers.All(matcher => matcher.Matches(pair.Key)))
            .Where(pair => pair.Value.Exists(sample => range.Contains(sample.TimeMs)))
            .Select(SourceSeries (pair) => new Series(pair.Key, pair.Value));
        return new SourceSelection([.. found], [], 0);
    }

    private sealed class Series(LabelSet labels, List<(long TimeMs, double Value, Histogram? Histogram)> samples)
        : SourceSeries(labels, samples.Count)
    {
        public override void Decode(TimeRange range, SampleBuffer buffer)
        {
            foreach (var (timeMs, value, histogram) in samples)
            {
                if (!range.Contains(timeMs))
                {
                    continue;
                }
                if (histogram is null)
                {
                    buffer.Add(timeMs, value);
                }
                else
                {
                    buffer.Add(timeMs, histogram);
                }
            }
        }
    }
}
