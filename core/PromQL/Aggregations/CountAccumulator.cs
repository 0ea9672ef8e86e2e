using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>count</c> and <c>group</c>.</summary>
internal sealed class CountAccumulator(AggregateExpression expression, QueryRun run) : Accumulator(expression, run)
{
    private readonly bool isGroup = expression.Operator == AggregateOperator.Group;
    private int steps;
    private int[] counts = [];

    /// <inheritdoc/>
    public override int BytesPerStep => sizeof(int);

    /// <inheritdoc/>
    public override void Start(int groups, int steps)
    {
        this.steps = steps;
        counts = new int[checked(groups * steps)];
    }

    /// <inheritdoc/>
    public override void Add(int group, string series, StepColumn column, int from, int to)
    {
        var values = column.Values.AsSpan(from, to - from);
        var target = counts.AsSpan((group * steps) + from, values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            target[i] += Absent.Is(values[i]) ? 0 : 1;
        }
        if (column.Histograms is { } histograms)
        {
            for (var i = 0; i < target.Length; i++)
            {
                target[i] += histograms[from + i] is null ? 0 : 1;
            }
        }
    }

    /// <inheritdoc/>
    public override void Finish(int group, StepColumn result)
    {
        for (var i = 0; i < steps; i++)
        {
            var count = counts[(group * steps) + i];
            if (count > 0)
            {
                result.Values[i] = isGroup ? 1 : count;
            }
        }
    }
}
