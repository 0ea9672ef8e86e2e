using System.Globalization;
using System.Text.Json;
using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.EndToEnd.Reading;

/// <summary>What <c>/api/v1/query</c> answers to a selector, in a form in which two servers can be compared.</summary>
internal static class QueryAnswer
{
    /// <summary>Prometheus looks so far back for an instant.</summary>
    private static readonly TimeSpan Lookback = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Asks a server's <c>/api/v1/query</c>.</summary>
    /// <param name="http">The server.</param>
    /// <param name="selector">An instant selector.</param>
    /// <param name="range">How far back all samples are wanted; null for the newest one of each series.</param>
    /// <param name="time">The moment.</param>
    /// <returns>Series with their samples, ordered; a line each.</returns>
    public static async Task<IReadOnlyList<string>> OfServerAsync(
        HttpClient http,
        string selector,
        TimeSpan? range,
        DateTimeOffset time
    )
    {
        var query = range is { } wide ? $"{selector}[{(long)wide.TotalMilliseconds}ms]" : selector;
        var seconds = (time.ToUnixTimeMilliseconds() / 1000.0).ToString("F3", CultureInfo.InvariantCulture);
        using var form = new FormUrlEncodedContent([new("query", query), new("time", seconds)]);
        using var answer = await http.PostAsync("/api/v1/query", form, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        using var document = JsonDocument.Parse(text);
        var lines = new List<string>();
        foreach (var series in document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var labels = LabelSet.Of(
                series
                    .GetProperty("metric")
                    .EnumerateObject()
                    .Select(one => new Label(one.Name, one.Value.GetString()!))
            );
            var points = new SortedDictionary<long, string>();
            foreach (var (name, isHistogram) in Properties)
            {
                if (series.TryGetProperty(name, out var found))
                {
                    // An instant has one pair, a range an array of them.
                    foreach (
                        var pair in found[0].ValueKind == JsonValueKind.Array
                            ? [.. found.EnumerateArray()]
                            : new[] { found }
                    )
                    {
                        var timestampMs = (long)Math.Round(pair[0].GetDouble() * 1000);
                        points.Add(timestampMs, isHistogram ? Describe(pair[1]) : Number(Parse(pair[1].GetString()!)));
                    }
                }
            }
            // An instant answers with the time that was asked for.
            lines.Add(
                $"{labels} " + string.Join(' ', points.Select(point => range is null ? point.Value : Stamp(point)))
            );
        }
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    /// <summary>Reads the same from a storage, without a server.</summary>
    public static async Task<IReadOnlyList<string>> OfStorageAsync(
        string storage,
        string selector,
        TimeSpan? range,
        DateTimeOffset time
    )
    {
        using var reader = StoredBlocks.Reader(storage);
        var span = new TimeRange((time - (range ?? Lookback)).ToUnixTimeMilliseconds(), time.ToUnixTimeMilliseconds());
        var found = await reader.SelectAsync([SelectorParser.Parse(selector)], span, Token);
        Assert.Empty(found.Warnings);
        var lines = new List<string>();
        foreach (var series in found.Series)
        {
            var points = new SortedDictionary<long, (bool IsStale, string Text)>();
            foreach (var sample in series.Samples)
            {
                points.Add(sample.TimestampMs, (StaleMarker.IsStale(sample.Value), Number(sample.Value)));
            }
            foreach (var sample in series.Histograms)
            {
                points.Add(sample.TimestampMs, (sample.Value.IsStale, Describe(sample.Value)));
            }
            var shown = (range is null ? points.TakeLast(1) : points)
                .Where(point => !point.Value.IsStale)
                .Select(point => range is null ? point.Value.Text : Stamp(new(point.Key, point.Value.Text)))
                .ToList();
            if (shown.Count > 0)
            {
                lines.Add($"{series.Labels} " + string.Join(' ', shown));
            }
        }
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    private static (string Name, bool IsHistogram)[] Properties { get; } =
    [("value", false), ("values", false), ("histogram", true), ("histograms", true)];

    private static string Stamp(KeyValuePair<long, string> point) =>
        string.Create(CultureInfo.InvariantCulture, $"{point.Value}@{point.Key}");

    private static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double Parse(string text) =>
        text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };

    /// <summary>Count, sum, and the buckets that are not empty, by their bounds to ten digits: these are computed.</summary>
    private static string Describe(JsonElement histogram)
    {
        var buckets = histogram.TryGetProperty("buckets", out var all) ? all.EnumerateArray().ToList() : [];
        return Describe(
            Parse(histogram.GetProperty("count").GetString()!),
            Parse(histogram.GetProperty("sum").GetString()!),
            buckets.Select(bucket =>
                (Parse(bucket[1].GetString()!), Parse(bucket[2].GetString()!), Parse(bucket[3].GetString()!))
            )
        );
    }

    private static string Describe(Histogram histogram)
    {
        var layout = histogram.Layout;
        var counts = histogram.IsFloat
            ? histogram.Floats.ToArray()
            : [.. histogram.Integers.ToArray().Select(count => (double)count)];
        var buckets = new List<(double Lower, double Upper, double Count)>
        {
            (-layout.ZeroThreshold, layout.ZeroThreshold, histogram.ZeroCount),
        };
        for (var i = 0; i < layout.PositiveCount; i++)
        {
            var index = layout.PositiveIndexes[i];
            buckets.Add((Bound(layout, index - 1), Bound(layout, index), counts[i]));
        }
        for (var i = 0; i < layout.NegativeCount; i++)
        {
            var index = layout.NegativeIndexes[i];
            buckets.Add((-Bound(layout, index), -Bound(layout, index - 1), counts[layout.PositiveCount + i]));
        }
        return Describe(histogram.Count, histogram.Sum, buckets.Where(bucket => bucket.Count != 0));
    }

    private static double Bound(HistogramLayout layout, int index) => Math.Pow(2, index * Math.Pow(2, -layout.Schema));

    private static string Describe(
        double count,
        double sum,
        IEnumerable<(double Lower, double Upper, double Count)> buckets
    ) =>
        $"{{{Number(count)}/{Number(sum)}"
        + string.Concat(
            buckets
                .OrderBy(bucket => bucket.Upper)
                .Select(bucket =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $",[{bucket.Lower:G10},{bucket.Upper:G10}]={bucket.Count:R}"
                    )
                )
        )
        + "}";
}
