using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>min</c> and <c>max</c>: NaN only where there is nothing else.</summary>
internal sealed class ExtremeAccumulator(AggregateExpression expression, QueryRun run) : Accumulator(expression, run)
{
    private readonly bool isMax = expression.Operator == AggregateOperator.Max;
    private int steps;
    private double[] extremes = [];

    /// <inheritdoc/>
    public override int BytesPerStep => sizeof(double);

    /// <inheritdoc/>
    public override void Start(int groups, int steps)
    {
        this.steps = steps;
        extremes = new double[checked(groups * steps)];
        extremes.AsSpan().Fill(Absent.Value);
    }

    /// <inheritdoc/>
    public override void Add(int group, string series, StepColumn column, int from, int to)
    {
        var values = column.Values.AsSpan(from, to - from);
        var target = extremes.AsSpan((group * steps) + from, values.Length);
        if (isMax)
        {
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i];
                // Nothing yet is NaN as well, and absent values are not greater than anything.
                if (target[i] < value || (double.IsNaN(target[i]) && !Absent.Is(value)))
                {
                    target[i] = value;
                }
            }
        }
        else
        {
            for (var i = 0; i < values.Length; i++)
            {
                var value = values[i];
                if (target[i] > value || (double.IsNaN(target[i]) && !Absent.Is(value)))
                {
                    target[i] = value;
                }
            }
        }
        if (column.Histograms is { } histograms && ColumnMath.CountHistograms(histograms.AsSpan(from, to - from)) > 0)
        {
            IgnoredHistogram();
        }
    }

    /// <inheritdoc/>
    public override void Finish(int group, StepColumn result) =>
        extremes.AsSpan(group * steps, steps).CopyTo(result.Values);
}
