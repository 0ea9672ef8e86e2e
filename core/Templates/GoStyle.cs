using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Templates;

/// <summary>How one verb of a format writes its value.</summary>
internal readonly record struct GoStyle
{
    private const int DefaultDecimals = 6;

    public bool IsLeft { get; init; }

    public bool HasPlus { get; init; }

    public bool IsSharp { get; init; }

    public bool HasZeros { get; init; }

    public bool HasSpace { get; init; }

    /// <summary>The number behind the point of the format.</summary>
    public int? Precision { get; init; }

    /// <summary>Writes a value without its padding; also says whether zeros may pad it.</summary>
    public (string Text, bool IsNumber) Write(object? value, Rune verb)
    {
        var text = verb.Value switch
        {
            'T' => GoValue.TypeOf(value),
            'v' when value is null => "<nil>",
            _ => value switch
            {
                null => null,
                bool flag when verb.Value is 't' or 'v' => flag ? "true" : "false",
                double number => OfFloat(number, (char)verb.Value),
                long or int or byte => OfInteger(GoValue.IntegerOf(value)!.Value, (char)verb.Value),
                string or GoHtml => OfText(GoValue.TextOf(value)!, (char)verb.Value),
                GoDuration or GoNamed when verb.Value is 'd' && GoValue.IntegerOf(value) is { } integer => OfInteger(
                    integer,
                    'd'
                ),
                GoDuration or GoNamed or GoTime or Histogram => OfText(GoValue.Print(value), (char)verb.Value),
                _ when verb.Value is 'v' or 's' => GoValue.Print(value),
                _ => null,
            },
        };
        var isNumber =
            text is not null && value is double or long or int or byte && verb.Value is not ('T' or 'q' or 'c' or 'U');
        return (
            text ?? $"%!{verb}({(value is null ? "<nil>" : $"{GoValue.TypeOf(value)}={GoValue.Print(value)}")})",
            isNumber
        );
    }

    /// <summary>Fills a text up to a width, in code points.</summary>
    public string Pad(string text, int width, bool isNumber)
    {
        var missing = width - text.EnumerateRunes().Count();
        if (missing <= 0)
        {
            return text;
        }
        if (IsLeft)
        {
            return text + new string(' ', missing);
        }
        if (!HasZeros || !isNumber || text.EndsWith("Inf", StringComparison.Ordinal) || text == "NaN")
        {
            return new string(' ', missing) + text;
        }
        var sign = text[0] is '+' or '-' or ' ' ? 1 : 0;
        return text[..sign] + new string('0', missing) + text[sign..];
    }

    private string? OfFloat(double value, char verb)
    {
        var text = verb switch
        {
            'v' => GoFloat.Format(value, 'g', Precision ?? GoFloat.ShortestPrecision),
            'g' or 'G' => GoFloat.Format(value, verb, Precision ?? GoFloat.ShortestPrecision),
            'e' or 'E' or 'f' => GoFloat.Format(value, verb, Precision ?? DefaultDecimals),
            'F' => GoFloat.Format(value, 'f', Precision ?? DefaultDecimals),
            _ => null,
        };
        if (text is null || text[0] == '-')
        {
            return text;
        }
        // An infinity has its sign anyway.
        var bare = text.TrimStart('+');
        return HasPlus ? "+" + bare
            : HasSpace ? " " + bare
            : text;
    }

    private string? OfInteger(long value, char verb)
    {
        if (verb is 'c' or 'q' or 'U')
        {
            var rune =
                Rune.IsValid((int)Math.Clamp(value, 0, int.MaxValue)) && value >= 0
                    ? new Rune((int)value)
                    : Rune.ReplacementChar;
            return verb switch
            {
                'c' => rune.ToString(),
                'q' => Quoting.Quote(rune),
                _ => "U+" + value.ToString("X4", CultureInfo.InvariantCulture),
            };
        }
        var size = (UInt128)Int128.Abs(value);
        var (digits, prefix) = verb switch
        {
            'd' or 'v' => (size.ToString(CultureInfo.InvariantCulture), ""),
            'b' => (size.ToString("B", CultureInfo.InvariantCulture), "0b"),
            'o' => (Convert.ToString((long)(ulong)size, 8), "0"),
            'O' => (Convert.ToString((long)(ulong)size, 8), ""),
            'x' => (size.ToString("x", CultureInfo.InvariantCulture), "0x"),
            'X' => (size.ToString("X", CultureInfo.InvariantCulture), "0X"),
            _ => (null, ""),
        };
        if (digits is null)
        {
            return null;
        }
        digits = Precision is { } precision ? digits.PadLeft(precision, '0') : digits;
        var sign =
            value < 0 ? "-"
            : HasPlus ? "+"
            : HasSpace ? " "
            : "";
        var isOctal = verb == 'O';
        return sign
            + (
                isOctal ? "0o"
                : IsSharp ? prefix
                : ""
            )
            + digits;
    }

    private string? OfText(string text, char verb)
    {
        var cut = Precision is { } precision ? string.Concat(text.EnumerateRunes().Take(precision)) : text;
        return verb switch
        {
            'v' when IsSharp => Quoting.Quote(cut),
            's' or 'v' => cut,
            'q' when IsSharp && !cut.Contains('`', StringComparison.Ordinal) && !cut.Any(char.IsControl) => $"`{cut}`",
            'q' => Quoting.Quote(cut),
            'x' => Convert.ToHexStringLower(Encoding.UTF8.GetBytes(text).AsSpan(..CutBytes(text))),
            'X' => Convert.ToHexString(Encoding.UTF8.GetBytes(text).AsSpan(..CutBytes(text))),
            _ => null,
        };
    }

    /// <summary>In hexadecimal the precision counts bytes.</summary>
    private int CutBytes(string text)
    {
        var count = Encoding.UTF8.GetByteCount(text);
        return Math.Min(Precision ?? count, count);
    }
}
