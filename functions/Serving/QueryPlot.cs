using System.Globalization;
using System.Text.Json;

namespace Tributary.Functions.Serving;

/// <summary>The result of a range query drawn with letters, one a series.</summary>
internal static class QueryPlot
{
    private const int Height = 16;
    private const int Margin = 12;
    private const string Letters = "abcdefghijklmnopqrstuvwxyz";

    /// <summary>The lines of the drawing, and what each letter stands for.</summary>
    /// <param name="data">The member <c>data</c> of an answer.</param>
    /// <param name="width">Columns of the terminal.</param>
    public static IEnumerable<string> Lines(JsonElement data, int width)
    {
        var series = data.GetProperty("result").EnumerateArray().Take(Letters.Length).Select(Points).ToList();
        var points = series.SelectMany(one => one).ToList();
        if (points.Count == 0)
        {
            return ["nothing to draw"];
        }
        var (left, right) = (points.Min(point => point.Time), points.Max(point => point.Time));
        var (low, high) = (points.Min(point => point.Value), points.Max(point => point.Value));
        var columns = width - Margin;
        var rows = Enumerable.Range(0, Height).Select(_ => new string(' ', columns).ToCharArray()).ToArray();
        for (var i = 0; i < series.Count; i++)
        {
            foreach (var (time, value) in series[i])
            {
                var x = Scale(time, left, right, columns);
                var y = Height - 1 - Scale(value, low, high, Height);
                rows[y][x] = Letters[i];
            }
        }
        return
        [
            .. rows.Select((row, y) => $"{Axis(y, low, high), Margin - 2} │{new string(row).TrimEnd()}"),
            $"{"", Margin - 2} └{new string('─', columns)}",
            $"{"", Margin}{Moment(left)}{Moment(right).PadLeft(columns - Moment(left).Length)}",
            .. data.GetProperty("result")
                .EnumerateArray()
                .Take(Letters.Length)
                .Select((item, i) => $"{Letters[i]}  {QueryText.Series(item.GetProperty("metric"))}"),
            .. More(data.GetProperty("result").GetArrayLength()),
        ];
    }

    private static IEnumerable<string> More(int count) =>
        count > Letters.Length
            ? [string.Create(CultureInfo.InvariantCulture, $"{count - Letters.Length} more series are not drawn")]
            : [];

    private static List<(double Time, double Value)> Points(JsonElement series) =>
        !series.TryGetProperty("values", out var values)
            ? []
            :
            [
                .. values
                    .EnumerateArray()
                    .Select(point => (point[0].GetDouble(), Parse(point[1].GetString()!)))
                    .Where(point => double.IsFinite(point.Item2)),
            ];

    private static double Parse(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    /// <summary>The whole width would be beside it: <paramref name="high"/> is in the last cell.</summary>
    private static int Scale(double value, double low, double high, int cells) =>
        high > low ? (int)Math.Min(cells - 1, (value - low) / (high - low) * cells) : cells / 2;

    /// <summary>Numbers stand at the top, in the middle and at the bottom.</summary>
    private static string Axis(int row, double low, double high) =>
        row == 0 ? Number(high)
        : row == Height - 1 ? Number(low)
        : row == Height / 2 ? Number((low + high) / 2)
        : "";

    private static string Number(double value) => value.ToString("G4", CultureInfo.InvariantCulture);

    private static string Moment(double seconds) =>
        DateTimeOffset
            .FromUnixTimeMilliseconds((long)(seconds * 1000))
            .ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
