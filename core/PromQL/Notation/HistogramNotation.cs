using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.PromQL.Notation;

/// <summary>A native histogram as tests write it: <c>{{schema:0 count:3 buckets:[1 2]}}</c>.</summary>
internal static class HistogramNotation
{
    /// <summary>The most buckets on a side that are printed: gaps between them are filled with zeros.</summary>
    private const int MaxPrinted = 100_000;

    /// <summary>Reads what stands between the braces.</summary>
    /// <param name="text">The text.</param>
    /// <param name="start">Where it begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="hasHint">Whether it says which counter reset hint the histogram has.</param>
    /// <exception cref="NotationException">It is none.</exception>
    public static Histogram Parse(string text, int start, int end, out bool hasHint)
    {
        var (schema, threshold, zeroCount, count, sum) = (0, 0.0, 0.0, 0.0, 0.0);
        var (offset, negativeOffset) = (0, 0);
        double[] buckets = [];
        double[] negative = [];
        double[] custom = [];
        var hint = CounterResetHint.Unknown;
        hasHint = false;
        foreach (var pair in Pairs(text, start, end))
        {
            switch (pair.Key)
            {
                case "schema":
                    schema = Schema(pair);
                    break;
                case "sum":
                    sum = Number(pair, pair.Value);
                    break;
                case "count":
                    count = Number(pair, pair.Value);
                    break;
                case "z_bucket":
                    zeroCount = Number(pair, pair.Value);
                    break;
                case "z_bucket_w":
                    threshold = Number(pair, pair.Value);
                    break;
                case "buckets":
                    buckets = Numbers(pair);
                    break;
                case "n_buckets":
                    negative = Numbers(pair);
                    break;
                case "custom_values":
                    custom = Numbers(pair);
                    break;
                case "offset":
                    offset = Integer(pair);
                    break;
                case "n_offset":
                    negativeOffset = Integer(pair);
                    break;
                case "counter_reset_hint":
                    (hint, hasHint) = (Hint(pair), true);
                    break;
                default:
                    throw NotationException.At(pair.At, $"unknown key {Quoting.Quote(pair.Key)} of a histogram");
            }
        }
        var layout = new HistogramLayout(
            schema,
            threshold,
            buckets.Length == 0 ? [] : [new BucketSpan(offset, buckets.Length)],
            negative.Length == 0 ? [] : [new BucketSpan(negativeOffset, negative.Length)],
            custom
        );
        return Histogram.OfFloats(layout, count, zeroCount, sum, [.. buckets, .. negative], hint);
    }

    /// <summary>The notation of a histogram: what is not its default, buckets without empty ones around them.</summary>
    public static string Print(Histogram value)
    {
        var compact = value.Compact();
        var layout = compact.Layout;
        var parts = new List<string>();
        Add(parts, "schema", layout.Schema);
        Add(parts, "count", compact.Count);
        Add(parts, "sum", compact.Sum);
        Add(parts, "z_bucket", compact.ZeroCount);
        Add(parts, "z_bucket_w", layout.ZeroThreshold);
        if (layout.IsCustom)
        {
            parts.Add($"custom_values:[{string.Join(' ', layout.CustomValues.ToArray().Select(GoFloat.Shortest))}]");
        }
        var hint = value.Hint switch
        {
            CounterResetHint.CounterReset => "reset",
            CounterResetHint.NotCounterReset => "not_reset",
            CounterResetHint.Gauge => "gauge",
            _ => null,
        };
        if (hint is not null)
        {
            parts.Add($"counter_reset_hint:{hint}");
        }
        AddBuckets(parts, ("offset", "buckets"), layout.PositiveIndexes, i => compact.BucketAt(i));
        AddBuckets(
            parts,
            ("n_offset", "n_buckets"),
            layout.NegativeIndexes,
            i => compact.BucketAt(layout.PositiveCount + i)
        );
        return $"{{{{{string.Join(' ', parts)}}}}}";
    }

    private static void Add(List<string> parts, string key, double value)
    {
        if (value != 0)
        {
            parts.Add($"{key}:{GoFloat.Shortest(value)}");
        }
    }

    private static void AddBuckets(
        List<string> parts,
        (string Offset, string Buckets) keys,
        ReadOnlySpan<int> indexes,
        Func<int, double> countAt
    )
    {
        if (indexes.IsEmpty)
        {
            return;
        }
        if (indexes[0] != 0)
        {
            parts.Add(FormattableString.Invariant($"{keys.Offset}:{indexes[0]}"));
        }
        var counts = new List<string>();
        for (var i = 0; i < indexes.Length; i++)
        {
            for (var gap = i == 0 ? 0 : indexes[i] - indexes[i - 1] - 1; gap > 0 && counts.Count < MaxPrinted; gap--)
            {
                counts.Add("0");
            }
            counts.Add(GoFloat.Shortest(countAt(i)));
        }
        parts.Add($"{keys.Buckets}:[{string.Join(' ', counts)}]");
    }

    private static IEnumerable<Pair> Pairs(string text, int start, int end)
    {
        var at = start;
        while (true)
        {
            SeriesNotation.SkipBlanks(text, ref at);
            if (at >= end)
            {
                yield break;
            }
            var colon = text.IndexOf(':', at, end - at);
            if (colon < 0)
            {
                throw NotationException.At(at, "expected key:value in a histogram");
            }
            var from = colon + 1;
            SeriesNotation.SkipBlanks(text, ref from);
            var rest = text.AsSpan(from, Math.Max(0, end - from));
            var length = rest.StartsWith("[") ? rest.IndexOf(']') + 1 : rest.IndexOfAny(" \t\r\n");
            var value = length <= 0 ? rest.ToString() : rest[..length].ToString();
            yield return new Pair(at, text[at..colon].Trim(), value);
            at = from + value.Length;
        }
    }

    private static double Number(Pair pair, string text) =>
        ValueNotation.TryNumber(text, out var value)
            ? value
            : throw NotationException.At(pair.At, $"{pair.Key}: {Quoting.Quote(text)} is not a number");

    private static int Integer(Pair pair) =>
        int.TryParse(pair.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw NotationException.At(pair.At, $"{pair.Key}: {Quoting.Quote(pair.Value)} is not a whole number");

    private static int Schema(Pair pair)
    {
        var schema = Integer(pair);
        return schema is >= HistogramLayout.MinSchema and <= HistogramLayout.MaxSchema or HistogramLayout.CustomSchema
            ? schema
            : throw NotationException.At(pair.At, $"schema {pair.Value} is not known");
    }

    private static double[] Numbers(Pair pair) =>
        pair.Value is ['[', .., ']']
            ?
            [
                .. pair.Value[1..^1]
                    .Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries)
                    .Select(text => Number(pair, text)),
            ]
            : throw NotationException.At(pair.At, $"{pair.Key} is a list of numbers in [ ]");

    private static CounterResetHint Hint(Pair pair) =>
        pair.Value switch
        {
            "unknown" => CounterResetHint.Unknown,
            "reset" => CounterResetHint.CounterReset,
            "not_reset" => CounterResetHint.NotCounterReset,
            "gauge" => CounterResetHint.Gauge,
            _ => throw NotationException.At(pair.At, $"unknown counter_reset_hint {Quoting.Quote(pair.Value)}"),
        };

    private readonly record struct Pair(int At, string Key, string Value);
}
