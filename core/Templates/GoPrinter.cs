using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>Prints one value, as far as its text stays within what a template may give.</summary>
internal sealed class GoPrinter
{
    private const int MaxDepth = 100;

    private readonly StringBuilder output = new();
    private int depth;

    /// <summary>The value as <c>%v</c> prints it.</summary>
    /// <exception cref="TemplateFunctionException">The text would be too long.</exception>
    public string Print(object? value)
    {
        Append(value);
        return output.ToString();
    }

    private void Append(object? value)
    {
        if (++depth > MaxDepth || output.Length > TemplateEnvironment.MaxLength)
        {
            throw new TemplateFunctionException("the value is too large to be printed");
        }
        switch (value)
        {
            case LabelSet labels:
                AppendMap(GoValue.Pairs(labels));
                break;
            case Dictionary<string, object?> map:
                AppendMap(GoValue.Pairs(map));
                break;
            case List<TemplateSample> samples:
                AppendList("[", samples, "]");
                break;
            case TemplateSample sample:
                AppendList("{", [sample.Labels, GoValue.ValueOf(sample)], "}");
                break;
            case TemplateContext data:
                AppendList("{", [data.Labels, data.ExternalLabels, data.ExternalUrl, GoValue.ValueOf(data)], "}");
                break;
            default:
                output.Append(Simple(value));
                break;
        }
        depth--;
    }

    private static string Simple(object? value) =>
        value switch
        {
            null => "<nil>",
            bool flag => flag ? "true" : "false",
            double number => GoFloat.Shortest(number),
            long or int or byte => Convert.ToString(value, CultureInfo.InvariantCulture)!,
            Histogram histogram => HistogramText.Of(histogram),
            _ => value.ToString()!,
        };

    private void AppendMap(IEnumerable<KeyValuePair<string, object?>> pairs)
    {
        output.Append("map[");
        var separator = "";
        foreach (var (key, value) in pairs)
        {
            output.Append(separator).Append(key).Append(':');
            Append(value);
            separator = " ";
        }
        output.Append(']');
    }

    private void AppendList(string open, IEnumerable<object?> items, string close)
    {
        output.Append(open);
        var separator = "";
        foreach (var item in items)
        {
            output.Append(separator);
            Append(item);
            separator = " ";
        }
        output.Append(close);
    }
}
