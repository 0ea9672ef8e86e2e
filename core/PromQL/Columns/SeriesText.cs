using System.Text;
using Tributary.Model;

namespace Tributary.PromQL.Columns;

/// <summary>Label sets in errors, as Prometheus' <c>labels.Labels.String</c>: the name among the others.</summary>
internal static class SeriesText
{
    /// <summary><c>{__name__="up", job="x"}</c></summary>
    public static string Of(LabelSet labels)
    {
        var text = new StringBuilder("{");
        foreach (var label in labels.Labels)
        {
            text.Append(text.Length > 1 ? ", " : "").Append(label);
        }
        return text.Append('}').ToString();
    }
}
