using Tributary.Discovery;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Rules;
using Tributary.Storage.Head;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Holds what is in the log of rules against what follows from each evaluation before it, and what was told.</summary>
internal sealed class RuleChecker(RuleScenario scenario)
{
    /// <summary>A batch that came late may have made an alert begin or end at another time than was told.</summary>
    private const long LeewayMs = 3 * RuleScenario.IntervalMs;

    private readonly LogOracle oracle = new(scenario.World.Storage);

    public async Task CheckAsync(long nowMs)
    {
        var key = SourceKey.RulesOf(RuleScenario.File, "g");
        var byTick = oracle
            .Batches.Where(batch => string.Equals(batch.Home.Source, key, StringComparison.Ordinal))
            .GroupBy(batch => batch.Home.TickMs)
            .ToDictionary(tick => tick.Key, tick => tick.ToList());
        if (byTick.Count == 0)
        {
            throw new InvalidOperationException("lost: nothing was evaluated");
        }
        var first = scenario.FirstTickMs!.Value;
        var last = byTick.Keys.Max();
        Require(last > nowMs - (2 * RuleScenario.IntervalMs), $"lost: the last evaluation is {nowMs - last} ms ago");
        for (var tickMs = first; tickMs <= last; tickMs += RuleScenario.IntervalMs)
        {
            Require(byTick.ContainsKey(tickMs), $"lost: no evaluation at {tickMs}");
        }
        var seen = await SeenAsync(nowMs);
        for (var tickMs = first; tickMs <= last; tickMs += RuleScenario.IntervalMs)
        {
            Whole(seen, byTick[tickMs], tickMs);
            // Processes whose clocks differ may begin with different times: the second need not follow from the first.
            var before = tickMs <= first + RuleScenario.IntervalMs ? [] : byTick[tickMs - RuleScenario.IntervalMs];
            Follows(seen, before, tickMs, isFirst: before.Count == 0);
        }
        for (var i = 0; i < RuleScenario.SeriesCount; i++)
        {
            Told(seen, $"{i}", first, last);
        }
    }

    private async Task<Dictionary<(LabelSet Series, long AtMs), double>> SeenAsync(long nowMs)
    {
        var instance = scenario.World.NewInstance();
        instance.Faults = FaultPolicy.None;
        var recent = new RecentLog(instance.Blobs, new SeriesTable(), writer: null, instance.Time);
        await instance.RunAsync(() => recent.LoadAsync(onBatch: null, CancellationToken.None));
        recent.LoadHistory();
        var everything = SelectorParser.Parse("{__name__=~\".+\"}");
        return recent
            .Select([everything], new TimeRange(0, nowMs))
            .SelectMany(series => series.Samples.Select(sample => ((series.Labels, sample.TimestampMs), sample.Value)))
            .ToDictionary(sample => sample.Item1, sample => sample.Value);
    }

    /// <summary>Of the batches of one time readers see exactly one.</summary>
    private static void Whole(
        Dictionary<(LabelSet Series, long AtMs), double> seen,
        List<OracleBatch> batches,
        long tickMs
    )
    {
        var there = seen.Where(sample => sample.Key.AtMs == tickMs && !StaleMarker.IsStale(sample.Value))
            .Select(sample => (sample.Key.Series, sample.Value))
            .ToHashSet();
        Require(
            batches.Exists(batch =>
                there.SetEquals(
                    batch.Samples.Where(sample => !sample.Added).Select(sample => (sample.Series, sample.Value))
                )
            ),
            $"mixed: what is seen at {tickMs} is of no batch"
        );
    }

    /// <summary>Alerts are active since when they were at the time before, as the batch there says, or begin now.</summary>
    private static void Follows(
        Dictionary<(LabelSet Series, long AtMs), double> seen,
        List<OracleBatch> before,
        long tickMs,
        bool isFirst
    )
    {
        foreach (var ((series, atMs), value) in seen)
        {
            if (atMs != tickMs || StaleMarker.IsStale(value) || series.MetricName is not ResultLabels.AlertsForState)
            {
                continue;
            }
            var possible = before
                .Select(batch => SinceOf(batch, series))
                .DefaultIfEmpty(null)
                .Select(since => since ?? (tickMs / 1000.0))
                .ToList();
            Require(
                isFirst || possible.Contains(value),
                $"state: {series} at {tickMs} is active since {value}, not {string.Join(" or ", possible)}"
            );
            var isFiring = StateOf(seen, series, tickMs) is { } state && state;
            Require(
                isFiring == tickMs - (long)(value * 1000) >= RuleScenario.ForMs,
                $"state: {series} at {tickMs} is {(isFiring ? "firing" : "not firing")}, active since {value}"
            );
        }
    }

    private static double? SinceOf(OracleBatch batch, LabelSet series)
    {
        foreach (var sample in batch.Samples)
        {
            if (!sample.Added && sample.Series.Equals(series))
            {
                return sample.Value;
            }
        }
        return null;
    }

    /// <summary>Whether an alert fires at a time; null when it is not active.</summary>
    private static bool? StateOf(Dictionary<(LabelSet Series, long AtMs), double> seen, LabelSet forState, long tickMs)
    {
        var alert = ResultLabels.With(forState, new Label(LabelSet.MetricNameLabel, ResultLabels.Alerts));
        foreach (var state in (AlertState[])[AlertState.Firing, AlertState.Pending])
        {
            var series = ResultLabels.With(alert, new Label(ResultLabels.AlertStateName, ResultLabels.NameOf(state)));
            if (seen.TryGetValue((series, tickMs), out var value) && !StaleMarker.IsStale(value))
            {
                return state is AlertState.Firing;
            }
        }
        return null;
    }

    /// <summary>Whoever is to know was told of each time in which an alert fired, and of its end.</summary>
    private void Told(Dictionary<(LabelSet Series, long AtMs), double> seen, string number, long firstMs, long lastMs)
    {
        var series = LabelSet.Of(
            LabelSet.MetricNameLabel,
            ResultLabels.Alerts,
            ResultLabels.AlertName,
            "A",
            ResultLabels.AlertStateName,
            "firing",
            "i",
            number
        );
        bool IsFiring(long tickMs) => seen.TryGetValue((series, tickMs), out var value) && !StaleMarker.IsStale(value);
        var own = scenario
            .Told.Where(alert => string.Equals(alert.Labels.Get("i"), number, StringComparison.Ordinal))
            .ToList();
        long? sinceMs = null;
        for (var tickMs = firstMs; tickMs <= lastMs; tickMs += RuleScenario.IntervalMs)
        {
            if (IsFiring(tickMs))
            {
                sinceMs ??= tickMs;
                continue;
            }
            if (sinceMs is not { } beganMs)
            {
                continue;
            }
            sinceMs = null;
            Require(
                own.Exists(alert => !alert.IsResolved && IsNear(alert.StartsAtMs, beganMs, tickMs)),
                $"untold: alert {number} fired from {beganMs} to {tickMs}"
            );
            Require(
                own.Exists(alert => alert.IsResolved && IsNear(alert.EndsAtMs, tickMs, tickMs)),
                $"untold: alert {number} was over at {tickMs}"
            );
        }
        Require(
            sinceMs is not { } openMs || own.Exists(alert => IsNear(alert.StartsAtMs, openMs, lastMs)),
            $"untold: alert {number} fires since {sinceMs}"
        );
    }

    private static bool IsNear(long atMs, long fromMs, long toMs) =>
        atMs >= fromMs - LeewayMs && atMs <= toMs + LeewayMs;

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new InvalidOperationException(violation);
        }
    }
}
