using System.Globalization;
using System.Text.Json;
using Tributary.Model;

namespace Tributary.Functions.Serving;

/// <summary>Answers of the API as lines for people.</summary>
internal static class QueryText
{
    /// <summary>The lines of the member <c>data</c>.</summary>
    public static IEnumerable<string> Lines(JsonElement data)
    {
        if (data.ValueKind is JsonValueKind.Array)
        {
            return data.EnumerateArray()
                .Select(item => item.ValueKind is JsonValueKind.String ? item.GetString()! : Series(item));
        }
        var result = data.GetProperty("result");
        return data.GetProperty("resultType").GetString() switch
        {
            "vector" => Vector(result),
            "matrix" => Matrix(result),
            _ => [$"{Moment(result[0])}  {result[1].GetString()}"],
        };
    }

    /// <summary>A series as a selector writes it.</summary>
    public static string Series(JsonElement metric) =>
        LabelSet
            .Of(metric.EnumerateObject().Select(label => new Label(label.Name, label.Value.GetString()!)))
            .ToString();

    private static IEnumerable<string> Vector(JsonElement result)
    {
        var rows = result
            .EnumerateArray()
            .Select(item => (Name: Series(item.GetProperty("metric")), Text: Sample(item)))
            .ToList();
        var width = rows.Count == 0 ? 0 : Math.Min(100, rows.Max(row => row.Name.Length));
        return rows.Select(row => $"{row.Name.PadRight(width)}  {row.Text}");
    }

    private static IEnumerable<string> Matrix(JsonElement result)
    {
        foreach (var item in result.EnumerateArray())
        {
            yield return Series(item.GetProperty("metric"));
            foreach (var kind in (string[])["values", "histograms"])
            {
                if (item.TryGetProperty(kind, out var points))
                {
                    foreach (var point in points.EnumerateArray())
                    {
                        yield return $"  {Moment(point[0])}  {Value(point[1])}";
                    }
                }
            }
        }
    }

    private static string Sample(JsonElement item) =>
        Value(item.TryGetProperty("value", out var value) ? value[1] : item.GetProperty("histogram")[1]);

    private static string Value(JsonElement value) =>
        value.ValueKind is JsonValueKind.String
            ? value.GetString()!
            : $"count {value.GetProperty("count").GetString()}, sum {value.GetProperty("sum").GetString()}";

    private static string Moment(JsonElement seconds) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds((long)(seconds.GetDecimal() * 1000))
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFF'Z'", CultureInfo.InvariantCulture);
}
