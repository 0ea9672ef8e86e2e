using Tributary.Model;

namespace Tributary.PromQL.Columns;

/// <summary>Label sets with one label changed.</summary>
internal static class LabelEdit
{
    /// <summary>The set with a label set to a value; an empty value takes it away.</summary>
    public static LabelSet Set(LabelSet labels, string name, string value)
    {
        var old = labels.Get(name);
        if (string.Equals(old ?? "", value, StringComparison.Ordinal))
        {
            return labels;
        }
        var kept = new List<Label>(labels.Labels.Length + 1);
        var isPlaced = value.Length == 0;
        foreach (var label in labels.Labels)
        {
            if (string.Equals(label.Name, name, StringComparison.Ordinal))
            {
                continue;
            }
            if (!isPlaced && Utf8Order.Compare(name, label.Name) < 0)
            {
                kept.Add(new Label(name, value));
                isPlaced = true;
            }
            kept.Add(label);
        }
        if (!isPlaced)
        {
            kept.Add(new Label(name, value));
        }
        return LabelSet.FromSorted([.. kept]);
    }
}
