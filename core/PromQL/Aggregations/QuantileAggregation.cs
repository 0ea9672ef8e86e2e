using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Aggregations;

/// <summary><c>quantile</c>: interpolated between the two values next to it.</summary>
internal sealed class QuantileAggregation(AggregateExpression expression, double[] parameter, QueryRun run)
{
    private bool hasIgnored;

    /// <summary>The quantiles of all groups.</summary>
    public ColumnStream Of(ColumnStream input)
    {
        Warn();
        var list = ColumnList.Of(input, run);
        var grouping = new Grouping(list, expression);
        var members = new List<SeriesColumn>[grouping.Count];
        for (var i = 0; i < list.Count; i++)
        {
            (members[grouping[i]] ??= []).Add(list.Series[i]);
        }
        var resultBytes = (long)grouping.Count * list.Grid.Count * sizeof(double);
        run.Budget.TakeBytes(resultBytes);
        var result = new StepColumn[grouping.Count];
        run.ForBatches(
            grouping.Count,
            1,
            (_, from, to) =>
            {
                for (var group = from; group < to; group++)
                {
                    result[group] = OfGroup(members[group], list.Grid.Count);
                }
            }
        );
        list.Release(run.Budget);
        run.Budget.ReleaseBytes(resultBytes);
        return ColumnList.Counted(
            list.Grid,
            result.Select(
                (column, group) =>
                    new SeriesColumn(grouping.LabelsOf(group), column)
                    {
                        DropName = members[group].Exists(series => series.DropName),
                    }
            ),
            run
        );
    }

    private StepColumn OfGroup(List<SeriesColumn> members, int steps)
    {
        var result = new StepColumn(steps);
        var values = new double[members.Count];
        for (var step = 0; step < steps; step++)
        {
            run.Check();
            var count = 0;
            foreach (var series in members)
            {
                if (!Absent.Is(series.Column.Values[step]))
                {
                    values[count++] = series.Column.Values[step];
                }
                else if (!hasIgnored && series.Column.HistogramAt(step) is not null)
                {
                    hasIgnored = true;
                    run.Annotations.Info(
                        AnnotationTexts.HistogramIgnoredInAggregation("quantile"),
                        expression.Expression.Position.Start
                    );
                }
            }
            if (count > 0)
            {
                result.Values[step] = Quantile(parameter[step], values.AsSpan(0, count));
            }
        }
        return result;
    }

    private static double Quantile(double quantile, Span<double> values)
    {
        if (double.IsNaN(quantile))
        {
            return double.NaN;
        }
        if (quantile is < 0 or > 1)
        {
            return quantile < 0 ? double.NegativeInfinity : double.PositiveInfinity;
        }
        // NaN sorts first, as upstream.
        values.Sort();
        var rank = quantile * (values.Length - 1);
        var lower = Math.Max(0, (int)Math.Floor(rank));
        var upper = Math.Min(values.Length - 1, lower + 1);
        var weight = rank - Math.Floor(rank);
        return (values[lower] * (1 - weight)) + (values[upper] * weight);
    }

    private void Warn()
    {
        var position = expression.Parameter!.Position.Start;
        foreach (
            var quantile in (ReadOnlySpan<double>)
                [parameter.FirstOrDefault(double.IsNaN), parameter.Max(), parameter.Min()]
        )
        {
            if (double.IsNaN(quantile) || quantile is < 0 or > 1)
            {
                run.Annotations.Warn(AnnotationTexts.InvalidQuantile(quantile), position);
            }
        }
    }
}
