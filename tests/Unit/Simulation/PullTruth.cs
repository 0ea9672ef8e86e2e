using Tributary.Model;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What the log has of what a source had, and when it came.</summary>
internal sealed class PullTruth
{
    private const int Never = int.MaxValue;
    private readonly Dictionary<(LabelSet Series, long TimestampMs), int> landed = [];

    public PullTruth(ModelPrometheus source, LogOracle oracle, PullHistory history)
    {
        Source = source;
        foreach (var part in oracle.Parts)
        {
            if (!IsOf(part.Source))
            {
                continue;
            }
            Parts.Add(part);
            var moment = history.LandedAt(part.File.ToString(), part.Offset);
            foreach (var sample in part.Samples)
            {
                var key = (sample.Series, sample.TimestampMs);
                if (!StaleMarker.IsStale(sample.Value))
                {
                    landed[key] = Math.Min(moment, landed.GetValueOrDefault(key, Never));
                }
            }
        }
        Samples =
        [
            .. source
                .Stored.SelectMany(one =>
                    one.Value.Samples.Where(sample => !sample.IsMarker)
                        .Select(sample => (Series: one.Key, Sample: sample))
                )
                .OrderBy(one => one.Sample.TimestampMs),
        ];
        FirstMs = Parts.Where(part => part.Report is { Verdict: not Verdict.Failed }).Select(part => part.TickMs).Order().FirstOrDefault(long.MaxValue);
    }

    public ModelPrometheus Source { get; }

    /// <summary>The parts of its batches, live and of the past.</summary>
    public List<OraclePart> Parts { get; } = [];

    /// <summary>All samples that are to be stored, markers apart, by time.</summary>
    public IReadOnlyList<(LabelSet Series, TruthSample Sample)> Samples { get; }

    /// <summary>The tick from which on it was collected; nothing is promised of the time before.</summary>
    public long FirstMs { get; }

    /// <summary>When a sample came into the log; after everything when it did not.</summary>
    public int LandedAt(LabelSet series, long timestampMs) => landed.GetValueOrDefault((series, timestampMs), Never);

    private bool IsOf(string source) => source == Source.Target.Source;
}
