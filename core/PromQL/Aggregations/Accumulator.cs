using System.Collections.Concurrent;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary>The state of all groups at all steps of an aggregation that needs to see each value only once.</summary>
/// <remarks>
/// Series come in order, at each step. Several threads add to several ranges of steps at once; state lies by group, then
/// step.
/// </remarks>
internal abstract class Accumulator
{
    /// <summary>What a histogram in the making takes without its buckets, and what a bucket of it takes.</summary>
    private const long HistogramBytes = 800;
    private const long BucketBytes = 32;

    /// <summary>How an aggregation annotates its answer.</summary>
    private readonly AggregateExpression expression;
    private readonly AnnotationSet annotations;
    private readonly QueryBudget budget;

    /// <summary>What is noted already: a million values have one thing to tell, once.</summary>
    private readonly ConcurrentDictionary<string, bool> noted = new(StringComparer.Ordinal);
    private bool hasIgnored;

    private protected Accumulator(AggregateExpression expression, QueryRun run)
    {
        (this.expression, annotations, budget) = (expression, run.Annotations, run.Budget);
    }

    /// <summary>How many bytes of state there are for a group and a step.</summary>
    public abstract int BytesPerStep { get; }

    /// <summary>The accumulator of an operator; null if the operator is of another kind.</summary>
    public static Accumulator? Of(AggregateExpression expression, QueryRun run) =>
        expression.Operator switch
        {
            AggregateOperator.Sum => new SumAccumulator(expression, run),
            AggregateOperator.Average => new AverageAccumulator(expression, run),
            AggregateOperator.Count => new CountAccumulator(expression, run),
            AggregateOperator.Group => new CountAccumulator(expression, run),
            AggregateOperator.Min => new ExtremeAccumulator(expression, run),
            AggregateOperator.Max => new ExtremeAccumulator(expression, run),
            AggregateOperator.StandardDeviation => new VarianceAccumulator(expression, run),
            AggregateOperator.StandardVariance => new VarianceAccumulator(expression, run),
            _ => null,
        };

    /// <summary>Makes room.</summary>
    public abstract void Start(int groups, int steps);

    /// <summary>Adds the values of a series at some steps to its group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="series">What the series is called, for annotations.</param>
    /// <param name="column">Its values.</param>
    /// <param name="from">The first step.</param>
    /// <param name="to">The step behind the last one.</param>
    public abstract void Add(int group, string series, StepColumn column, int from, int to);

    /// <summary>The values of a group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="result">Without values.</param>
    public abstract void Finish(int group, StepColumn result);

    /// <summary>Annotates what adding a histogram brought.</summary>
    /// <param name="series">What the added series is called.</param>
    /// <param name="outcome">What it brought.</param>
    private protected void NoteHistogram(string series, HistogramOutcome outcome)
    {
        if (outcome.HasFlag(HistogramOutcome.BoundsReconciled))
        {
            Info(AnnotationTexts.MismatchedBucketsInAggregation);
        }
        if (outcome.HasFlag(HistogramOutcome.Incompatible))
        {
            Warn(AnnotationTexts.MixedExponentialCustom(series));
        }
    }

    /// <summary>Counts a histogram in the making: there is one for each group and step, and it may grow.</summary>
    /// <param name="before">For how many buckets it is counted; 0 for a new one.</param>
    /// <param name="now">How many it has.</param>
    /// <returns>For how many buckets it is counted then.</returns>
    private protected int CountHistogram(int before, int now)
    {
        // One without buckets counts as having one.
        now = Math.Max(1, now);
        if (now > before)
        {
            budget.TakeBytes((before == 0 ? HistogramBytes : 0) + ((now - before) * BucketBytes));
        }
        return Math.Max(before, now);
    }

    /// <summary>The histogram is finished.</summary>
    private protected void ReleaseHistogram(int counted) =>
        budget.ReleaseBytes(counted == 0 ? 0 : HistogramBytes + (counted * BucketBytes));

    private protected void IgnoredHistogram()
    {
        if (!hasIgnored)
        {
            hasIgnored = true;
            Info(AnnotationTexts.HistogramIgnoredInAggregation(expression.Operator.Name()));
        }
    }

    private protected void Warn(string text)
    {
        if (noted.TryAdd(text, true))
        {
            annotations.Warn(text, expression.Expression.Position.Start);
        }
    }

    private protected void Info(string text)
    {
        if (noted.TryAdd(text, true))
        {
            annotations.Info(text, expression.Expression.Position.Start);
        }
    }
}
