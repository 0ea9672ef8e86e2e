using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Tributary.Model;

namespace Tributary.Exposition;

/// <summary>Parses the text of one series, <c>name{a="b"}</c>, as <see cref="IExpositionReader.Series"/> delimits it.</summary>
/// <param name="labels">Where equal labels become one; a label that it knows costs no string.</param>
internal sealed class SeriesText(LabelTable labels)
{
    private static readonly SearchValues<byte> LabelNameBytes = SearchValues.Create(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789"u8
    );

    private readonly List<Label> found = [];
    private readonly List<string> emptyNames = [];
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly ArrayBufferWriter<byte> nameText = new();
    private bool isStrict;

    /// <summary>
    /// The labels of the series parsed last, as written, <c>__name__</c> included. As in Prometheus a label that is given
    /// an empty value is not here, whatever else it is given.
    /// </summary>
    public IReadOnlyList<Label> Labels => found;

    /// <summary>The names of its labels that were given an empty value.</summary>
    public IReadOnlyList<string> EmptyNames => emptyNames;

    /// <summary>The name of which <see cref="Labels"/> has more than one, or null: rules may still remove it.</summary>
    public string? RepeatedName { get; private set; }

    /// <summary>Parses a series.</summary>
    /// <param name="text">The text of the series.</param>
    /// <param name="type">The type that the family announced, which decides about <c>le</c> and <c>quantile</c>.</param>
    /// <param name="maxLabels">The most labels a series may have.</param>
    /// <param name="isOpenMetrics">Whether OpenMetrics' rules hold: no blanks, commas between labels, no newline in values.</param>
    /// <returns>Null, or what is wrong with it.</returns>
    public string? Parse(ReadOnlySpan<byte> text, string type, int maxLabels, bool isOpenMetrics = false)
    {
        isStrict = isOpenMetrics;
        RepeatedName = null;
        found.Clear();
        emptyNames.Clear();
        var brace = text[0] == '{' ? 0 : text.IndexOfAny((byte)'{', (byte)' ', (byte)'\t');
        var hasName = brace != 0;
        if (hasName)
        {
            AddName(brace < 0 ? text : text[..brace]);
        }
        if (brace >= 0)
        {
            var inside = text[(text[brace..].IndexOf((byte)'{') + brace + 1)..^1];
            if (ParseLabels(inside, type, maxLabels, ref hasName) is { } problem)
            {
                return problem;
            }
        }
        if (!hasName)
        {
            return "the series has no metric name";
        }
        RepeatedName = FindRepeatedName();
        return null;
    }

    /// <summary>Takes the labels of a series that is not written as text, as if they were.</summary>
    /// <param name="given">Names and values, unescaped; the metric name is <c>__name__</c>.</param>
    /// <param name="maxLabels">The most labels a series may have.</param>
    /// <returns>Null, or what is wrong with them.</returns>
    public string? Take(IReadOnlyList<(string Name, string Value)> given, int maxLabels)
    {
        RepeatedName = null;
        found.Clear();
        emptyNames.Clear();
        if (given.Count > maxLabels)
        {
            return $"more than {maxLabels} labels in one series";
        }
        foreach (var (name, value) in given)
        {
            if (name.Length == 0)
            {
                return "a label name is empty";
            }
            if (value.Length == 0)
            {
                emptyNames.Add(name);
            }
            else
            {
                found.Add(labels.Intern(name, value));
            }
        }
        RepeatedName = FindRepeatedName();
        return null;
    }

    private string? ParseLabels(ReadOnlySpan<byte> rest, string type, int maxLabels, ref bool hasName)
    {
        rest = SkipBlanks(rest);
        while (!rest.IsEmpty)
        {
            var nameLength = NameLength(rest);
            if (nameLength == 0)
            {
                return $"expected a label name at {ExpositionException.Excerpt(rest, 20)}";
            }
            var name = rest[..nameLength];
            if (name[0] == '"' && FindInQuotes(name) is { } problemOfName)
            {
                return problemOfName;
            }
            var afterName = SkipBlanks(rest[nameLength..]);
            if (name[0] == '"' && (afterName.IsEmpty || afterName[0] == ','))
            {
                if (hasName || name.Length == 2)
                {
                    return hasName ? "the metric name is given twice" : "the metric name is empty";
                }
                hasName = true;
                AddName(name[1..^1]);
                rest = afterName.IsEmpty ? [] : SkipBlanks(afterName[1..]);
                continue;
            }
            if (ParseLabel(rest, name, afterName, type, out var length) is { } problem)
            {
                return problem;
            }
            if (found.Count + emptyNames.Count > maxLabels)
            {
                return $"more than {maxLabels} labels in one series";
            }
            rest = SkipBlanks(rest[length..]);
            if (!rest.IsEmpty && rest[0] == ',')
            {
                rest = SkipBlanks(rest[1..]);
            }
            else if (isStrict && !rest.IsEmpty)
            {
                return $"expected ',' or '}}' at {ExpositionException.Excerpt(rest, 20)}";
            }
        }
        return null;
    }

    /// <summary>Parses a label from its name on; <paramref name="length"/> is that of its text.</summary>
    private string? ParseLabel(
        ReadOnlySpan<byte> rest,
        ReadOnlySpan<byte> name,
        ReadOnlySpan<byte> afterName,
        string type,
        out int length
    )
    {
        length = 0;
        if (afterName.IsEmpty || afterName[0] != '=')
        {
            return $"expected '=' after the label name {ExpositionException.Excerpt(name)}";
        }
        var value = SkipBlanks(afterName[1..]);
        var valueLength = QuotedLength(value);
        if (valueLength == 0)
        {
            return $"expected a quoted value for the label {ExpositionException.Excerpt(name)}";
        }
        length = rest.Length - value.Length + valueLength;
        var isCompact = length == name.Length + 1 + valueLength;
        return AddLabel(name, value[..valueLength], isCompact ? rest[..length] : [], type);
    }

    private ReadOnlySpan<byte> SkipBlanks(ReadOnlySpan<byte> text) => isStrict ? text : text.TrimStart(" \t"u8);

    private static string? FindInQuotes(ReadOnlySpan<byte> name) =>
        !Utf8.IsValid(name) ? $"not valid UTF-8: {ExpositionException.Excerpt(name)}"
        : name.Contains((byte)0) ? $"a name holds a zero byte: {ExpositionException.Excerpt(name)}"
        : null;

    private void AddName(ReadOnlySpan<byte> escaped)
    {
        nameText.ResetWrittenCount();
        nameText.Write("__name__=\""u8);
        nameText.Write(escaped);
        nameText.Write("\""u8);
        found.Add(
            labels.TryFind(nameText.WrittenSpan, out var label)
                ? label
                : labels.Intern(LabelSet.MetricNameLabel, Unescape(escaped))
        );
    }

    private string? AddLabel(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, ReadOnlySpan<byte> whole, string type)
    {
        var isBound =
            (type is "histogram" && name.SequenceEqual("le"u8))
            || (type is "summary" && name.SequenceEqual("quantile"u8));
        if (!isBound && value.Length > 2 && !whole.IsEmpty && labels.TryFind(whole, out var label))
        {
            found.Add(label);
            return null;
        }
        if (!Utf8.IsValid(name) || !Utf8.IsValid(value))
        {
            return $"not valid UTF-8: {ExpositionException.Excerpt(name)}={ExpositionException.Excerpt(value)}";
        }
        if (isStrict && value.Contains((byte)'\n'))
        {
            return $"a newline in the value of the label {ExpositionException.Excerpt(name)}";
        }
        var plainName = Unescape(name[0] == '"' ? name[1..^1] : name);
        if (plainName.Length == 0)
        {
            return "a label name is empty";
        }
        var plainValue = Unescape(value[1..^1]);
        if (plainValue.Length == 0)
        {
            emptyNames.Add(plainName);
            return null;
        }
        found.Add(labels.Intern(plainName, isBound ? BoundText.Normalize(plainValue) : plainValue));
        return null;
    }

    private string? FindRepeatedName()
    {
        if (emptyNames.Count == 0 && AreNamesAscending())
        {
            return null;
        }
        foreach (var empty in emptyNames)
        {
            found.RemoveAll(label => string.Equals(label.Name, empty, StringComparison.Ordinal));
        }
        names.Clear();
        foreach (var label in found)
        {
            if (!names.Add(label.Name))
            {
                return label.Name;
            }
        }
        return null;
    }

    /// <summary>Whether the names behind the metric name ascend, as servers write them: then none is there twice.</summary>
    private bool AreNamesAscending()
    {
        for (var i = 1; i < found.Count; i++)
        {
            var name = found[i].Name;
            if (
                string.Equals(name, found[0].Name, StringComparison.Ordinal)
                || (i > 1 && string.CompareOrdinal(found[i - 1].Name, name) >= 0)
            )
            {
                return false;
            }
        }
        return true;
    }

    private static int NameLength(ReadOnlySpan<byte> text)
    {
        if (text[0] == '"')
        {
            return QuotedLength(text);
        }
        var length = text.IndexOfAnyExcept(LabelNameBytes);
        length = length < 0 ? text.Length : length;
        return char.IsAsciiDigit((char)text[0]) ? 0 : length;
    }

    private static int QuotedLength(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '"')
        {
            return 0;
        }
        for (var i = 1; i < text.Length; i++)
        {
            if (text[i] == '"')
            {
                return i + 1;
            }
            i += text[i] == '\\' ? 1 : 0;
        }
        return 0;
    }

    /// <summary>Resolves the three escapes; any other backslash stands for itself, as in Prometheus.</summary>
    internal static string Unescape(ReadOnlySpan<byte> escaped) => Unescape(escaped, (byte)'"');

    /// <summary>Resolves the two escapes of a help text.</summary>
    internal static string UnescapeHelp(ReadOnlySpan<byte> escaped) => Unescape(escaped, (byte)'\\');

    private static string Unescape(ReadOnlySpan<byte> escaped, byte quote)
    {
        if (!escaped.Contains((byte)'\\'))
        {
            return Encoding.UTF8.GetString(escaped);
        }
        var plain = new byte[escaped.Length];
        var length = 0;
        for (var i = 0; i < escaped.Length; i++)
        {
            var next = escaped[i] == '\\' && i + 1 < escaped.Length ? escaped[i + 1] : (byte)0;
            if (next is (byte)'\\' or (byte)'n' || (next == quote && next != 0))
            {
                plain[length++] = next == 'n' ? (byte)'\n' : next;
                i++;
            }
            else
            {
                plain[length++] = escaped[i];
            }
        }
        return Encoding.UTF8.GetString(plain, 0, length);
    }
}
