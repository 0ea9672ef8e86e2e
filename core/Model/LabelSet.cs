using System.Text;

namespace Tributary.Model;

/// <summary>The identity of a series: labels sorted by name (UTF-8 bytes), names unique, values not empty.</summary>
/// <remarks>
/// Equality is by value, with the reference tried first: the hot paths hand the same object around
/// (<see cref="SeriesTable"/>). The metric name is the label <c>__name__</c>.
/// </remarks>
public sealed class LabelSet : IEquatable<LabelSet>, IComparable<LabelSet>
{
    /// <summary>The name of the label that holds the metric name.</summary>
    public const string MetricNameLabel = "__name__";

    /// <summary>The name of the label that marks our blocks; no series has it.</summary>
    public const string StoreLabel = "tributary_store";

    /// <summary>The set without labels.</summary>
    public static readonly LabelSet Empty = new([]);

    private readonly Label[] labels;
    private readonly int hash;

    private LabelSet(Label[] sorted)
    {
        labels = sorted;
        hash = HashOf(sorted);
    }

    /// <summary>The labels, sorted.</summary>
    public ReadOnlySpan<Label> Labels => labels;

    /// <summary>The metric name, or an empty text.</summary>
    public string MetricName => Get(MetricNameLabel) ?? "";

    /// <summary>A set of labels that are sorted and unique already; the array is taken over.</summary>
    public static LabelSet FromSorted(Label[] sorted)
    {
        for (var i = 1; i < sorted.Length; i++)
        {
            if (Utf8Order.Compare(sorted[i - 1].Name, sorted[i].Name) >= 0)
            {
                throw new ArgumentException($"labels not sorted or not unique at '{sorted[i].Name}'", nameof(sorted));
            }
        }
        return new LabelSet(sorted);
    }

    /// <summary>A set of labels in any order.</summary>
    /// <exception cref="ArgumentException">A name occurs twice.</exception>
    public static LabelSet Of(params IEnumerable<Label> labels)
    {
        var sorted = labels.Where(l => l.Value.Length > 0).ToArray();
        Array.Sort(sorted);
        return FromSorted(sorted);
    }

    /// <summary>A set of alternating names and values.</summary>
    public static LabelSet Of(params string[] namesAndValues) =>
        Of(namesAndValues.Chunk(2).Select(pair => new Label(pair[0], pair[1])));

    /// <summary>The value of the label <paramref name="name"/>, or null.</summary>
    public string? Get(string name)
    {
        foreach (var label in labels)
        {
            if (string.Equals(label.Name, name, StringComparison.Ordinal))
            {
                return label.Value;
            }
        }
        return null;
    }

    /// <summary>Orders label by label, by name and value; a prefix comes first. As Prometheus' <c>labels.Compare</c>.</summary>
    public int CompareTo(LabelSet? other)
    {
        if (other is null)
        {
            return 1;
        }
        var count = Math.Min(labels.Length, other.labels.Length);
        for (var i = 0; i < count; i++)
        {
            var order = labels[i].CompareTo(other.labels[i]);
            if (order != 0)
            {
                return order;
            }
        }
        return labels.Length.CompareTo(other.labels.Length);
    }

    /// <inheritdoc/>
    public bool Equals(LabelSet? other)
    {
        if (ReferenceEquals(this, other))
        {
            return true;
        }
        return other is not null && hash == other.hash && labels.AsSpan().SequenceEqual(other.labels);
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LabelSet);

    /// <inheritdoc/>
    public override int GetHashCode() => hash;

    /// <summary>The set as a selector writes it: <c>name{a="b"}</c>.</summary>
    public override string ToString()
    {
        var text = new StringBuilder(MetricName).Append('{');
        var separator = "";
        foreach (var label in labels)
        {
            if (!string.Equals(label.Name, MetricNameLabel, StringComparison.Ordinal))
            {
                text.Append(separator).Append(label);
                separator = ", ";
            }
        }
        return text.Append('}').ToString();
    }

    internal static int HashOf(ReadOnlySpan<Label> labels)
    {
        var hash = new HashCode();
        foreach (var label in labels)
        {
            hash.Add(label.GetHashCode());
        }
        return hash.ToHashCode();
    }
}
