using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary><c>sort</c> and its like: the order of an instant query's answer.</summary>
internal static class SortFunctions
{
    /// <summary>The plan of any of them.</summary>
    public static VectorPlan Plan(CallExpression call, VectorPlan vector)
    {
        var name = call.Function.Name;
        var descends = name.EndsWith("_desc", StringComparison.Ordinal);
        var byLabel = name.StartsWith("sort_by_label", StringComparison.Ordinal);
        string[] labels =
        [
            .. Enumerable.Range(1, call.Arguments.Count - 1).Select(i => LabelFunctions.TextOf(call, i)),
        ];
        return run =>
        {
            var list = ColumnList.Of(vector(run), run);
            if (list.Grid.Count > 1)
            {
                run.Annotations.Warn(AnnotationTexts.SortInRangeQuery, call.Position.Start);
            }
            var series = byLabel ? list.Series : FloatsOf(list, run);
            if (list.Grid.Count != 1)
            {
                return new ColumnList(list.Grid, series);
            }
            Comparison<SeriesColumn> compare = byLabel
                ? (one, other) => CompareLabels(one.Labels, other.Labels, labels) * (descends ? -1 : 1)
                : (one, other) => CompareValues(one.Column.Values[0], other.Column.Values[0], descends);
            return new ColumnList(
                list.Grid,
                [.. series.Order(Comparer<SeriesColumn>.Create(compare))]
            );
        };
    }

    /// <summary>Sorting by value leaves histograms out.</summary>
    private static List<SeriesColumn> FloatsOf(ColumnList list, QueryRun run)
    {
        var kept = new List<SeriesColumn>(list.Count);
        foreach (var series in list.Series)
        {
            var (floats, histograms) = ColumnMath.CountValues(series.Column);
            if (histograms > 0)
            {
                run.Budget.ReleaseColumn(list.Grid.Count, floats, histograms);
                for (var i = 0; i < series.Column.Count; i++)
                {
                    if (series.Column.HistogramAt(i) is not null)
                    {
                        series.Column.Remove(i);
                    }
                }
                if (floats == 0)
                {
                    continue;
                }
                run.Budget.TakeColumn(list.Grid.Count, floats, 0);
            }
            kept.Add(series);
        }
        return kept;
    }

    /// <summary>NaN comes last in either direction.</summary>
    private static int CompareValues(double one, double other, bool descends)
    {
        if (double.IsNaN(one) || double.IsNaN(other))
        {
            return double.IsNaN(one).CompareTo(double.IsNaN(other));
        }
        return descends ? other.CompareTo(one) : one.CompareTo(other);
    }

    private static int CompareLabels(LabelSet one, LabelSet other, string[] names)
    {
        foreach (var name in names)
        {
            var order = NaturalOrder.Compare(one.Get(name) ?? "", other.Get(name) ?? "");
            if (order != 0)
            {
                return order;
            }
        }
        return one.CompareTo(other);
    }
}
