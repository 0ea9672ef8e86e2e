using Tributary.Configuration.Relabel;
using Tributary.Model;
using Tributary.Relabeling;

namespace Tributary.RemoteWrite.Sending;

/// <summary>What series are called where they go: with the external labels that they do not have, and relabelled.</summary>
/// <param name="external">The external labels.</param>
/// <param name="rules">The rules, <c>write_relabel_configs</c>.</param>
internal sealed class OutgoingSeries(LabelSet external, IReadOnlyList<RelabelConfig> rules)
{
    /// <summary>Of more series it is not kept what becomes of them.</summary>
    private const int MaxKept = 500_000;

    private readonly Relabeler relabeler = new(rules);
    private readonly bool changesNothing = external.Labels.Length == 0 && rules.Count == 0;
    private Dictionary<LabelSet, LabelSet?> kept = [];

    /// <summary>The labels where they go; null when the series is not sent.</summary>
    public LabelSet? Of(LabelSet series)
    {
        if (changesNothing)
        {
            return series;
        }
        if (!kept.TryGetValue(series, out var outgoing))
        {
            if (kept.Count >= MaxKept)
            {
                kept = [];
            }
            kept.Add(series, outgoing = Compute(series));
        }
        return outgoing;
    }

    private LabelSet? Compute(LabelSet series)
    {
        var labels = relabeler.Apply(WithExternal(series));
        return labels is null || labels.Labels.Length == 0 ? null
            : labels.Equals(series) ? series
            : labels;
    }

    private LabelSet WithExternal(LabelSet series)
    {
        List<Label>? labels = null;
        foreach (var label in external.Labels)
        {
            if (series.Get(label.Name) is null)
            {
                labels ??= [.. series.Labels];
                labels.Add(label);
            }
        }
        return labels is null ? series : LabelSet.Of(labels);
    }
}
