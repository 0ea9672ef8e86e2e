using Tributary.Model;

namespace Tributary.Api;

/// <summary>The labels that <c>/federate</c> shows of a series: its own, and behind them those that are added.</summary>
internal static class FederatedPairs
{
    /// <summary>The labels without the name, escaped as the answer needs it.</summary>
    /// <param name="series">The series.</param>
    /// <param name="external">What is added, and the escaping.</param>
    /// <param name="metricName">The name, as it is; empty when the series has none.</param>
    public static List<Label> Of(LabelSet series, ExternalLabels external, out string metricName)
    {
        metricName = series.MetricName;
        var pairs = new List<Label>(series.Labels.Length + external.Count);
        var present = new bool[external.Count];
        foreach (var label in EscapedLabels.Of(series.Labels, external.Escaping))
        {
            if (string.Equals(label.Name, LabelSet.MetricNameLabel, StringComparison.Ordinal))
            {
                continue;
            }
            var addition = external.IndexOf(label.Text);
            if (addition >= 0)
            {
                present[addition] = true;
            }
            pairs.Add(label);
        }
        for (var i = 0; i < present.Length; i++)
        {
            if (!present[i])
            {
                pairs.Add(external.LabelAt(i));
            }
        }
        return pairs;
    }
}
