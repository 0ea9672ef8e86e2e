using System.Globalization;
using System.Text;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Relabeling;

namespace Tributary.Scraping;

/// <summary>What a job makes of a series that it meets for the first time: relabelling, names, limits.</summary>
/// <param name="config">The job.</param>
/// <param name="labels">Where equal labels become one.</param>
internal sealed class SeriesRules(ScrapeConfig config, LabelTable labels)
{
    private readonly Relabeler relabeler = new(config.MetricRelabelConfigs);

    /// <summary>Whether another configuration would decide alike about every series.</summary>
    public bool IsLike(ScrapeConfig other) =>
        ReferenceEquals(config, other)
        || (
            config.NameValidation == other.NameValidation
            && config.HonorLabels == other.HonorLabels
            && config.Limits.LabelLimit == other.Limits.LabelLimit
            && config.Limits.LabelNameLengthLimit == other.Limits.LabelNameLengthLimit
            && config.Limits.LabelValueLengthLimit == other.Limits.LabelValueLengthLimit
            && Relabeler.AreAlike(config.MetricRelabelConfigs, other.MetricRelabelConfigs)
        );

    /// <summary>Decides about a series as exposed: with the target's labels, after the rules.</summary>
    /// <param name="exposed">The series.</param>
    /// <param name="target">The target's labels.</param>
    /// <param name="stored">The labels to store it under; null to drop it.</param>
    /// <returns>Null, or why the whole scrape has to fail.</returns>
    public string? Decide(SeriesText exposed, LabelSet target, out LabelSet? stored) =>
        exposed.RepeatedName is null
            ? Apply(TargetLabels.Merge(exposed, target, config.HonorLabels, labels), out stored)
            : ApplyRepeated(TargetLabels.MergeRepeated(exposed, target, config.HonorLabels, labels), out stored);

    /// <summary>Decides about a series.</summary>
    /// <param name="series">Its labels, the target's included.</param>
    /// <param name="stored">The labels to store it under; null to drop it.</param>
    /// <returns>Null, or why the whole scrape has to fail.</returns>
    public string? Apply(LabelSet series, out LabelSet? stored)
    {
        stored = relabeler.Apply(series, labels);
        return Check(ref stored);
    }

    /// <summary>Decides about a series with labels that are there twice: it fails the scrape unless rules drop it or them.</summary>
    /// <param name="series">Its labels, the target's included, sorted by name.</param>
    /// <param name="stored">The labels to store it under; null to drop it.</param>
    /// <returns>Null, or why the whole scrape has to fail.</returns>
    public string? ApplyRepeated(ReadOnlySpan<Label> series, out LabelSet? stored)
    {
        stored = relabeler.ApplyRepeated(series, labels, out var repeated);
        return repeated is null ? Check(ref stored) : $"the label {Shown(repeated)} is there twice";
    }

    private string? Check(ref LabelSet? stored)
    {
        if (stored is null || stored.Labels.IsEmpty)
        {
            stored = null;
            return null;
        }
        if (stored.Get(LabelSet.MetricNameLabel) is null)
        {
            return "missing metric name (__name__ label) after metric_relabel_configs";
        }
        if (MetricNames.FindInvalid(stored, config.NameValidation) is { } invalid)
        {
            return invalid;
        }
        if (stored.Get(LabelSet.StoreLabel) is not null)
        {
            return $"the label \"{LabelSet.StoreLabel}\" is reserved for Tributary's blocks: drop it at the source";
        }
        return FindBreach(stored);
    }

    private string? FindBreach(LabelSet series)
    {
        var limits = config.Limits;
        if (limits.LabelLimit > 0 && series.Labels.Length > limits.LabelLimit)
        {
            return Invariant(
                $"label_limit exceeded: {Shown(series.MetricName)} has {series.Labels.Length} labels, the limit is {limits.LabelLimit}"
            );
        }
        if (limits is { LabelNameLengthLimit: 0, LabelValueLengthLimit: 0 })
        {
            return null;
        }
        foreach (var label in series.Labels)
        {
            if (
                limits.LabelNameLengthLimit > 0
                && Bytes(label.Name) is var length
                && length > limits.LabelNameLengthLimit
            )
            {
                return Invariant(
                    $"label_name_length_limit exceeded: the label name {Shown(label.Name)} of {Shown(series.MetricName)} has {length} bytes, the limit is {limits.LabelNameLengthLimit}"
                );
            }
            if (
                limits.LabelValueLengthLimit > 0
                && Bytes(label.Value) is var size
                && size > limits.LabelValueLengthLimit
            )
            {
                return Invariant(
                    $"label_value_length_limit exceeded: the value {Shown(label.Value)} of the label {Shown(label.Name)} of {Shown(series.MetricName)} has {size} bytes, the limit is {limits.LabelValueLengthLimit}"
                );
            }
        }
        return null;
    }

    private static int Bytes(string text) => Encoding.UTF8.GetByteCount(text);

    private static string Shown(string text) => ExpositionException.Excerpt(Encoding.UTF8.GetBytes(text), 50);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
