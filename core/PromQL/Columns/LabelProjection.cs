using Tributary.Model;

namespace Tributary.PromQL.Columns;

/// <summary>Which labels count: those named (<c>by</c>, <c>on</c>), or all but those named and the metric name.</summary>
internal sealed class LabelProjection
{
    private readonly string[] names;
    private readonly bool without;

    private LabelProjection(IEnumerable<string> names, bool without)
    {
        this.names = [.. names.Distinct(StringComparer.Ordinal)];
        this.without = without;
    }

    /// <summary>Whether no label counts, so that all series are in one group.</summary>
    public bool IsEmpty => !without && names.Length == 0;

    /// <summary>The named labels alone.</summary>
    public static LabelProjection Only(IEnumerable<string> names) => new(names, false);

    /// <summary>All labels but the named ones and the metric name.</summary>
    public static LabelProjection Without(IEnumerable<string> names) =>
        new(names.Append(LabelSet.MetricNameLabel), true);

    /// <summary>The same, for labels that still have the name, type and unit that are to be gone.</summary>
    public LabelProjection DroppingMetadata() =>
        without
            ? new(names.Append(Metadata.TypeLabel).Append(Metadata.UnitLabel), true)
            : new(names.Where(name => !Metadata.Is(name)), false);

    /// <summary>Takes out the labels that count, in order.</summary>
    /// <param name="labels">All of them.</param>
    /// <param name="kept">At least as long.</param>
    /// <returns>How many there are.</returns>
    public int Select(ReadOnlySpan<Label> labels, Span<Label> kept)
    {
        var count = 0;
        foreach (var label in labels)
        {
            if (Names(label.Name) != without)
            {
                kept[count++] = label;
            }
        }
        return count;
    }

    /// <summary>The labels that count, as a set.</summary>
    public LabelSet Of(LabelSet labels)
    {
        var kept = new Label[labels.Labels.Length];
        var count = Select(labels.Labels, kept);
        return count == kept.Length ? labels : LabelSet.FromSorted(kept[..count]);
    }

    private bool Names(string label)
    {
        foreach (var name in names)
        {
            if (string.Equals(name, label, StringComparison.Ordinal))
            {
                return true;
            }
        }
        return false;
    }
}
