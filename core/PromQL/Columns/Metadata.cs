using Tributary.Model;

namespace Tributary.PromQL.Columns;

/// <summary>The labels that say what a metric is: name, type, unit. What computes with values drops them.</summary>
internal static class Metadata
{
    /// <summary>The label of the type, with type and unit labels on.</summary>
    public const string TypeLabel = "__type__";

    /// <summary>The label of the unit.</summary>
    public const string UnitLabel = "__unit__";

    /// <summary>Whether a label is one of them.</summary>
    public static bool Is(string name) =>
        name.Length == 8
        && name.StartsWith("__", StringComparison.Ordinal)
        && (name is LabelSet.MetricNameLabel or TypeLabel or UnitLabel);

    /// <summary>The labels without them.</summary>
    public static LabelSet Drop(LabelSet labels)
    {
        var dropped = 0;
        foreach (var label in labels.Labels)
        {
            dropped += Is(label.Name) ? 1 : 0;
        }
        if (dropped == 0)
        {
            return labels;
        }
        var kept = new Label[labels.Labels.Length - dropped];
        var next = 0;
        foreach (var label in labels.Labels)
        {
            if (!Is(label.Name))
            {
                kept[next++] = label;
            }
        }
        return LabelSet.FromSorted(kept);
    }

    /// <summary>Whether series may become equal when they lose these labels: when those are not the same everywhere.</summary>
    public static bool Differs(ColumnStream series)
    {
        for (var i = 1; i < series.Count; i++)
        {
            if (!SameMetadata(series.RawLabelsOf(i - 1), series.RawLabelsOf(i)))
            {
                return true;
            }
        }
        return false;
    }

    private static bool SameMetadata(LabelSet one, LabelSet other)
    {
        var left = one.Labels;
        var right = other.Labels;
        int i = 0,
            j = 0;
        while (true)
        {
            // All three names begin alike, and stand near the front.
            while (i < left.Length && !Is(left[i].Name))
            {
                i++;
            }
            while (j < right.Length && !Is(right[j].Name))
            {
                j++;
            }
            if (i == left.Length || j == right.Length)
            {
                return i == left.Length && j == right.Length;
            }
            if (!left[i].Equals(right[j]))
            {
                return false;
            }
            i++;
            j++;
        }
    }
}
