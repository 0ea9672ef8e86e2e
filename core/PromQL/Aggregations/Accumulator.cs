using Tributary.PromQL.Columns;
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
    /// <summary>How an aggregation annotates its answer.</summary>
    private readonly AggregateExpression expression;
    private readonly AnnotationSet annotations;

    private protected Accumulator(AggregateExpression expression, QueryRun run)
    {
        (this.expression, annotations) = (expression, run.Annotations);
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

    private protected void IgnoredHistogram() =>
        annotations.Info(
            AnnotationTexts.HistogramIgnoredInAggregation(expression.Operator.Name()),
            expression.Expression.Position.Start
        );

    private protected void Warn(string text) => annotations.Warn(text, expression.Expression.Position.Start);

    private protected void Info(string text) => annotations.Info(text, expression.Expression.Position.Start);
}
