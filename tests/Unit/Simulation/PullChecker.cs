using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Holds the log and the ledger against what the sources had.</summary>
internal sealed class PullChecker
{
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
        foreach (var truth in truths)
        {
            Stored(truth);
        }
        Require(oracle.Parts.Count == truths.Sum(truth => truth.Parts.Count), "invented: a batch of no source");
    }

    /// <summary>What is stored is what the source had, bit for bit.</summary>
    private static void Stored(PullTruth truth)
    {
        foreach (var part in truth.Parts)
        {
            foreach (var sample in part.Samples.Where(sample => !sample.Added))
            {
                var place = $"{sample.Series} at {sample.TimestampMs} of tick {part.TickMs} in {part.File}";
                Require(truth.Source.Stored.TryGetValue(sample.Series, out var series), $"invented: {place}");
                var index = series!.IndexOf(sample.TimestampMs);
                Require(
                    index < series.Samples.Count && series.Samples[index].TimestampMs == sample.TimestampMs,
                    $"invented: {place}"
                );
                Require(
                    series.Samples[index].Bits == BitConverter.DoubleToInt64Bits(sample.Value),
                    $"invented: {place} is {sample.Value}, the source has {series.Samples[index].Value}"
                );
            }
        }
    }

    private static void Require(bool condition, string violation)
    {
        if (!condition)
        {
            throw new InvalidOperationException(violation);
        }
    }
}
