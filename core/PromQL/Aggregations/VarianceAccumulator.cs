using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>stddev</c> and <c>stdvar</c> of the population, by Welford's running mean.</summary>
internal sealed class VarianceAccumulator(AggregateExpression expression, QueryRun run) : Accumulator(expression, run)
{
    private readonly bool isDeviation = expression.Operator == AggregateOperator.StandardDeviation;
    private int steps;
    private double[] counts = [];
    private double[] means = [];
    private double[] squares = [];

    /// <inheritdoc/>
    public override int BytesPerStep => 3 * sizeof(double);

    /// <inheritdoc/>
    public override void Start(int groups, int steps)
    {
        this.steps = steps;
        var size = checked(groups * steps);
        (counts, means, squares) = (new double[size], new double[size], new double[size]);
    }

    /// <inheritdoc/>
    public override void Add(int group, string series, StepColumn column, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            var value = column.Values[i];
            if (Absent.Is(value))
            {
                if (column.HistogramAt(i) is not null)
                {
                    IgnoredHistogram();
                }
                continue;
            }
            var at = (group * steps) + i;
            var count = ++counts[at];
            if (count == 1)
            {
                means[at] = value;
                squares[at] = double.IsFinite(value) ? 0 : double.NaN;
                continue;
            }
            var delta = value - means[at];
            means[at] += delta / count;
            squares[at] += delta * (value - means[at]);
        }
    }

    /// <inheritdoc/>
    public override void Finish(int group, StepColumn result)
    {
        for (var i = 0; i < steps; i++)
        {
            var at = (group * steps) + i;
            if (counts[at] > 0)
            {
                var variance = squares[at] / counts[at];
                result.Values[i] = isDeviation ? Math.Sqrt(variance) : variance;
            }
        }
    }
}
