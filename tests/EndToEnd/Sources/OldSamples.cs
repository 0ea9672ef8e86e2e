using System.Globalization;
using System.Text;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>Samples of the past hours with their own timestamps, of windows that are over, and their dump.</summary>
internal sealed class OldSamples
{
    /// <summary>The metric.</summary>
    public const string Metric = "old";

    private const int StepMs = 60_000;

    private OldSamples(string body, IReadOnlyList<string> series) => (Body, this.series) = (body, series);

    private readonly IReadOnlyList<string> series;

    /// <summary>What a source serves.</summary>
    public string Body { get; }

    /// <summary>How many there are.</summary>
    public int Count => series.Count;

    /// <summary>One sample a minute of each series.</summary>
    /// <param name="seriesCount">How many series.</param>
    /// <param name="first">How long ago the first sample was.</param>
    /// <param name="last">How long ago the last was; all windows are over when that is 2 h and 15 min.</param>
    public static OldSamples Make(int seriesCount, TimeSpan first, TimeSpan last)
    {
        var now = DateTimeOffset.UtcNow;
        var body = new StringBuilder();
        var samples = new List<string>();
        for (var n = 0; n < seriesCount; n++)
        {
            for (
                var timeMs = (now - first).ToUnixTimeMilliseconds();
                timeMs < (now - last).ToUnixTimeMilliseconds();
                timeMs += StepMs
            )
            {
                var value = samples.Count % 1000 / 8.0;
                samples.Add(string.Create(CultureInfo.InvariantCulture, $"n=\"{n}\"}} {value} {timeMs}"));
                body.Append(CultureInfo.InvariantCulture, $"{Metric}{{n=\"{n}\"}} {value} {timeMs}\n");
            }
        }
        return new OldSamples(body.ToString(), samples);
    }

    /// <summary>The lines that <c>promtool tsdb dump</c> prints of them, ordered.</summary>
    /// <param name="instance">The source.</param>
    public IReadOnlyList<string> Dump(string instance) =>
        [
            .. series
                .Select(text => $"{{__name__=\"{Metric}\", instance=\"{instance}\", job=\"j\", {text}")
                .Order(StringComparer.Ordinal),
        ];
}
