using Tributary.PromQL.Sources;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Columns;

/// <summary>What happens to series that have the same labels.</summary>
internal static class ColumnMerge
{
    /// <summary>Series with the same labels become one, if they have no value at the same step.</summary>
    /// <exception cref="QueryException">They have.</exception>
    public static ColumnList Merge(ColumnList list)
    {
        var table = new LabelSetTable();
        var merged = new List<SeriesColumn>(list.Count);
        foreach (var series in list.Series)
        {
            var ordinal = table.Add(series.Labels);
            if (ordinal == merged.Count)
            {
                merged.Add(series);
            }
            else
            {
                Add(merged[ordinal].Column, series.Column);
            }
        }
        return merged.Count == list.Count ? list : new ColumnList(list.Grid, merged);
    }

    /// <summary>Series with the same labels are an error, whenever they have values.</summary>
    /// <exception cref="QueryException">There are some.</exception>
    public static ColumnList Refuse(ColumnList list)
    {
        var table = new LabelSetTable();
        for (var i = 0; i < list.Count; i++)
        {
            if (table.Add(list.Series[i].Labels) != i)
            {
                throw SameLabels();
            }
        }
        return list;
    }

    /// <summary>Whether two series of a stream have the same labels.</summary>
    public static bool HasSameLabels(ColumnStream stream)
    {
        if (stream.DropsMetadata && !Metadata.Differs(stream))
        {
            return false;
        }
        var table = new LabelSetTable();
        for (var i = 0; i < stream.Count; i++)
        {
            if (table.Add(stream.LabelsOf(i)) != i)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>The error of equal label sets.</summary>
    public static QueryException SameLabels() =>
        QueryException.Execution("vector cannot contain metrics with the same labelset");

    private static void Add(StepColumn target, StepColumn source)
    {
        for (var i = 0; i < source.Count; i++)
        {
            if (!source.Has(i))
            {
                continue;
            }
            if (target.Has(i))
            {
                throw SameLabels();
            }
            if (source.HistogramAt(i) is { } histogram)
            {
                target.Set(i, histogram);
            }
            else
            {
                target.Set(i, source.Values[i]);
            }
        }
    }
}
