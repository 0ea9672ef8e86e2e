using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Evaluation;

/// <summary>
/// Whether the buckets of native histograms are looked at: not below <c>histogram_count</c>, <c>histogram_sum</c> and
/// <c>histogram_avg</c>, unless there is a subquery or something that needs buckets on the way to the top.
/// </summary>
/// <remarks>As upstream has it, and it shows: hints of counter resets are then known of every sample but the first.</remarks>
internal sealed class BucketUse
{
    private int statistics;
    private int buckets;

    /// <summary>Whether selectors at this place need count and sum alone.</summary>
    public bool IsStatistics => statistics > 0 && buckets == 0;

    /// <summary>Plans what stands below an expression.</summary>
    public T Below<T>(Expression expression, Func<T> plan)
    {
        var (ofStatistics, ofBuckets) = expression switch
        {
            CallExpression { Function.Name: "histogram_count" or "histogram_sum" or "histogram_avg" } => (1, 0),
            CallExpression
            {
                Function.Name: "histogram_quantile" or "histogram_quantiles" or "histogram_fraction"
            } => (0, 1),
            BinaryExpression { Operator: BinaryOperator.TrimLower or BinaryOperator.TrimUpper } => (0, 1),
            SubqueryExpression => (0, 1),
            _ => (0, 0),
        };
        statistics += ofStatistics;
        buckets += ofBuckets;
        var planned = plan();
        statistics -= ofStatistics;
        buckets -= ofBuckets;
        return planned;
    }

    /// <summary>The series of a selection, for this place.</summary>
    public Func<IReadOnlyList<SourceSeries>> SeriesOf(Selection selection) =>
        IsStatistics
            ? () => [.. selection.Series.Select(series => new StatisticsSeries(series))]
            : () => selection.Series;
}
