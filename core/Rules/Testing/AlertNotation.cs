using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Rules.Testing;

/// <summary>A firing alert as tests see it: labels and annotations, each sorted by name.</summary>
/// <param name="Labels">The labels, <c>alertname</c> included.</param>
/// <param name="Annotations">The annotations; they may be empty.</param>
internal sealed record AlertNotation(IReadOnlyList<Label> Labels, IReadOnlyList<Label> Annotations)
    : IComparable<AlertNotation>
{
    /// <summary>Labels and annotations in any order.</summary>
    public static AlertNotation Of(IEnumerable<Label> labels, IEnumerable<Label> annotations) =>
        new([.. labels.Order()], [.. annotations.Order()]);

    /// <summary>By labels, then by annotations.</summary>
    public int CompareTo(AlertNotation? other)
    {
        if (other is null)
        {
            return 1;
        }
        var order = Compare(Labels, other.Labels);
        return order != 0 ? order : Compare(Annotations, other.Annotations);
    }

    /// <inheritdoc/>
    public bool Equals(AlertNotation? other) => CompareTo(other) == 0;

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var label in Labels.Concat(Annotations))
        {
            hash.Add(label);
        }
        return hash.ToHashCode();
    }

    /// <summary>Labels as Prometheus prints them: <c>{a="b", c="d"}</c>.</summary>
    public static string Show(IEnumerable<Label> labels)
    {
        var text = new StringBuilder("{");
        text.AppendJoin(
            ", ",
            labels.Select(label =>
                (LabelText.IsPlainName(label.Name) ? label.Name : Quoting.Quote(label.Name))
                + "="
                + Quoting.Quote(label.Value)
            )
        );
        return text.Append('}').ToString();
    }

    /// <summary>A list of alerts in lines, the first of which has no indent.</summary>
    public static string Show(IReadOnlyList<AlertNotation> alerts, string indent)
    {
        if (alerts.Count == 0)
        {
            return "[]";
        }
        var items = alerts.Select(
            (alert, i) =>
                string.Create(CultureInfo.InvariantCulture, $"\n{indent}{i}:")
                + $"\n{indent}  Labels:{Show(alert.Labels)}\n{indent}  Annotations:{Show(alert.Annotations)}"
        );
        return $"[{string.Join(',', items)}\n{indent}]";
    }

    private static int Compare(IReadOnlyList<Label> one, IReadOnlyList<Label> other)
    {
        for (var i = 0; i < Math.Min(one.Count, other.Count); i++)
        {
            var order = one[i].CompareTo(other[i]);
            if (order != 0)
            {
                return order;
            }
        }
        return one.Count.CompareTo(other.Count);
    }
}
