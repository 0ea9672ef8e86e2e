using System.Globalization;
using System.Text;
using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Debian's Prometheus and Tributary scrape the same targets with the same configuration: the same series with the same
/// values in the same order, explicit timestamps, series that ended, and report series.
/// </summary>
public sealed class SideBySideTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Upstream = "Prometheus/";
    private const string Ours = "Tributary/";

    /// <summary>What depends on the moment.</summary>
    private const string Duration = "scrape_duration_seconds";

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task SameTargets_GiveTheSameSeries_AsInPrometheus(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var folder = installation.Folder;
        var fixtures = SideBySideFixtures.All(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 60_000);
        await using var source = await FixtureServer.StartAsync(fixtures);
        var config = Config(fixtures, source.Authority);
        await using var tributary = await installation.StartAsync(config);
        await using var prometheus = await PrometheusServer.StartAsync(folder.Folder("prometheus"), _ => config);

        await AwaitScrapesAsync(source, fixtures);
        source.Phase = 1;
        await AwaitScrapesAsync(source, fixtures);
        var theirs = await SeriesOfPrometheusAsync(prometheus, fixtures);
        await tributary.StopAsync();
        var ours = SeriesOfLog(await installation.ReadLogAsync());

        Assert.True(fixtures.Count >= 20);
        Assert.True(theirs.Count > 300, $"Prometheus has only {theirs.Count} series");
        var differences = theirs
            .Keys.Union(ours.Keys)
            .Where(series => theirs.GetValueOrDefault(series) != ours.GetValueOrDefault(series))
            .Order(StringComparer.Ordinal)
            .Select(series =>
                $"{series}\n    Prometheus: {theirs.GetValueOrDefault(series) ?? "no such series"}"
                + $"\n    Tributary:  {ours.GetValueOrDefault(series) ?? "no such series"}"
            )
            .ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
    }

    /// <summary>Waits until both have stored every target's answer of this phase, twice.</summary>
    private static Task AwaitScrapesAsync(FixtureServer source, IReadOnlyList<Fixture> fixtures)
    {
        var missing = "";
        return Patience.UntilAsync(
            "both to scrape everything",
            () =>
            {
                var lazy = fixtures
                    .Where(fixture => fixture.IsAsked)
                    .SelectMany(fixture => new[] { (fixture.Name, Agent: Upstream), (fixture.Name, Agent: Ours) })
                    // What was asked for the third time has been stored twice.
                    .Where(pair => source.Answers("/" + pair.Name, pair.Agent) < 3)
                    .ToList();
                missing = string.Join(", ", lazy);
                return Task.FromResult(lazy.Count == 0);
            },
            () => missing
        );
    }

    private static async Task<Dictionary<string, string>> SeriesOfPrometheusAsync(
        PrometheusServer prometheus,
        IReadOnlyList<Fixture> fixtures
    )
    {
        var live = await prometheus.LiveAsync("{__name__=~\".+\"}");
        var stamps = (await prometheus.SamplesAsync("{__name__=~\".+\"}"))
            .Select(sample => (sample.Key.Series, sample.Key.TimestampMs, Number(sample.Value)))
            .ToList();
        var byName = fixtures.ToDictionary(fixture => fixture.Name);
        bool IsLive(LabelSet series) =>
            live.Contains(series) && !(byName[Job(series)].LingersUpstream && series.MetricName.Length == 1);
        return Describe(stamps, IsLive)
            .ToDictionary(pair => byName[Job(pair.Key)].InVersion3(pair.Key.ToString()), pair => pair.Value);
    }

    private static Dictionary<string, string> SeriesOfLog(StoredLog log)
    {
        var last = log
            .Samples.GroupBy(sample => sample.Key.Series)
            .ToDictionary(group => group.Key, group => group.MaxBy(sample => sample.Key.TimestampMs).Value);
        var samples = log
            .Samples.Where(sample => !StaleMarker.IsStale(sample.Value))
            .Select(sample => (sample.Key.Series, sample.Key.TimestampMs, sample.Value))
            .ToList();
        return Describe(samples, series => !StaleMarker.IsStale(last[series]))
            .ToDictionary(pair => pair.Key.ToString(), pair => pair.Value);
    }

    /// <summary>The job, also where the source names another.</summary>
    private static string Job(LabelSet series) => series.Get("fixture") ?? series.Get("job") ?? "honor";

    /// <summary>Each series' values in the order of time, equal neighbours once, with the time where the source gave it.</summary>
    private static IEnumerable<KeyValuePair<LabelSet, string>> Describe(
        List<(LabelSet Series, long TimestampMs, double Value)> samples,
        Func<LabelSet, bool> isLive
    )
    {
        foreach (var group in samples.GroupBy(sample => sample.Series))
        {
            var text = new StringBuilder();
            var before = "";
            foreach (var (series, timestampMs, value) in group.OrderBy(sample => sample.TimestampMs))
            {
                var shown = series.MetricName == Duration ? "some" : value.ToString("R", CultureInfo.InvariantCulture);
                shown += IsStamped(series) ? $"@{timestampMs}" : "";
                text.Append(shown == before ? "" : shown + " ");
                before = shown;
            }
            yield return new(group.Key, text + (isLive(group.Key) ? "(live)" : "(ended)"));
        }
    }

    private static bool IsStamped(LabelSet series) =>
        series.Get("job") is "stamped" or "openmetrics-stamped" && series.MetricName is "a" or "b";

    private static double Number(string text) =>
        text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };

    private static string Config(IReadOnlyList<Fixture> fixtures, string target)
    {
        var config = new StringBuilder("global: {scrape_interval: 1s, scrape_timeout: 1s}\nscrape_configs:\n");
        foreach (
            var fixture in fixtures.Where(fixture =>
                fixture.IsAsked || fixture.Job.Contains("target_limit", StringComparison.Ordinal)
            )
        )
        {
            config.Append(
                CultureInfo.InvariantCulture,
                $"- job_name: {fixture.Name}\n  metrics_path: /{fixture.Name}\n"
            );
            foreach (var line in fixture.Job.Split('\n'))
            {
                config
                    .Append("  ")
                    .Append(line.Replace("TARGET", $"\"{target}\"", StringComparison.Ordinal))
                    .Append('\n');
            }
        }
        return config.ToString();
    }
}
