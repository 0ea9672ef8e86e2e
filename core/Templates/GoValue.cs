using Tributary.Model;

namespace Tributary.Templates;

/// <summary>What templates compute with, seen as the values of Go that it stands for; null is nil.</summary>
/// <remarks>
/// bool, string, long (int), byte and double are themselves; <see cref="LabelSet"/> is a map of strings,
/// a dictionary what <c>args</c> makes, a list of <see cref="TemplateSample"/> the answer to a query.
/// </remarks>
internal static class GoValue
{
    private const string DataType =
        "struct { Labels map[string]string; ExternalLabels map[string]string; ExternalURL string; Value interface {} }";

    /// <summary>The type, as errors name it.</summary>
    public static string TypeOf(object? value) =>
        value switch
        {
            null => "<nil>",
            bool => "bool",
            string => "string",
            long => "int",
            byte => "uint8",
            double => "float64",
            LabelSet => "map[string]string",
            Dictionary<string, object?> => "map[string]interface {}",
            List<TemplateSample> => "template.queryResult",
            TemplateSample => "*template.sample",
            Histogram => "*histogram.FloatHistogram",
            TemplateContext => DataType,
            GoTime => "*time.Time",
            GoDuration { IsPointer: true } => "*time.Duration",
            GoDuration => "time.Duration",
            GoNamed named => named.Type,
            GoHtml => "template.HTML",
            _ => throw new ArgumentException("not a value of templates", nameof(value)),
        };

    /// <summary>Whether <c>if</c> takes it for true: what is neither zero nor empty.</summary>
    public static bool IsTrue(object? value) =>
        value switch
        {
            null => false,
            bool flag => flag,
            string text => text.Length > 0,
            GoHtml html => html.Text.Length > 0,
            double number => number != 0,
            GoDuration { IsPointer: true } => true,
            LabelSet labels => labels.Labels.Length > 0,
            Dictionary<string, object?> map => map.Count > 0,
            List<TemplateSample> samples => samples.Count > 0,
            _ => IntegerOf(value) is not { } integer || integer != 0,
        };

    /// <summary>The value of what is an integer in Go; null for everything else.</summary>
    public static long? IntegerOf(object? value) =>
        value switch
        {
            long number => number,
            byte one => one,
            GoNamed named => named.Value,
            GoDuration { IsPointer: false } duration => duration.Nanoseconds,
            _ => null,
        };

    /// <summary>The text of what is one in Go; null for everything else.</summary>
    public static string? TextOf(object? value) => value as string ?? (value as GoHtml)?.Text;

    /// <summary>Prints a value as <c>%v</c> does.</summary>
    /// <exception cref="TemplateFunctionException">The text would be too long.</exception>
    public static string Print(object? value) => value as string ?? new GoPrinter().Print(value);

    /// <summary>The float or histogram of an element.</summary>
    public static object ValueOf(TemplateSample sample) => sample.Histogram ?? (object)sample.Value;

    /// <summary>The float or histogram of the alert.</summary>
    public static object ValueOf(TemplateContext data) => data.Histogram ?? (object)data.Value;

    /// <summary>The entries of a map by their keys.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Pairs(LabelSet labels) =>
        labels.Labels.ToArray().Select(label => KeyValuePair.Create(label.Name, (object?)label.Value));

    /// <summary>The entries of a map by their keys.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Pairs(Dictionary<string, object?> map) =>
        map.OrderBy(pair => pair.Key, StringComparer.Ordinal);
}
