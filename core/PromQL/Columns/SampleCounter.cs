using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>Counts the samples that a query looks at, as Prometheus' <c>stats</c> do. Safe for several threads.</summary>
/// <param name="grid">The steps of the query.</param>
/// <param name="perStep">Whether to count by step, too.</param>
internal sealed class SampleCounter(StepGrid grid, bool perStep)
{
    private readonly long[] steps = new long[perStep ? grid.Count : 0];
    private long total;

    /// <summary>All together.</summary>
    public long Total => Interlocked.Read(ref total);

    /// <summary>By step of the query; null when not counted.</summary>
    public IReadOnlyList<long>? Steps => perStep ? steps : null;

    /// <summary>Counts samples of a step of some grid; what a subquery looks at goes to the last step of the query.</summary>
    /// <param name="of">The grid.</param>
    /// <param name="step">The step.</param>
    /// <param name="samples">How many.</param>
    public void Add(StepGrid of, int step, long samples)
    {
        Interlocked.Add(ref total, samples);
        if (perStep)
        {
            Interlocked.Add(ref steps[of == grid ? step : ^1], samples);
        }
    }
}
