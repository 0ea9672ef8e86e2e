using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>A line of a PromQL test script: a series and its items.</summary>
/// <param name="Labels">The series.</param>
/// <param name="Items">What follows, repetitions written out.</param>
internal sealed record ScriptSeries(LabelSet Labels, IReadOnlyList<ScriptItem> Items)
{
    private const int MaxItems = 100_000;

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static ScriptSeries Parse(string line)
    {
        var labels = ParseLabels(line, out var end);
        return new ScriptSeries(labels, ParseItems(line[end..]));
    }

    /// <summary>Reads <c>name{label="value"}</c> or <c>{"name", label="value"}</c> from the start of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="end">Where what follows begins.</param>
    public static LabelSet ParseLabels(string text, out int end)
    {
        var labels = new List<Label>();
        var open = text.IndexOfAny(['{', ' ', '\t', '@']);
        end = open < 0 ? text.Length : open;
        if (end > 0)
        {
            labels.Add(new Label(LabelSet.MetricNameLabel, text[..end]));
        }
        if (end == text.Length || text[end] != '{')
        {
            return LabelSet.Of(labels);
        }
        end++;
        while (true)
        {
            SkipBlanks(text, ref end);
            if (text[end] == '}')
            {
                end++;
                return LabelSet.Of(labels);
            }
            labels.Add(ParseLabel(text, ref end));
            SkipBlanks(text, ref end);
            if (text[end] == ',')
            {
                end++;
            }
        }
    }

    /// <summary>Reads items, separated by blanks.</summary>
    public static IReadOnlyList<ScriptItem> ParseItems(string text)
    {
        var items = new List<ScriptItem>();
        var at = 0;
        while (true)
        {
            SkipBlanks(text, ref at);
            if (at == text.Length)
            {
                return items;
            }
            if (text[at..].StartsWith("{{", StringComparison.Ordinal))
            {
                ReadHistograms(text, ref at, items);
            }
            else
            {
                var end = text.IndexOfAny([' ', '\t'], at);
                end = end < 0 ? text.Length : end;
                ReadFloats(text[at..end], items);
                at = end;
            }
            if (items.Count > MaxItems)
            {
                throw new FormatException($"more than {MaxItems} items: {text}");
            }
        }
    }

    /// <summary>Takes a repetition, <c>x5</c>, off the end of a token; −1 when there is none.</summary>
    public static int TakeTimes(ref string token)
    {
        var x = token.LastIndexOf('x');
        if (x < 0 || !int.TryParse(token.AsSpan(x + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var times))
        {
            return -1;
        }
        token = token[..x];
        return times;
    }

    private static Label ParseLabel(string text, ref int at)
    {
        string name;
        if (text[at] is '"' or '\'' or '`')
        {
            name = new QuotedString(text, at).Read(out at);
            SkipBlanks(text, ref at);
            if (text[at] != '=')
            {
                return new Label(LabelSet.MetricNameLabel, name);
            }
        }
        else
        {
            var equals = text.IndexOf('=', at);
            name = text[at..equals].Trim();
            at = equals;
        }
        at++;
        SkipBlanks(text, ref at);
        return new Label(name, new QuotedString(text, at).Read(out at));
    }

    private static void ReadFloats(string token, List<ScriptItem> items)
    {
        var whole = token;
        var times = TakeTimes(ref token);
        if (token == "_")
        {
            items.AddRange(Enumerable.Repeat(ScriptItem.Omitted, times < 0 ? 1 : times));
            return;
        }
        if (token == "stale")
        {
            items.AddRange(Enumerable.Repeat(ScriptItem.Of(StaleMarker.Value), Math.Max(times, 0) + 1));
            return;
        }
        if (TryNumber(token, out var value))
        {
            items.AddRange(Enumerable.Repeat(ScriptItem.Of(value), Math.Max(times, 0) + 1));
            return;
        }
        var sign = token.LastIndexOfAny(['+', '-']);
        while (sign > 0 && token[sign - 1] is 'e' or 'E')
        {
            sign = token.LastIndexOfAny(['+', '-'], sign - 1);
        }
        if (
            times < 0
            || sign <= 0
            || !TryNumber(token[..sign], out value)
            || !TryNumber(token[(token[sign] == '+' ? sign + 1 : sign)..], out var step)
        )
        {
            throw new FormatException($"not an item: {whole}");
        }
        for (var i = 0; i <= times; i++)
        {
            items.Add(ScriptItem.Of(value));
            value += step;
        }
    }

    /// <summary>A number as scripts write it.</summary>
    public static bool TryNumber(string text, out double value)
    {
        var (negative, digits) = text.Length > 0 && text[0] is '+' or '-' ? (text[0] == '-', text[1..]) : (false, text);
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var isHex = ulong.TryParse(
                digits.AsSpan(2),
                NumberStyles.HexNumber,
                CultureInfo.InvariantCulture,
                out var hex
            );
            value = negative ? -(double)hex : hex;
            return isHex;
        }
        if (digits.Equals("inf", StringComparison.OrdinalIgnoreCase))
        {
            value = negative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        if (digits.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = StaleMarker.NormalNaN;
            return true;
        }
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var isNumber = double.TryParse(digits, Style, CultureInfo.InvariantCulture, out value);
        value = negative ? -value : value;
        return isNumber;
    }

    private static void ReadHistograms(string text, ref int at, List<ScriptItem> items)
    {
        var first = ReadHistogram(text, ref at);
        var sign = at < text.Length && text[at] is '+' or '-' ? text[at] : ' ';
        ScriptItem? step = null;
        if (sign != ' ')
        {
            at++;
            step = ReadHistogram(text, ref at);
        }
        var end = text.IndexOfAny([' ', '\t'], at);
        end = end < 0 ? text.Length : end;
        var rest = text[at..end];
        at = end;
        var times = rest.Length == 0 ? 0 : TakeTimes(ref rest);
        if (times < 0 || rest.Length > 0)
        {
            throw new FormatException($"not a repetition: {rest} in {text}");
        }
        var value = first.Histogram!;
        for (var i = 0; i <= times; i++)
        {
            items.Add(ScriptItem.Of(value, first.HasHint));
            if (step is { Histogram: { } added })
            {
                value = Combine(value, added, sign == '-');
            }
        }
    }

    private static Histogram Combine(Histogram value, Histogram step, bool subtracts)
    {
        var sum = new HistogramAccumulator();
        sum.Load(value);
        _ = subtracts ? sum.Subtract(step) : sum.Add(step);
        return sum.ToHistogram(isCompact: true);
    }

    private static ScriptItem ReadHistogram(string text, ref int at)
    {
        var close = text.IndexOf("}}", at, StringComparison.Ordinal);
        if (close < 0 || !text[at..].StartsWith("{{", StringComparison.Ordinal))
        {
            throw new FormatException($"not a histogram: {text[at..]}");
        }
        var item = ScriptHistogram.Parse(text[(at + 2)..close], out var hasHint);
        at = close + 2;
        return ScriptItem.Of(item, hasHint);
    }

    private static void SkipBlanks(string text, ref int at)
    {
        while (at < text.Length && text[at] is ' ' or '\t')
        {
            at++;
        }
    }
}
