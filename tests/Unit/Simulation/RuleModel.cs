using Tributary.Model;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What a process sees: series that come and go by a plan, at times not yet; and what rules have written.</summary>
/// <param name="scenario">Whose plan it is.</param>
/// <param name="recent">What rules have written.</param>
internal sealed class RuleModel(RuleScenario scenario, RecentLog recent) : QuerySource
{
    public override Task<SourceSelection> SelectAsync(
        IReadOnlyList<LabelMatcher> matchers,
        TimeRange range,
        SourceLimits limits,
        CancellationToken cancellationToken
    )
    {
        IEnumerable<SourceSeries> series = matchers.Any(matcher => matcher.IsName("m"))
            ? Planned(range.MaxMs)
            : recent
                .Select([new VectorSelector(matchers)], range)
                .OrderBy(one => one.Labels)
                .Select(one => new Stored(
                    one.Labels,
                    [.. one.Samples.Select(sample => (sample.TimestampMs, sample.Value))]
                ));
        return Task.FromResult(new SourceSelection([.. series], [], 0));
    }

    private IEnumerable<SourceSeries> Planned(long timeMs)
    {
        if (scenario.World.Random.Chance(0.15))
        {
            yield break;
        }
        for (var i = 0; i < RuleScenario.SeriesCount; i++)
        {
            if (RuleScenario.IsThere(i, timeMs))
            {
                yield return new Stored(LabelSet.Of(LabelSet.MetricNameLabel, "m", "i", $"{i}"), [(timeMs, 1)]);
            }
        }
    }

    private sealed class Stored(LabelSet labels, IReadOnlyList<(long AtMs, double Value)> samples)
        : SourceSeries(labels, samples.Count)
    {
        public override void Decode(TimeRange range, SampleBuffer buffer)
        {
            foreach (var (atMs, value) in samples)
            {
                buffer.Add(atMs, value);
            }
        }
    }
}
