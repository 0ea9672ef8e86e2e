using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Matching;

/// <summary>Which series of two vectors meet: those with the same labels among the ones that count.</summary>
internal static class Matches
{
    /// <summary>The labels that count: those of <c>on</c>, or all but those of <c>ignoring</c> and the metric name.</summary>
    public static LabelProjection ProjectionOf(VectorMatching matching) =>
        matching.On ? LabelProjection.Only(matching.Labels) : LabelProjection.Without(matching.Labels);

    /// <summary>The ordinal of each series' labels that count.</summary>
    public static int[] SignaturesOf(ColumnList list, LabelProjection projection, LabelSetTable signatures)
    {
        var result = new int[list.Count];
        for (var i = 0; i < result.Length; i++)
        {
            result[i] = signatures.Add(list.Series[i].Labels, projection);
        }
        return result;
    }

    /// <summary>The labels of a result.</summary>
    /// <param name="many">The labels of the side of many; of the left side in one-to-one matches.</param>
    /// <param name="one">The labels of the other side.</param>
    /// <param name="expression">The operation.</param>
    /// <param name="dropsName">Whether the name goes.</param>
    public static LabelSet ResultLabels(LabelSet many, LabelSet one, BinaryExpression expression, bool dropsName)
    {
        var matching = expression.Matching!;
        var labels = dropsName ? Metadata.Drop(many) : many;
        if (matching.Cardinality == MatchCardinality.OneToOne)
        {
            labels = Keep(labels, matching);
        }
        foreach (var name in matching.Include)
        {
            labels = LabelEdit.Set(labels, name, one.Get(name) ?? "");
        }
        return labels;
    }

    /// <summary>The labels named by <c>on</c>, or without those named by <c>ignoring</c>; here the name may stay.</summary>
    private static LabelSet Keep(LabelSet labels, VectorMatching matching)
    {
        var kept = new Label[labels.Labels.Length];
        var count = 0;
        foreach (var label in labels.Labels)
        {
            if (matching.Labels.Contains(label.Name, StringComparer.Ordinal) == matching.On)
            {
                kept[count++] = label;
            }
        }
        return count == kept.Length ? labels : LabelSet.FromSorted(kept[..count]);
    }
}
