using System.Buffers;
using System.Text;
using Tributary.Model;

namespace Tributary.Configuration.Yaml;

/// <summary>Reads a mapping of label names to values.</summary>
internal static class LabelReader
{
    /// <summary>The labels of a field.</summary>
    /// <param name="section">What has the field.</param>
    /// <param name="field">The field.</param>
    /// <param name="expand">What a value is handed through; an empty one is no label.</param>
    /// <param name="onlyLegacyNames">Whether names are <c>[a-zA-Z_][a-zA-Z0-9_]*</c>.</param>
    public static LabelSet Read(
        Section section,
        string field,
        Func<string, string> expand,
        bool onlyLegacyNames = false
    ) => LabelSet.Of(ReadAll(section, field, expand, onlyLegacyNames));

    /// <summary>As <see cref="Read"/>, in the order of the file and with those whose value is empty.</summary>
    public static List<Label> ReadAll(
        Section section,
        string field,
        Func<string, string> expand,
        bool onlyLegacyNames = false
    )
    {
        var labels = new List<Label>();
        foreach (var entry in section.Map(field))
        {
            if (ProblemOf(entry.Key, onlyLegacyNames) is { } problem)
            {
                section.Refuse(entry.KeyAt, $"{field}: {Words.Quote(entry.Key)} {problem}");
            }
            else if (section.TextOf(entry.Value, $"{field}: {Words.Clean(entry.Key)}") is not { } value)
            {
                continue;
            }
            else if (!IsUnicode(value))
            {
                section.Refuse(entry.Value.At, $"{field}: the value of {Words.Quote(entry.Key)} is not valid Unicode");
            }
            else
            {
                labels.Add(new Label(entry.Key, expand(value)));
            }
        }
        return labels;
    }

    private static string? ProblemOf(string name, bool onlyLegacy) =>
        name switch
        {
            "" => "is not a valid label name: it is empty",
            LabelSet.StoreLabel => "is reserved for Tributary's blocks and cannot be a label",
            _ when !IsUnicode(name) => "is not a valid label name: it is not valid Unicode",
            _ when onlyLegacy && !LabelText.IsPlainName(name) =>
                "is not a valid label name: metric_name_validation_scheme legacy allows only letters, digits and _",
            _ => null,
        };

    /// <summary>Whether a text has no half of a surrogate pair.</summary>
    public static bool IsUnicode(string text)
    {
        for (var rest = text.AsSpan(); rest.Length > 0; )
        {
            if (Rune.DecodeFromUtf16(rest, out _, out var length) != OperationStatus.Done)
            {
                return false;
            }
            rest = rest[length..];
        }
        return true;
    }
}
