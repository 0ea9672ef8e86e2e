using System.Globalization;
using System.Text;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>A source with a fixed number of series, some of which it can leave out, and whose bodies it can cut.</summary>
internal sealed class FamilySource : IAsyncDisposable
{
    public const string Metric = "family";
    private readonly Lock gate = new();
    private readonly int count;
    private readonly bool isStamped;
    private FakeSource? source;
    private HashSet<int> left = [];
    private Func<string, string> cut = body => body;
    private int answers;

    private FamilySource(int count, bool isStamped)
    {
        this.count = count;
        this.isStamped = isStamped;
    }

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority => source!.Authority;

    /// <summary>How many bodies were served.</summary>
    public int Answers
    {
        get
        {
            lock (gate)
            {
                return answers;
            }
        }
    }

    /// <param name="count">How many series it has, <c>n="0"</c> and so on.</param>
    /// <param name="isStamped">Whether samples carry timestamps, as from <c>/federate</c>.</param>
    public static async Task<FamilySource> StartAsync(int count, bool isStamped)
    {
        var family = new FamilySource(count, isStamped);
        family.source = await FakeSource.StartAsync(family.Answer);
        return family;
    }

    /// <summary>Leaves series out from now on.</summary>
    public void Leave(params int[] series)
    {
        lock (gate)
        {
            left = [.. series];
        }
    }

    /// <summary>Passes all bodies through a function from now on.</summary>
    public void Cut(Func<string, string> how)
    {
        lock (gate)
        {
            cut = how;
        }
    }

    /// <summary>A configuration with this source as its only one.</summary>
    public string Config(string interval, string timeout = "5s") =>
        $"""
            global:
              scrape_interval: {interval}
              scrape_timeout: {timeout}
            scrape_configs:
              - job_name: family
                honor_labels: {(isStamped ? "true" : "false")}
                metrics_path: {(isStamped ? "/federate" : "/metrics")}
                static_configs:
                  - targets: ["{Authority}"]
            """;

    public ValueTask DisposeAsync() => source!.DisposeAsync();

    private string Answer(string path)
    {
        lock (gate)
        {
            answers++;
            var stamp = isStamped ? " " + DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() : "";
            var body = new StringBuilder($"# TYPE {Metric} {(isStamped ? "untyped" : "gauge")}\n");
            for (var n = 0; n < count; n++)
            {
                if (!left.Contains(n))
                {
                    body.Append(CultureInfo.InvariantCulture, $"{Metric}{{n=\"{n}\"}} 1234567890{stamp}\n");
                }
            }
            return cut(body.ToString());
        }
    }
}
