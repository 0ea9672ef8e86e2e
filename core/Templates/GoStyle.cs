using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>How one verb of a format writes its value: flags, width and precision.</summary>
/// <remarks>https://pkg.go.dev/fmt#hdr-Printing; of a value with parts, all of it holds for each part.</remarks>
internal readonly record struct GoStyle
{
    private const int DefaultDecimals = 6;
    private const int MaxDepth = 100;
    private const string TooLarge = "the value is too large to be printed";

    public bool IsLeft { get; init; }

    public bool HasPlus { get; init; }

    public bool IsSharp { get; init; }

    public bool HasZeros { get; init; }

    public bool HasSpace { get; init; }

    /// <summary>The fewest code points.</summary>
    public int Width { get; init; }

    /// <summary>The number behind the point of the format.</summary>
    public int? Precision { get; init; }

    /// <summary>Whether parts of structures have their names in front (<c>%+v</c>).</summary>
    private bool HasNames { get; init; }

    /// <summary>Whether values are written as in a program (<c>%#v</c>).</summary>
    private bool IsSource { get; init; }

    /// <summary>Writes a value.</summary>
    public string Write(object? value, Rune verb) =>
        verb.Value switch
        {
            'T' => Pad(Cut(GoValue.TypeOf(value))),
            'v' => (
                this with
                {
                    HasNames = HasPlus && !IsSharp,
                    IsSource = IsSharp,
                    HasPlus = false,
                    IsSharp = false,
                }
            ).Of(value, verb, depth: 0),
            _ => Of(value, verb, depth: 0),
        };

    /// <summary>A value, or a part of one.</summary>
    private string Of(object? value, Rune verb, int depth)
    {
        if (depth > MaxDepth)
        {
            throw new TemplateFunctionException(TooLarge);
        }
        // No verb is a letter beyond those of one unit.
        var text = OfKnown(value, verb.IsBmp ? (char)verb.Value : char.MaxValue, depth);
        return text
            ?? $"%!{verb}({(value is null ? "<nil>" : $"{GoValue.TypeOf(value)}={Of(value, new Rune('v'), depth)}")})";
    }

    /// <summary>Null where the verb is none for such a value.</summary>
    private string? OfKnown(object? value, char verb, int depth) =>
        value switch
        {
            null => verb is 'v' ? Pad("<nil>") : null,
            bool flag => verb is 't' or 'v' ? Pad(flag ? "true" : "false") : null,
            double number => OfFloat(number, verb),
            long or byte => OfInteger(GoValue.IntegerOf(value)!.Value, verb),
            string or GoHtml => OfText(GoValue.TextOf(value)!, verb),
            GoDuration or GoNamed when verb is 'd' && GoValue.IntegerOf(value) is { } integer => OfInteger(
                integer,
                'd'
            ),
            GoDuration or GoNamed or GoTime or Histogram => OfText(GoValue.Print(value), verb),
            LabelSet labels => OfMap(value, GoValue.Pairs(labels), verb, depth + 1),
            Dictionary<string, object?> map => OfMap(value, GoValue.Pairs(map), verb, depth + 1),
            List<TemplateSample> samples => OfList(samples, verb, depth + 1),
            TemplateSample sample => (depth > 0 ? "" : "&")
                + OfStructure(
                    "template.sample",
                    [("Labels", sample.Labels), ("Value", GoValue.ValueOf(sample))],
                    verb,
                    depth + 1
                ),
            TemplateContext data => OfStructure(
                GoValue.TypeOf(data),
                [
                    ("Labels", data.Labels),
                    ("ExternalLabels", data.ExternalLabels),
                    ("ExternalURL", data.ExternalUrl),
                    ("Value", GoValue.ValueOf(data)),
                ],
                verb,
                depth + 1
            ),
            _ => null,
        };

    private string OfMap(object map, IEnumerable<KeyValuePair<string, object?>> pairs, char verb, int depth)
    {
        var (style, rune) = (this, new Rune(verb));
        var parts = pairs.Select(pair => $"{style.Of(pair.Key, rune, depth)}:{style.Of(pair.Value, rune, depth)}");
        return IsSource ? $"{GoValue.TypeOf(map)}{{{Joined(parts, ", ")}}}" : $"map[{Joined(parts, " ")}]";
    }

    private string OfList(List<TemplateSample> samples, char verb, int depth)
    {
        var (style, rune) = (this, new Rune(verb));
        var parts = samples.Select(sample => style.Of(sample, rune, depth));
        return IsSource ? $"{GoValue.TypeOf(samples)}{{{Joined(parts, ", ")}}}" : $"[{Joined(parts, " ")}]";
    }

    private string OfStructure(string type, ReadOnlySpan<(string Name, object Value)> fields, char verb, int depth)
    {
        var parts = new List<string>();
        foreach (var (name, value) in fields)
        {
            parts.Add((HasNames || IsSource ? name + ":" : "") + Of(value, new Rune(verb), depth));
        }
        return IsSource ? $"{type}{{{Joined(parts, ", ")}}}" : $"{{{Joined(parts, " ")}}}";
    }

    /// <summary>The parts in a row, as far as a template may be long.</summary>
    private static string Joined(IEnumerable<string> parts, string separator)
    {
        var text = new StringBuilder();
        foreach (var part in parts)
        {
            text.Append(text.Length > 0 ? separator : "").Append(part);
            if (text.Length > TemplateEnvironment.MaxLength)
            {
                throw new TemplateFunctionException(TooLarge);
            }
        }
        return text.ToString();
    }

    private string? OfFloat(double value, char verb)
    {
        var text = verb switch
        {
            'v' => GoFloat.Format(value, 'g', Precision ?? GoFloat.ShortestPrecision),
            'g' or 'G' or 'b' or 'x' or 'X' => GoFloat.Format(value, verb, Precision ?? GoFloat.ShortestPrecision),
            'e' or 'E' or 'f' => GoFloat.Format(value, verb, Precision ?? DefaultDecimals),
            'F' => GoFloat.Format(value, 'f', Precision ?? DefaultDecimals),
            _ => null,
        };
        if (text is null)
        {
            return null;
        }
        var isNegative = text[0] == '-';
        var digits = text.TrimStart('-', '+');
        var sign =
            isNegative ? "-"
            : HasPlus ? "+"
            : HasSpace ? " "
            : double.IsPositiveInfinity(value) ? "+"
            : "";
        if (!double.IsFinite(value))
        {
            return (this with { HasZeros = false }).Pad(sign + digits);
        }
        return PadNumber(sign, IsSharp && verb != 'b' ? WithPoint(digits, verb) : digits);
    }

    /// <summary>A point in any case, and of the verbs without a fixed number of digits the zeros behind it.</summary>
    private string WithPoint(string digits, char verb)
    {
        var isHex = verb is 'x' or 'X';
        var tail = digits.IndexOfAny(isHex ? ['p', 'P'] : ['e', 'E']);
        var (head, end) = tail < 0 ? (digits, "") : (digits[..tail], digits[tail..]);
        head = head.Contains('.', StringComparison.Ordinal) ? head : head + ".";
        if (verb is not ('v' or 'g' or 'G' or 'x' or 'X'))
        {
            return head + end;
        }
        var figures = (isHex ? head[2..] : head).Replace(".", "", StringComparison.Ordinal);
        var shown = isHex
            ? figures.Length
            : Math.Max(figures.TrimStart('0').Length, figures.All(c => c == '0') ? 1 : 0);
        // The sign of the base counts as a digit, too, unless a number of digits is asked for.
        var wanted = isHex ? (Precision ?? DefaultDecimals - 2) + 1 : Math.Max(Precision ?? DefaultDecimals, 1);
        return head + new string('0', Math.Max(0, wanted - shown)) + end;
    }

    private string? OfInteger(long value, char verb)
    {
        if (verb is 'c' or 'q' or 'U')
        {
            return OfCodePoint(value, verb);
        }
        var size = (UInt128)Int128.Abs(value);
        var (digits, prefix) = verb switch
        {
            'd' or 'v' => (size.ToString(CultureInfo.InvariantCulture), ""),
            'b' => (size.ToString("B", CultureInfo.InvariantCulture), "0b"),
            'o' or 'O' => (Convert.ToString((long)(ulong)size, 8), "0"),
            'x' => (size.ToString("x", CultureInfo.InvariantCulture), "0x"),
            'X' => (size.ToString("X", CultureInfo.InvariantCulture), "0X"),
            _ => (null, ""),
        };
        if (digits is null)
        {
            return null;
        }
        if (value == 0 && Precision == 0)
        {
            return new string(' ', Width);
        }
        var sign =
            value < 0 ? "-"
            : HasPlus ? "+"
            : HasSpace ? " "
            : "";
        var least = Precision ?? (HasZeros && !IsLeft ? Width - sign.Length : 0);
        digits = digits.PadLeft(Math.Max(least, 0), '0');
        prefix =
            verb == 'O' ? "0o"
            : !IsSharp || (verb == 'o' && digits[0] == '0') ? ""
            : prefix;
        return (this with { HasZeros = false }).Pad(sign + prefix + digits);
    }

    private string OfCodePoint(long value, char verb)
    {
        var isValid = value is >= 0 and <= int.MaxValue && Rune.IsValid((int)value);
        var rune = isValid ? new Rune((int)value) : Rune.ReplacementChar;
        var number = $"U+{value.ToString(Invariant($"X{Math.Max(4, Precision ?? 0)}"), CultureInfo.InvariantCulture)}";
        return verb switch
        {
            'c' => Pad(rune.ToString()),
            'q' => Pad(OfQuoted(Quoting.Quote(rune))),
            _ => (this with { HasZeros = false }).Pad(
                IsSharp && isValid && Quoting.CodePoint(rune).EndsWith('\'') ? $"{number} '{rune}'" : number
            ),
        };
    }

    private string? OfText(string text, char verb)
    {
        var cut = Cut(text);
        return verb switch
        {
            'v' when IsSource => Pad(Quoting.Quote(cut)),
            's' or 'v' => Pad(cut),
            'q' when IsSharp && !cut.Contains('`', StringComparison.Ordinal) && !cut.Any(char.IsControl) => Pad(
                $"`{cut}`"
            ),
            'q' => Pad(OfQuoted(Quoting.Quote(cut))),
            'x' or 'X' => Pad(Hex(text, verb)),
            _ => null,
        };
    }

    /// <summary>With a plus nothing but ASCII is left.</summary>
    private string OfQuoted(string quoted) =>
        HasPlus
            ? string.Concat(
                quoted
                    .EnumerateRunes()
                    .Select(rune =>
                        rune.IsAscii ? rune.ToString()
                        : rune.IsBmp ? Invariant($"\\u{rune.Value:x4}")
                        : Invariant($"\\U{rune.Value:x8}")
                    )
            )
            : quoted;

    /// <summary>The bytes, of which the precision says how many.</summary>
    private string Hex(string text, char verb)
    {
        var bytes = Encoding.UTF8.GetBytes(text).AsSpan();
        bytes = bytes[..Math.Min(Precision ?? bytes.Length, bytes.Length)];
        var hex = verb == 'x' ? Convert.ToHexStringLower(bytes) : Convert.ToHexString(bytes);
        var prefix = IsSharp ? $"0{verb}" : "";
        return hex.Length == 0 ? ""
            : HasSpace ? string.Join(' ', hex.Chunk(2).Select(pair => prefix + new string(pair)))
            : prefix + hex;
    }

    private string Cut(string text) =>
        Precision is { } precision ? string.Concat(text.EnumerateRunes().Take(precision)) : text;

    /// <summary>Fills a number up to the width; zeros come behind its sign.</summary>
    private string PadNumber(string sign, string digits) =>
        HasZeros && !IsLeft ? sign + digits.PadLeft(Math.Max(0, Width - sign.Length), '0') : Pad(sign + digits);

    /// <summary>Fills a text up to the width, in code points.</summary>
    private string Pad(string text)
    {
        var missing = new string(HasZeros && !IsLeft ? '0' : ' ', Math.Max(0, Width - text.EnumerateRunes().Count()));
        return IsLeft ? text + missing : missing + text;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
