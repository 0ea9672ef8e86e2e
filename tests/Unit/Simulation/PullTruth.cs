using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What the log has of what a source had, and when it came.</summary>
internal sealed class PullTruth
{
    private readonly Dictionary<(LabelSet Series, long TimestampMs), int> landed = [];

    public PullTruth(ModelPrometheus source, LogOracle oracle, PullHistory history)
    {
        Source = source;
        foreach (var part in oracle.Parts.Where(part => IsOf(part.Source)))
        {
            var landing = history.LandedAt(part.File.ToString(), part.Offset);
            Parts.Add((part, landing));
            foreach (var sample in part.Samples)
            {
                var key = (sample.Series, sample.TimestampMs);
                if (!StaleMarker.IsStale(sample.Value) && landed.GetValueOrDefault(key, int.MaxValue) > landing.Moment)
                {
                    landed[key] = landing.Moment;
                }
            }
        }
        var samples = new List<(LabelSet Series, TruthSample Sample)>();
        foreach (var (labels, series) in source.Stored)
        {
            samples.AddRange(series.Samples.Where(sample => !sample.IsMarker).Select(sample => (labels, sample)));
        }
        samples.Sort((left, right) => left.Sample.TimestampMs.CompareTo(right.Sample.TimestampMs));
        Samples = samples;
        FirstMs = Parts
            .Where(one => one.Part.Report is { Verdict: not Verdict.Failed } && one.Part.Source == Key)
            .Select(one => one.Part.TickMs)
            .DefaultIfEmpty(long.MaxValue)
            .Min();
    }

    public ModelPrometheus Source { get; }

    public string Key => Source.Target.Source;

    /// <summary>The parts of its batches, live and of the past, and when they came.</summary>
    public List<(OraclePart Part, Landing Landing)> Parts { get; } = [];

    /// <summary>All samples that are to be stored, markers apart, by time.</summary>
    public IReadOnlyList<(LabelSet Series, TruthSample Sample)> Samples { get; }

    /// <summary>The tick from which on it was collected; nothing is promised of the time before.</summary>
    public long FirstMs { get; }

    /// <summary>Whether every sample is to be had, and not only the newest.</summary>
    public bool IsLossless => HasHistory && Source.Target.Config.Source.Pull is not PullMode.Federate;

    /// <summary>Whether the past can be asked for.</summary>
    public bool HasHistory => !(Source.Missing.Contains("/api/v1/query") && Source.Missing.Contains("/api/v1/read"));

    /// <summary>The place in all that took place at which a sample was in the log; behind everything when it never was.</summary>
    public int LandedAt(LabelSet series, long timestampMs) =>
        landed.GetValueOrDefault((series, timestampMs), int.MaxValue);

    /// <summary>The samples of a time.</summary>
    public IEnumerable<(LabelSet Series, TruthSample Sample)> In(PullCoverage coverage)
    {
        foreach (var (fromMs, toMs) in coverage.Ranges)
        {
            var (low, high) = (0, Samples.Count);
            while (low < high)
            {
                var middle = (low + high) / 2;
                (low, high) = Samples[middle].Sample.TimestampMs <= fromMs ? (middle + 1, high) : (low, middle);
            }
            for (; low < Samples.Count && Samples[low].Sample.TimestampMs <= toMs; low++)
            {
                yield return Samples[low];
            }
        }
    }

    private bool IsOf(string key) =>
        SourceKey.WithoutPull(key) == Key
        || (SourceKey.IsBackfill(key) && key.StartsWith(Key + "/", StringComparison.Ordinal));
}
