using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Functions;

/// <summary>Goes over the histograms of a vector, native or of classic buckets, step by step.</summary>
internal abstract class BucketFunction : VectorFunction
{
    /// <summary>How many results each histogram has: one, or one per quantile.</summary>
    protected virtual int ResultCount(VectorInput input) => 1;

    /// <summary>A result as the series that it is.</summary>
    /// <param name="labels">The labels of the histogram.</param>
    /// <param name="column">The values.</param>
    /// <param name="result">Which result.</param>
    /// <param name="input">The arguments.</param>
    protected virtual IEnumerable<(LabelSet Labels, StepColumn Column)> SeriesOf(
        LabelSet labels,
        StepColumn column,
        int result,
        VectorInput input
    ) => [(labels, column)];

    /// <summary>Looks at the scalar arguments, once per call.</summary>
    /// <param name="input">The arguments.</param>
    protected abstract void CheckParameters(VectorInput input);

    /// <summary>The result of a native histogram.</summary>
    protected abstract double OfNative(Histogram value, int step, int result, VectorInput input, string metricName);

    /// <summary>The result of classic buckets.</summary>
    protected abstract double OfClassic(
        ClassicBuckets buckets,
        int step,
        int result,
        VectorInput input,
        string metricName
    );

    /// <inheritdoc/>
    public sealed override IReadOnlyList<SeriesColumn> Evaluate(VectorInput input)
    {
        CheckParameters(input);
        var results = new List<SeriesColumn>();
        var buckets = new ClassicBuckets();
        foreach (var group in BucketGroups.Of(input).All)
        {
            Evaluate(group, buckets, input, results);
        }
        return results;
    }

    private void Evaluate(BucketGroup group, ClassicBuckets buckets, VectorInput input, List<SeriesColumn> results)
    {
        var name = group.Labels.MetricName;
        // Upstream has dropped the name by then, unless that waits for the end of the query.
        var shownName = input.Context.DelaysNameRemoval ? name : "";
        var isMixed = false;
        for (var result = 0; result < ResultCount(input); result++)
        {
            var column = new StepColumn(input.Steps.Count);
            for (var step = 0; step < input.Steps.Count; step++)
            {
                Gather(group, step, buckets);
                var native = group.Native?.HistogramAt(step);
                if (native is not null && buckets.Count > 0)
                {
                    isMixed = true;
                }
                else if (native is not null)
                {
                    column.Values[step] = OfNative(native, step, result, input, shownName);
                }
                else if (buckets.Count > 0)
                {
                    column.Values[step] = OfClassic(buckets, step, result, input, shownName);
                }
            }
            results.AddRange(
                SeriesOf(group.Labels, column, result, input)
                    .Select(series => new SeriesColumn(series.Labels, series.Column) { DropName = true })
            );
        }
        if (isMixed)
        {
            input.Context.Annotations.Warn(AnnotationTexts.MixedClassicNative(shownName), PositionOf(input));
        }
    }

    /// <summary>The place of annotations about the vector.</summary>
    protected static int PositionOf(VectorInput input) => input.Context.PositionOf(input.VectorArgument);

    private static void Gather(BucketGroup group, int step, ClassicBuckets buckets)
    {
        buckets.Clear();
        foreach (var (bound, column) in group.Classic)
        {
            var value = column.Values[step];
            if (!Absent.Is(value))
            {
                buckets.Add(bound, value);
            }
        }
    }
}
