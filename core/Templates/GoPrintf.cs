using System.Globalization;
using System.Text;

namespace Tributary.Templates;

/// <summary>Go's <c>fmt</c>: <c>print</c>, <c>println</c> and <c>printf</c>, mistakes in formats included.</summary>
/// <remarks>https://pkg.go.dev/fmt</remarks>
internal sealed class GoPrintf
{
    /// <summary>No number of a format is larger, as in Go.</summary>
    private const int MaxNumber = 1_000_000;

    private readonly string format;
    private readonly IReadOnlyList<object?> arguments;
    private readonly StringBuilder output = new();
    private int at;
    private int next;
    private bool isReordered;

    private GoPrintf(string format, IReadOnlyList<object?> arguments)
    {
        this.format = format;
        this.arguments = arguments;
    }

    /// <summary>The values in a row, with a space between two that are no texts.</summary>
    /// <exception cref="TemplateFunctionException">The text would be too long.</exception>
    public static string Print(IReadOnlyList<object?> values) => Join(values, i => AreNoTexts(values, i), Show);

    /// <summary>As <see cref="Print"/>, but each as an action shows it, for functions that make texts safe.</summary>
    /// <exception cref="TemplateFunctionException">The text would be too long.</exception>
    public static string PrintShown(IReadOnlyList<object?> values) =>
        Join(values, i => AreNoTexts(values, i), value => value is null ? "<no value>" : GoValue.Print(value));

    /// <summary>The values with spaces between them and a line end behind.</summary>
    /// <exception cref="TemplateFunctionException">The text would be too long.</exception>
    public static string PrintLine(IReadOnlyList<object?> values) => Join(values, _ => true, Show) + "\n";

    /// <summary>The values as a format writes them.</summary>
    /// <param name="format">The format.</param>
    /// <param name="arguments">The values.</param>
    /// <exception cref="TemplateFunctionException">The text would be too long.</exception>
    public static string Format(string format, IReadOnlyList<object?> arguments) =>
        new GoPrintf(format, arguments).Run();

    private static bool AreNoTexts(IReadOnlyList<object?> values, int second) =>
        GoValue.TextOf(values[second]) is null && GoValue.TextOf(values[second - 1]) is null;

    private static string Show(object? value) => default(GoStyle).Write(value, new Rune('v'));

    private static string Join(IReadOnlyList<object?> values, Func<int, bool> isApart, Func<object?, string> show)
    {
        var text = new StringBuilder();
        for (var i = 0; i < values.Count; i++)
        {
            text.Append(i > 0 && isApart(i) ? " " : "").Append(show(values[i]));
            CheckLength(text);
        }
        return text.ToString();
    }

    private static void CheckLength(StringBuilder text)
    {
        if (text.Length > TemplateEnvironment.MaxLength)
        {
            throw new TemplateFunctionException($"the text is longer than {TemplateEnvironment.MaxLength} characters");
        }
    }

    private string Run()
    {
        while (at < format.Length)
        {
            var percent = format.IndexOf('%', at);
            var end = percent < 0 ? format.Length : percent;
            output.Append(format, at, end - at);
            at = end;
            if (at < format.Length)
            {
                at++;
                WriteOne();
            }
            CheckLength(output);
        }
        if (!isReordered && next < arguments.Count)
        {
            var extra = arguments.Skip(next).Select(value => value is null ? "<nil>" : Named(value));
            output.Append("%!(EXTRA ").AppendJoin(", ", extra).Append(')');
        }
        return output.ToString();
    }

    private void WriteOne()
    {
        var style = ReadFlags();
        var isBad = !TryIndex();
        var width = ReadNumber("WIDTH", -MaxNumber) ?? 0;
        style =
            width < 0 ? style with { IsLeft = true, HasZeros = false, Width = -width } : style with { Width = width };
        if (at + 1 < format.Length && format[at] == '.')
        {
            at++;
            isBad |= !TryIndex();
            var isGiven = at < format.Length && format[at] == '*';
            style = style with { Precision = ReadNumber("PREC", 0) ?? (isGiven ? null : 0) };
        }
        isBad |= !TryIndex();
        if (at >= format.Length || !Rune.TryGetRuneAt(format, at, out var verb))
        {
            output.Append("%!(NOVERB)");
            return;
        }
        at += verb.Utf16SequenceLength;
        if (verb.Value == '%')
        {
            output.Append('%');
        }
        else if (isBad)
        {
            output.Append(CultureInfo.InvariantCulture, $"%!{verb}(BADINDEX)");
        }
        else if (next >= arguments.Count)
        {
            output.Append(CultureInfo.InvariantCulture, $"%!{verb}(MISSING)");
        }
        else
        {
            output.Append(style.Write(arguments[next++], verb));
        }
    }

    private GoStyle ReadFlags()
    {
        var flags = new GoStyle();
        for (; at < format.Length; at++)
        {
            switch (format[at])
            {
                case '-':
                    flags = flags with { IsLeft = true };
                    break;
                case '+':
                    flags = flags with { HasPlus = true };
                    break;
                case '#':
                    flags = flags with { IsSharp = true };
                    break;
                case '0':
                    flags = flags with { HasZeros = true };
                    break;
                case ' ':
                    flags = flags with { HasSpace = true };
                    break;
                default:
                    return flags;
            }
        }
        return flags;
    }

    /// <summary>Takes <c>[n]</c>, which says which argument is next; false when it says nothing that is there.</summary>
    private bool TryIndex()
    {
        if (at >= format.Length || format[at] != '[')
        {
            return true;
        }
        isReordered = true;
        var close = format.IndexOf(']', at);
        var digits = close < 0 ? "" : format[(at + 1)..close];
        at = close < 0 ? at + 1 : close + 1;
        var isNumber = int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        if (!isNumber || index < 1 || index > arguments.Count)
        {
            return false;
        }
        next = index - 1;
        return true;
    }

    /// <summary>A width or precision: digits, or <c>*</c> for the next argument, of which mistakes are written.</summary>
    private int? ReadNumber(string what, int least)
    {
        if (at < format.Length && format[at] == '*')
        {
            at++;
            var argument = next < arguments.Count ? GoValue.IntegerOf(arguments[next++]) : null;
            if (argument is { } taken && taken >= least && taken <= MaxNumber)
            {
                return (int)taken;
            }
            output.Append(CultureInfo.InvariantCulture, $"%!(BAD{what})");
            return null;
        }
        var start = at;
        while (at < format.Length && char.IsAsciiDigit(format[at]))
        {
            at++;
        }
        if (at == start)
        {
            return null;
        }
        if (
            int.TryParse(format.AsSpan(start, at - start), CultureInfo.InvariantCulture, out var number)
            && number <= MaxNumber
        )
        {
            return number;
        }
        // As in Go, nothing behind such a number is read.
        at = format.Length;
        return null;
    }

    private static string Named(object? value) => $"{GoValue.TypeOf(value)}={Show(value)}";
}
