using System.Globalization;
using System.Text.Json;
using Tributary.Model;

namespace Tributary.Tests.EndToEnd.Reading;

/// <summary>Raw samples by the HTTP API of Prometheus, which we have, too.</summary>
internal static class RawSamples
{
    /// <summary>The samples of a range: by series and time, the value as the API writes it.</summary>
    /// <param name="http">The server.</param>
    /// <param name="selector">The series.</param>
    /// <param name="afterMs">The beginning of the range; up to Prometheus 2 it lies inside.</param>
    /// <param name="untilMs">Its end, which lies inside.</param>
    public static Task<IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string>> OfAsync(
        HttpClient http,
        string selector,
        long afterMs,
        long untilMs
    )
    {
        var time = (untilMs / 1000m).ToString(CultureInfo.InvariantCulture);
        return OfAsync(http, $"{selector}[{untilMs - afterMs}ms]", $"&time={time}");
    }

    /// <summary>The samples of a range query.</summary>
    public static async Task<IReadOnlyDictionary<(LabelSet Series, long TimestampMs), string>> OfAsync(
        HttpClient http,
        string query,
        string parameters
    )
    {
        var token = TestContext.Current.CancellationToken;
        using var answer = await http.GetAsync(
            "/api/v1/query?query=" + Uri.EscapeDataString(query) + parameters,
            token
        );
        var body = await answer.Content.ReadAsStringAsync(token);
        Assert.True(answer.IsSuccessStatusCode, $"{query}: {answer.StatusCode} {body}");
        var samples = new Dictionary<(LabelSet, long), string>();
        using var document = JsonDocument.Parse(body);
        foreach (var series in document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray())
        {
            var labels = ReadLabels(series.GetProperty("metric"));
            foreach (var pair in series.GetProperty("values").EnumerateArray())
            {
                samples.Add((labels, (long)Math.Round(pair[0].GetDouble() * 1000)), pair[1].GetString()!);
            }
        }
        return samples;
    }

    /// <summary>The labels of a series.</summary>
    public static LabelSet ReadLabels(JsonElement metric) =>
        LabelSet.Of(metric.EnumerateObject().Select(property => new Label(property.Name, property.Value.GetString()!)));
}
