using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Aggregations;

/// <summary>Which group each series of a vector belongs to: computed once per query.</summary>
internal sealed class Grouping
{
    private readonly LabelSetTable groups = new();
    private readonly int[] groupOf;

    /// <summary>The groups of an aggregation.</summary>
    public Grouping(ColumnStream series, AggregateExpression expression)
    {
        var projection = ProjectionOf(expression.Grouping, expression.Without);
        groupOf = new int[series.Count];
        if (projection.IsEmpty)
        {
            _ = series.Count > 0 ? groups.Add(LabelSet.Empty) : 0;
            return;
        }
        var raw = series.DropsMetadata;
        projection = raw ? projection.DroppingMetadata() : projection;
        for (var i = 0; i < groupOf.Length; i++)
        {
            groupOf[i] = groups.Add(raw ? series.RawLabelsOf(i) : series.LabelsOf(i), projection);
        }
    }

    /// <summary>How many groups there are.</summary>
    public int Count => groups.Count;

    /// <summary>The group of a series.</summary>
    public int this[int series] => groupOf[series];

    /// <summary>The labels of a group.</summary>
    public LabelSet LabelsOf(int group) => groups[group];

    /// <summary>The labels that <c>by</c> or <c>without</c> leave.</summary>
    public static LabelProjection ProjectionOf(IEnumerable<string> names, bool without) =>
        without ? LabelProjection.Without(names) : LabelProjection.Only(names);
}
