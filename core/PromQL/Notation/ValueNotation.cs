using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Histograms;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Notation;

/// <summary>The values of a series as tests write them, separated by blanks.</summary>
/// <remarks>
/// <c>1</c>, <c>_</c> for no sample, <c>stale</c>, <c>{{count:2 buckets:[2]}}</c>; <c>1x5</c> is six times the same,
/// <c>1+2x5</c> adds 2 five times, <c>_x5</c> is five times nothing.
/// </remarks>
internal static class ValueNotation
{
    /// <summary>A series of more values is refused.</summary>
    public const int MaxValues = 10_000_000;

    /// <summary>Histograms are larger.</summary>
    private const int MaxHistograms = 1_000_000;

    /// <summary>Reads values up to the end of a text.</summary>
    /// <exception cref="NotationException">There is something else.</exception>
    public static List<NotedValue> Parse(string text, int from = 0)
    {
        var values = new List<NotedValue>();
        var at = from;
        while (true)
        {
            SeriesNotation.SkipBlanks(text, ref at);
            if (at == text.Length)
            {
                return values;
            }
            if (text.AsSpan(at).StartsWith("{{", StringComparison.Ordinal))
            {
                ReadHistograms(text, ref at, values);
            }
            else
            {
                var end = EndOfToken(text, at);
                ReadFloats(at, text[at..end], values);
                at = end;
            }
        }
    }

    /// <summary>Takes a repetition, <c>x5</c>, off the end of a token; −1 when there is none.</summary>
    public static int TakeTimes(ref string token)
    {
        var x = token.LastIndexOf('x');
        if (
            x <= 0
            || !int.TryParse(token.AsSpan(x + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var times)
        )
        {
            return -1;
        }
        // 0x10 is eleven zeros, as in Prometheus.
        token = token[..x];
        return times;
    }

    /// <summary>A number with a sign or without, as queries write it.</summary>
    public static bool TryNumber(string text, out double value)
    {
        var (isNegative, digits) = text is ['+' or '-', ..] ? (text[0] == '-', text[1..]) : (false, text);
        value = 0;
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            var isHex = ulong.TryParse(
                digits.AsSpan(2),
                NumberStyles.AllowHexSpecifier,
                CultureInfo.InvariantCulture,
                out var hex
            );
            value = isNegative ? -(double)hex : hex;
            return isHex;
        }
        if (digits.Equals("inf", StringComparison.OrdinalIgnoreCase))
        {
            value = isNegative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        if (digits.Equals("nan", StringComparison.OrdinalIgnoreCase))
        {
            value = StaleMarker.NormalNaN;
            return true;
        }
        const NumberStyles Style = NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        var isNumber =
            double.TryParse(digits, Style, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
        value = isNegative ? -value : value;
        return isNumber;
    }

    private static void ReadFloats(int at, string whole, List<NotedValue> values)
    {
        var token = whole;
        var times = TakeTimes(ref token);
        if (token == "_")
        {
            Repeat(values, NotedValue.Omitted, times < 0 ? 1 : times, at);
            return;
        }
        if (token == "stale")
        {
            Repeat(values, NotedValue.Of(StaleMarker.Value), (long)Math.Max(times, 0) + 1, at);
            return;
        }
        if (TryNumber(token, out var value))
        {
            Repeat(values, NotedValue.Of(value), (long)Math.Max(times, 0) + 1, at);
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
            throw NotationException.At(
                at,
                $"{Quoting.Quote(whole, SeriesNotation.MaxShown)} is no value; write for example 1, 1+2x5, 1x5, _, stale or {{{{count:1}}}}"
            );
        }
        Check(values, (long)times + 1, MaxValues, at);
        for (var i = 0; i <= times; i++)
        {
            values.Add(NotedValue.Of(value));
            value += step;
        }
    }

    private static void Repeat(List<NotedValue> values, NotedValue value, long times, int at)
    {
        Check(values, times, MaxValues, at);
        for (var i = 0L; i < times; i++)
        {
            values.Add(value);
        }
    }

    private static void Check(List<NotedValue> values, long more, int most, int at)
    {
        if (values.Count + more > most)
        {
            throw NotationException.At(at, FormattableString.Invariant($"more than {most} values of one series"));
        }
    }

    private static void ReadHistograms(string text, ref int at, List<NotedValue> values)
    {
        var start = at;
        var first = ReadHistogram(text, ref at);
        var sign = at < text.Length && text[at] is '+' or '-' ? text[at] : ' ';
        Histogram? step = null;
        if (sign != ' ')
        {
            at++;
            step = ReadHistogram(text, ref at).Histogram;
        }
        var end = EndOfToken(text, at);
        var rest = "_" + text[at..end];
        var times = rest.Length == 1 ? 0 : TakeTimes(ref rest);
        if (times < 0 || rest.Length > 1 || (step is not null && end == at))
        {
            throw NotationException.At(at, "expected a repetition such as x5 behind a histogram");
        }
        at = end;
        Check(values, (long)times + 1, MaxHistograms, start);
        var value = first.Histogram!;
        for (var i = 0; i <= times; i++)
        {
            values.Add(NotedValue.Of(value, first.HasHint));
            value = step is null ? value : Combine(value, step, sign == '-', start);
        }
    }

    private static Histogram Combine(Histogram value, Histogram step, bool subtracts, int at)
    {
        if (value.Layout.IsCustom != step.Layout.IsCustom)
        {
            throw NotationException.At(at, "a histogram with custom buckets goes with another one only");
        }
        var sum = new HistogramAccumulator();
        sum.Load(value);
        _ = subtracts ? sum.Subtract(step) : sum.Add(step);
        return sum.ToHistogram(isCompact: true);
    }

    private static NotedValue ReadHistogram(string text, ref int at)
    {
        var close = text.IndexOf("}}", at, StringComparison.Ordinal);
        if (close < 0 || !text.AsSpan(at).StartsWith("{{", StringComparison.Ordinal))
        {
            throw NotationException.At(at, "expected a histogram in {{ }}");
        }
        var value = HistogramNotation.Parse(text, at + 2, close, out var hasHint);
        at = close + 2;
        return NotedValue.Of(value, hasHint);
    }

    private static int EndOfToken(string text, int at)
    {
        var length = text.AsSpan(at).IndexOfAny(" \t\r\n");
        return length < 0 ? text.Length : at + length;
    }
}
