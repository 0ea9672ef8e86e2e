using System.Globalization;
using Tributary.Model;

namespace Tributary.Tests.Unit.Conformance.Scripts;

/// <summary>A native histogram in a PromQL test script: <c>schema:0 count:3 buckets:[1 2]</c>.</summary>
internal static class ScriptHistogram
{
    /// <summary>Reads what stands between the braces.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Histogram Parse(string body, out bool hasHint)
    {
        var (schema, threshold, zeroCount, count, sum) = (0, 0.0, 0.0, 0.0, 0.0);
        var (offset, negativeOffset) = (0, 0);
        double[] buckets = [];
        double[] negative = [];
        double[] custom = [];
        var hint = CounterResetHint.Unknown;
        hasHint = false;
        foreach (var (key, value) in Pairs(body))
        {
            switch (key)
            {
                case "schema":
                    schema = Integer(value);
                    break;
                case "sum":
                    sum = Number(value);
                    break;
                case "count":
                    count = Number(value);
                    break;
                case "z_bucket":
                    zeroCount = Number(value);
                    break;
                case "z_bucket_w":
                    threshold = Number(value);
                    break;
                case "buckets":
                    buckets = Numbers(value);
                    break;
                case "n_buckets":
                    negative = Numbers(value);
                    break;
                case "custom_values":
                    custom = Numbers(value);
                    break;
                case "offset":
                    offset = Integer(value);
                    break;
                case "n_offset":
                    negativeOffset = Integer(value);
                    break;
                case "counter_reset_hint":
                    (hint, hasHint) = (Hint(value), true);
                    break;
                default:
                    throw new FormatException($"unknown key '{key}' of a histogram: {body}");
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

    private static IEnumerable<(string Key, string Value)> Pairs(string body)
    {
        var rest = body.Trim();
        while (rest.Length > 0)
        {
            var colon = rest.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0)
            {
                throw new FormatException($"no value in a histogram: {body}");
            }
            var key = rest[..colon].Trim();
            rest = rest[(colon + 1)..].TrimStart();
            var end = rest.StartsWith('[')
                ? rest.IndexOf(']', StringComparison.Ordinal) + 1
                : rest.IndexOfAny([' ', '\t']);
            end = end <= 0 ? rest.Length : end;
            yield return (key, rest[..end]);
            rest = rest[end..].TrimStart();
        }
    }

    private static double Number(string text) =>
        ScriptSeries.TryNumber(text, out var value) ? value : throw new FormatException($"not a number: {text}");

    private static int Integer(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static double[] Numbers(string text) =>
        [.. text.Trim('[', ']').Split([' ', '\t', ','], StringSplitOptions.RemoveEmptyEntries).Select(Number)];

    private static CounterResetHint Hint(string text) =>
        text switch
        {
            "unknown" => CounterResetHint.Unknown,
            "reset" => CounterResetHint.CounterReset,
            "not_reset" => CounterResetHint.NotCounterReset,
            "gauge" => CounterResetHint.Gauge,
            _ => throw new FormatException($"unknown hint: {text}"),
        };
}
