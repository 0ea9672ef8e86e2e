using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Scraping;

/// <summary>Merges a target's labels into what it exposes, as Prometheus does with and without <c>honor_labels</c>.</summary>
internal static class TargetLabels
{
    private const string ExportedPrefix = "exported_";

    /// <summary>The label set under which a series is stored.</summary>
    /// <remarks>
    /// With <paramref name="honorLabels"/> an exposed label wins, and an empty one keeps the target's label out. Without,
    /// the target's wins and the exposed one is renamed <c>exported_…</c>, repeatedly until the name is free.
    /// </remarks>
    public static LabelSet Merge(SeriesText exposed, LabelSet target, bool honorLabels, SeriesTable table)
    {
        var merged = new Dictionary<string, Label>(StringComparer.Ordinal);
        foreach (var label in exposed.Labels)
        {
            merged.Add(label.Name, label);
        }
        var renamed = new List<Label>();
        foreach (var label in target.Labels)
        {
            if (!honorLabels)
            {
                if (merged.TryGetValue(label.Name, out var exposedLabel))
                {
                    renamed.Add(exposedLabel);
                }
                merged[label.Name] = label;
            }
            else if (!exposed.EmptyNames.Contains(label.Name, StringComparer.Ordinal))
            {
                merged.TryAdd(label.Name, label);
            }
        }
        foreach (var label in renamed.OrderBy(label => label.Name.Length))
        {
            var name = ExportedPrefix + label.Name;
            while (merged.ContainsKey(name))
            {
                name = ExportedPrefix + name;
            }
            merged.Add(name, table.Labels.Intern(name, label.Value));
        }
        var sorted = new Label[merged.Count];
        merged.Values.CopyTo(sorted, 0);
        Array.Sort(sorted);
        return table.Intern(LabelSet.FromSorted(sorted));
    }
}
