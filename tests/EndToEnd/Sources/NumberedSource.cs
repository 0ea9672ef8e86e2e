using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>
/// A source whose every answer has a number of its own, which is the value of all its samples: what is stored can be
/// traced to the answer that it came from.
/// </summary>
internal sealed class NumberedSource : IAsyncDisposable
{
    /// <summary>Samples that get their timestamp from the scrape; at every path but <c>/federate</c>.</summary>
    public const string Plain = "numbered";

    /// <summary>Samples with a timestamp of their own; at <c>/federate</c>.</summary>
    public const string Stamped = "numbered_stamped";

    private const int SeriesCount = 40;
    private readonly ConcurrentDictionary<double, long> served = new();
    private FakeSource? source;
    private long number;
    private long lastMs;

    private NumberedSource() { }

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority => source!.Authority;

    public static async Task<NumberedSource> StartAsync()
    {
        var numbered = new NumberedSource();
        numbered.source = await FakeSource.StartAsync(numbered.Answer);
        return numbered;
    }

    /// <summary>Whether an answer had this sample.</summary>
    public bool Served(string metric, long timestampMs, double value) =>
        served.TryGetValue(value, out var stampMs)
        && (string.Equals(metric, Plain, StringComparison.Ordinal) ? stampMs == 0 : stampMs == timestampMs);

    /// <summary>Jobs for both kinds of samples.</summary>
    public string Jobs(string interval) =>
        $"""
              - job_name: plain
                scrape_interval: {interval}
                scrape_timeout: {interval}
                static_configs:
                  - targets: ["{Authority}"]
              - job_name: stamped
                scrape_interval: {interval}
                scrape_timeout: {interval}
                metrics_path: /federate
                honor_labels: true
                static_configs:
                  - targets: ["{Authority}"]
            """;

    public ValueTask DisposeAsync() => source!.DisposeAsync();

    private string Answer(string path)
    {
        var isStamped = string.Equals(path, "/federate", StringComparison.Ordinal);
        number++;
        lastMs = Math.Max(lastMs + 1, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        served[number] = isStamped ? lastMs : 0;
        var body = new StringBuilder();
        for (var i = 0; i < SeriesCount; i++)
        {
            body.Append(CultureInfo.InvariantCulture, $"{(isStamped ? Stamped : Plain)}{{n=\"{i}\"}} {number}");
            body.Append(isStamped ? $" {lastMs}\n" : "\n");
        }
        return body.ToString();
    }
}
