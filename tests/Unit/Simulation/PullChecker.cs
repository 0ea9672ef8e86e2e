using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Holds the log and the ledger against what the sources had.</summary>
internal sealed partial class PullChecker
{
    private static readonly long LookbackMs = (long)TimeSpan.FromMinutes(5).TotalMilliseconds;
    private readonly PullScenario scenario;
    private readonly LogOracle oracle;
    private readonly List<PullTruth> truths;

    public PullChecker(PullScenario scenario)
    {
        this.scenario = scenario;
        oracle = new LogOracle(scenario.World.Storage);
        var nowMs = scenario.World.Time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var source in scenario.Sources.Values)
        {
            source.LiveUntil(nowMs);
        }
        truths = [.. scenario.Sources.Values.Select(source => new PullTruth(source, oracle, scenario.History))];
    }

    public void Check()
    {
        oracle.RequireWhole();
        Require(oracle.Parts.Count == truths.Sum(truth => truth.Parts.Count), "invented: a batch of no source");
        foreach (var truth in truths)
        {
            Stored(truth);
            Markers(truth);
            Forward(truth);
            Claims(truth);
            Settled(truth);
            Restless(truth);
        }
    }

    /// <summary>What is stored is what the source had, bit for bit.</summary>
    private static void Stored(PullTruth truth)
    {
        foreach (var (part, _) in truth.Parts)
        {
            foreach (var sample in part.Samples)
            {
                if (sample.IsMarker || (sample.Added && IsReport(truth, sample.Series)))
                {
                    continue;
                }
                var series = truth.Source.Stored.GetValueOrDefault(sample.Series);
                var found = series is null ? null : At(series, sample.TimestampMs);
                Require(
                    found is { } one && one.Bits == BitConverter.DoubleToInt64Bits(sample.Value),
                    $"invented: {sample.Series} {sample.Value} at {Short(sample.TimestampMs)} of {Name(part)}"
                        + $"; the source has {(series is null ? "no such series" : found?.Value.ToString() ?? "none")}"
                );
            }
        }
    }

    /// <summary>A series ends only when its source says so, or does not have it any more.</summary>
    private static void Markers(PullTruth truth)
    {
        foreach (var (part, landing) in truth.Parts)
        {
            foreach (var sample in part.Samples)
            {
                if (!sample.IsMarker || IsReport(truth, sample.Series))
                {
                    continue;
                }
                var what = $"{sample.Series} ends at {Short(sample.TimestampMs)} in {Name(part)}";
                Require(truth.Source.Stored.TryGetValue(sample.Series, out var series), $"invented: {what}");
                if (At(series!, sample.TimestampMs) is { IsMarker: true })
                {
                    continue;
                }
                // When exactly the source was asked is not known: it had the series all the time.
                var startedMs = Math.Min(part.Report?.StartedMs ?? part.TickMs, part.TickMs) - (LookbackMs / 10);
                var isThere =
                    Has(series!, startedMs)
                    && Has(series!, landing.AtMs)
                    && !series!.Samples.Any(one =>
                        one.IsMarker && one.VisibleMs >= startedMs && one.VisibleMs <= landing.AtMs
                    );
                Require(!isThere, $"marker: {what}, and the source had it all the time");
            }
        }
    }

    private static bool Has(ModelTruth series, long atMs) =>
        series.Newest(new TimeRange(atMs - LookbackMs, atMs), atMs) is { IsMarker: false };

    private static TruthSample? At(ModelTruth series, long timestampMs)
    {
        var index = series.IndexOf(timestampMs);
        return index < series.Samples.Count && series.Samples[index].TimestampMs == timestampMs
            ? series.Samples[index]
            : null;
    }

    private static bool IsReport(PullTruth truth, LabelSet series) =>
        truth.Source.Target.Labels.Labels.Length + 1 == series.Labels.Length
        && series.Get("instance") == truth.Source.Target.Labels.Get("instance")
        && (series.MetricName == "up" || series.MetricName.StartsWith("scrape_", StringComparison.Ordinal));

    private static string Name(OraclePart part) => $"{part.Source} tick {Short(part.TickMs)} in {part.File}";

    private static string Short(long atMs) => PullHistory.Short(atMs);

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new InvalidOperationException(violation);
        }
    }
}
