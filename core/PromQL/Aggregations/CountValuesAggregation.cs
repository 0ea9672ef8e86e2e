using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>count_values</c>: how often each value occurs in a group, with the value as a label.</summary>
internal sealed class CountValuesAggregation
{
    /// <summary>What an output takes beside its column and its text.</summary>
    private const long OutputBytes = 256;

    private readonly QueryRun run;
    private readonly string valueLabel;
    private readonly LabelProjection projection;

    /// <summary>Whether <c>without</c> takes the value's label away again.</summary>
    private readonly bool losesValue;
    private readonly LabelSetTable groups = new();
    private readonly Dictionary<(int Group, string Value), int> outputs = [];
    private readonly List<SeriesColumn> series = [];

    /// <summary>The aggregation of an expression.</summary>
    public CountValuesAggregation(AggregateExpression expression, QueryRun run)
    {
        this.run = run;
        valueLabel = ((StringLiteral)expression.Parameter!).Value;
        if (valueLabel.Length == 0)
        {
            throw QueryException.Execution($"invalid label name {Quoting.Quote(valueLabel)}");
        }
        losesValue =
            expression.Without
            && (
                valueLabel is LabelSet.MetricNameLabel
                || expression.Grouping.Contains(valueLabel, StringComparer.Ordinal)
            );
        // The value's label is set anew, so groups do not look at what a series has there.
        projection = expression.Without
            ? LabelProjection.Without(expression.Grouping.Append(valueLabel))
            : LabelProjection.Only(
                expression.Grouping.Where(name => !string.Equals(name, valueLabel, StringComparison.Ordinal))
            );
    }

    /// <summary>The counts.</summary>
    public ColumnStream Of(ColumnStream input)
    {
        var list = ColumnList.Of(input, run);
        var steps = list.Grid.Count;
        foreach (var one in list.Series)
        {
            run.Check();
            Count(one, groups.Add(one.Labels, projection), steps);
        }
        list.Release(run.Budget);
        run.Budget.ReleaseBytes((long)series.Count * steps * sizeof(double));
        return ColumnList.Counted(list.Grid, series, run);
    }

    private void Count(SeriesColumn one, int group, int steps)
    {
        var (lastBits, lastOutput) = (StaleMarker.Bits, -1);
        for (var step = 0; step < steps; step++)
        {
            run.Check();
            var value = one.Column.Values[step];
            var bits = BitConverter.DoubleToUInt64Bits(value);
            if (one.Column.HistogramAt(step) is { } histogram)
            {
                (lastBits, lastOutput) = (StaleMarker.Bits, OutputOf(group, HistogramText.Of(histogram), steps));
            }
            else if (Absent.Is(value))
            {
                continue;
            }
            else if (bits != lastBits)
            {
                (lastBits, lastOutput) = (bits, OutputOf(group, FixedNumber.Of(value), steps));
            }
            var counts = series[lastOutput].Column.Values;
            counts[step] = Absent.Is(counts[step]) ? 1 : counts[step] + 1;
        }
    }

    private int OutputOf(int group, string value, int steps)
    {
        value = losesValue ? "" : value;
        if (!outputs.TryGetValue((group, value), out var output))
        {
            // Its text stays in the labels up to the end of the query.
            run.Budget.TakeBytes(((long)steps * sizeof(double)) + OutputBytes + (2L * value.Length));
            output = series.Count;
            outputs.Add((group, value), output);
            var labels = losesValue ? groups[group] : LabelEdit.Set(groups[group], valueLabel, value);
            series.Add(new SeriesColumn(labels, new StepColumn(steps)));
        }
        return output;
    }
}
