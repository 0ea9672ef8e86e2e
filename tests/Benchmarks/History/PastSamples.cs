using Tributary.Benchmarks.Workload;

namespace Tributary.Benchmarks.History;

/// <summary>Two hours of one source's samples that end now: what a start has to read.</summary>
internal sealed class PastSamples
{
    public PastSamples(int series, TimeSpan range, TimeSpan step, long nowMs)
    {
        Workload = new SourceWorkload(0, series);
        StepMs = (long)step.TotalMilliseconds;
        Steps = (int)(range / step);
        FirstStep = nowMs / StepMs - Steps;
    }

    public SourceWorkload Workload { get; }

    public long StepMs { get; }

    public long FirstStep { get; }

    public int Steps { get; }

    /// <summary>When a step's sample of a series was taken, in ms; its target decides.</summary>
    public long Timestamp(int series, long step) => step * StepMs + Workload.Offset(Workload.Target(series), StepMs);

    /// <summary>Whether there is a sample: one scrape in 499 is missing.</summary>
    public bool Has(int series, long step) => !Workload.Misses(Workload.Target(series), step);

    /// <summary>How many samples there are in all.</summary>
    public long Count()
    {
        long count = 0;
        var targets = new int[Workload.Targets];
        for (var series = 0; series < Workload.Count; series++)
        {
            targets[Workload.Target(series)]++;
        }

        for (var target = 0; target < targets.Length; target++)
        {
            for (var step = FirstStep; step < FirstStep + Steps; step++)
            {
                count += Workload.Misses(target, step) ? 0 : targets[target];
            }
        }

        return count;
    }
}
