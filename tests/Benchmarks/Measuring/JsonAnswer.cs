using System.Globalization;
using System.Text.Json;

namespace Tributary.Benchmarks.Measuring;

/// <summary>An answer of the HTTP API, to be compared with another.</summary>
internal static class JsonAnswer
{
    private const double Tolerance = 1e-9;

    /// <summary>The first difference of two answers, or null. The order of series does not count.</summary>
    /// <param name="theirs">One whole answer.</param>
    /// <param name="ours">The other.</param>
    public static string? Difference(byte[] theirs, byte[] ours)
    {
        var (one, other) = (Read(theirs), Read(ours));
        if (one.Count != other.Count)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{one.Count} and {other.Count} series");
        }
        foreach (var (series, points) in one)
        {
            if (!other.TryGetValue(series, out var others))
            {
                return $"only one has {series}";
            }
            if (points.Count != others.Count)
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"{series}: {points.Count} and {others.Count} points"
                );
            }
            for (var i = 0; i < points.Count; i++)
            {
                if (points[i].Time != others[i].Time || !AreNear(points[i].Value, others[i].Value))
                {
                    return $"{series}: {points[i]} and {others[i]}";
                }
            }
        }
        return null;
    }

    private static bool AreNear(string one, string other)
    {
        if (one == other)
        {
            return true;
        }
        var (x, y) = (
            double.Parse(one, CultureInfo.InvariantCulture),
            double.Parse(other, CultureInfo.InvariantCulture)
        );
        return Math.Abs(x - y) <= Tolerance * Math.Max(Math.Abs(x), Math.Abs(y));
    }

    /// <summary>Points by series; without points for a look-up.</summary>
    private static Dictionary<string, List<(double Time, string Value)>> Read(byte[] body)
    {
        using var document = JsonDocument.Parse(body);
        var result = new Dictionary<string, List<(double, string)>>(StringComparer.Ordinal);
        var data = document.RootElement.GetProperty("data");
        if (data.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in data.EnumerateArray())
            {
                result.Add(item.ValueKind == JsonValueKind.String ? item.GetString()! : Key(item), []);
            }
            return result;
        }
        foreach (var series in data.GetProperty("result").EnumerateArray())
        {
            var points = new List<(double, string)>();
            if (series.TryGetProperty("value", out var value))
            {
                points.Add(Point(value));
            }
            else
            {
                points.AddRange(series.GetProperty("values").EnumerateArray().Select(Point));
            }
            result.Add(Key(series.GetProperty("metric")), points);
        }
        return result;
    }

    private static string Key(JsonElement labels) =>
        string.Join(
            ',',
            labels
                .EnumerateObject()
                .OrderBy(label => label.Name, StringComparer.Ordinal)
                .Select(label => $"{label.Name}={label.Value.GetString()}")
        );

    private static (double Time, string Value) Point(JsonElement point) =>
        (point[0].GetDouble(), point[1].GetString()!);
}
