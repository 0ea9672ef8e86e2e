using Tributary.PromQL.Columns;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>avg</c> of floats or of histograms; a group with both has no average at that step.</summary>
/// <remarks>A compensated sum, until that would overflow; from then on a mean that is corrected with each value.</remarks>
internal sealed class AverageAccumulator(AggregateExpression expression, QueryRun run) : Accumulator(expression, run)
{
    private int steps;
    private int groupCount;
    private double[] counts = [];

    /// <summary>The sum, or the mean where <see cref="isMean"/>.</summary>
    private double[] sums = [];
    private double[] lost = [];
    private bool[] isMean = [];
    private HistogramGroups<HistogramMean>? histograms;

    /// <inheritdoc/>
    public override int BytesPerStep => (3 * sizeof(double)) + 1;

    /// <inheritdoc/>
    public override void Start(int groups, int steps)
    {
        (groupCount, this.steps) = (groups, steps);
        var size = checked(groups * steps);
        (counts, sums, lost, isMean) = (new double[size], new double[size], new double[size], new bool[size]);
    }

    /// <inheritdoc/>
    public override void Add(int group, string series, StepColumn column, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var value = column.Values[i];
            if (Absent.Is(value))
            {
                continue;
            }
            var at = (group * steps) + i;
            var count = ++counts[at];
            if (count == 1)
            {
                sums[at] = value;
            }
            else if (isMean[at] || !TryAdd(value, at))
            {
                Correct(value, at, count);
            }
        }
        if (column.Histograms is not null)
        {
            AddHistograms(group, series, column, from, to);
        }
    }

    /// <inheritdoc/>
    public override void Finish(int group, StepColumn result)
    {
        for (var i = 0; i < steps; i++)
        {
            var at = (group * steps) + i;
            var count = counts[at];
            if (histograms?[group, i] is not { } histogram)
            {
                if (count > 0)
                {
                    result.Values[i] = isMean[at] ? sums[at] + lost[at] : (sums[at] / count) + (lost[at] / count);
                }
            }
            else if (count > 0)
            {
                Warn(AnnotationTexts.MixedFloatsHistogramsInAggregation);
            }
            else
            {
                if (histogram.Outcome.HasFlag(HistogramOutcome.ResetCollision))
                {
                    Warn(AnnotationTexts.ResetCollisionInAggregation);
                }
                if (!histogram.Outcome.HasFlag(HistogramOutcome.Incompatible))
                {
                    result.Set(i, histogram.Result().Compact());
                }
                ReleaseHistogram(histogram.Counted);
            }
        }
    }

    private bool TryAdd(double value, int at)
    {
        var (sum, error) = (sums[at], lost[at]);
        CompensatedSum.Increase(value, ref sum, ref error);
        if (double.IsInfinity(sum))
        {
            return false;
        }
        (sums[at], lost[at]) = (sum, error);
        return true;
    }

    private void Correct(double value, int at, double count)
    {
        if (!isMean[at])
        {
            isMean[at] = true;
            sums[at] /= count - 1;
            lost[at] /= count - 1;
        }
        var share = (count - 1) / count;
        var (mean, error) = (share * sums[at], share * lost[at]);
        CompensatedSum.Increase(value / count, ref mean, ref error);
        (sums[at], lost[at]) = (mean, error);
    }

    private void AddHistograms(int group, string series, StepColumn column, int from, int to)
    {
        var all = LazyInitializer.EnsureInitialized(
            ref histograms,
            () => new HistogramGroups<HistogramMean>(groupCount, steps)
        );
        for (var i = from; i < to; i++)
        {
            if (column.HistogramAt(i) is not { } histogram)
            {
                continue;
            }
            ref var mean = ref all[group, i];
            mean ??= new HistogramMean();
            if (mean.Outcome.HasFlag(HistogramOutcome.Incompatible))
            {
                continue;
            }
            mean.Add(histogram);
            mean.Counted = CountHistogram(mean.Counted, mean.Buckets);
            NoteHistogram(series, mean.Outcome);
        }
    }
}
