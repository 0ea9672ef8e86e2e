using System.Globalization;

namespace Tributary.Benchmarks.Workload;

/// <summary>Which step each target of a source is at, and the timestamps that its lines carry.</summary>
internal sealed class SourceMoment
{
    private const int Digits = 13;

    private readonly long[] steps;
    private readonly byte[] stamps;

    private SourceMoment(SourceWorkload workload, long stepMs, Func<long, long> stepAt)
    {
        steps = new long[workload.Targets];
        stamps = new byte[workload.Targets * Digits];
        for (var target = 0; target < steps.Length; target++)
        {
            var offset = workload.Offset(target, stepMs);
            steps[target] = stepAt(offset);
            var milliseconds = steps[target] * stepMs + offset;
            milliseconds.TryFormat(stamps.AsSpan(target * Digits), out _, "D13", CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What a reader sees now: of each target the newest scrape that lies behind.</summary>
    public static SourceMoment Now(SourceWorkload workload, long nowMs, long stepMs) =>
        new(workload, stepMs, offset => (nowMs - offset) / stepMs);

    public long Step(int target) => steps[target];

    public ReadOnlySpan<byte> Timestamp(int target) => stamps.AsSpan(target * Digits, Digits);
}
