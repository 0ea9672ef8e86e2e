using System.Text.RegularExpressions;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Deployment;

/// <summary>Ways through YAML of which nothing is known: what is not there is null or empty.</summary>
internal static partial class YamlAccess
{
    /// <summary>The value under keys, one below the other.</summary>
    public static YamlNode? At(this YamlNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var key in path)
        {
            node = (node as YamlMapping)?.Find(key)?.Value;
        }
        return node;
    }

    /// <summary>A text, or null.</summary>
    public static string? Text(this YamlNode? node) => (node as YamlScalar)?.Value;

    /// <summary>The items of a list.</summary>
    public static IReadOnlyList<YamlNode> Items(this YamlNode? node) => (node as YamlSequence)?.Items ?? [];

    /// <summary>The texts of a list.</summary>
    public static IReadOnlyList<string> Texts(this YamlNode? node) =>
        [.. node.Items().Select(item => item.Text()).OfType<string>()];

    /// <summary>The keys of a mapping with their values.</summary>
    public static IReadOnlyList<YamlEntry> Entries(this YamlNode? node) => (node as YamlMapping)?.Entries ?? [];

    /// <summary>A mapping of texts.</summary>
    public static IReadOnlyDictionary<string, string> Map(this YamlNode? node) =>
        node.Entries().ToDictionary(entry => entry.Key, entry => entry.Value.Text() ?? "", StringComparer.Ordinal);

    /// <summary>Every single value, however deep.</summary>
    public static IEnumerable<YamlScalar> Scalars(this YamlNode? node) =>
        node switch
        {
            YamlScalar scalar => [scalar],
            YamlSequence list => list.Items.SelectMany(Scalars),
            YamlMapping mapping => mapping.Entries.SelectMany(entry => entry.Value.Scalars()),
            _ => [],
        };

    /// <summary>Whether it is a text in every reader's eyes: a plain <c>true</c> or <c>8080</c> is not.</summary>
    public static bool IsText(this YamlNode? node) =>
        node is YamlScalar { IsPlain: false }
        || (node is YamlScalar scalar && !OtherType().IsMatch(scalar.Text) && !scalar.IsNull);

    [GeneratedRegex(@"^(?i:true|false|yes|no|on|off|[-+]?[0-9][0-9_.]*(e[0-9]+)?)$", RegexOptions.NonBacktracking)]
    private static partial Regex OtherType();
}
