using Tributary.Configuration;
using Tributary.Model;
using Tributary.PromQL.Selectors;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Sources that are too slow for one request are collected in parts, and what is stored is the whole.</summary>
public sealed class SplitScrapeTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int Families = 1000;
    private const int MaxTicks = 3;
    private const int MinTicks = 5;
    private const string Everything = "{__name__=~\".+\"}";

    [Fact]
    public async Task SourceThatTimesOut_IsCollectedWhole_AfterThreeTicks()
    {
        await using var source = await SlowFederateSource.StartAsync(Families);
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var server = await installation.StartAsync(
            $$"""
            global: {scrape_interval: 5s, scrape_timeout: 3s}
            scrape_configs:
            {{Job("slow", source.Authority, Everything)}}
            """
        );
        await Patience.UntilAsync(
            "a whole scrape",
            async () =>
                (await server.FederateAsync("scrape_samples_scraped{job=\"slow\"}")) is [var samples]
                && samples.Value >= source.SeriesCount,
            () => server.Log
        );
        await server.StopAsync();
        var log = await installation.ReadLogAsync();
        var ticks = log
            .Batches.Where(batch => batch.Source.StartsWith("slow/", StringComparison.Ordinal))
            .GroupBy(batch => batch.TickMs)
            .ToList();
        var verdicts = ticks.ConvertAll(tick => tick.Last(batch => batch.Report is not null).Report!);
        Assert.Equal(Verdict.Failed, verdicts[0].Verdict);
        Assert.Contains("the next scrapes are split into", verdicts[0].Error, StringComparison.Ordinal);
        var whole = verdicts.FindIndex(report => report.Verdict is Verdict.Complete);
        Assert.InRange(whole, 1, MaxTicks);
        Assert.Equal(source.SeriesCount, ticks[whole].Sum(batch => batch.Scraped.Count));
        Assert.InRange(source.MostAtOnce, 2, SourceConfig.DefaultMaxRequests);
        foreach (var tick in ticks)
        {
            AssertNoFamilyTorn(tick.SelectMany(batch => batch.Scraped));
        }
    }

    [Fact]
    public async Task Prometheus_GivesThePartsThatItIsAskedFor()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var prometheus = await PrometheusServer.StartAsync(
            installation.Folder.Folder("prometheus"),
            address =>
                $$"""
                    global: {scrape_interval: 1s}
                    scrape_configs:
                    - job_name: prometheus
                      static_configs: [{targets: ["{{address}}"]}]
                    """
        );
        await Patience.UntilAsync(
            "the first samples",
            async () => (await prometheus.LiveAsync("prometheus_http_request_duration_seconds_count")).Count > 0
        );
        await using var server = await installation.StartAsync(Config(prometheus.Authority));
        var ticks = new HashSet<long>();
        await Patience.UntilAsync(
            "some scrapes",
            async () =>
            {
                ticks.UnionWith((await server.FederateAsync("up{job=\"some-split\"}")).Select(up => up.TimestampMs));
                return ticks.Count >= MinTicks;
            },
            () => server.Log
        );
        await server.StopAsync();
        var log = await installation.ReadLogAsync();
        foreach (var job in new[] { "all", "some" })
        {
            var whole = Ticks(log, job + "-whole");
            var split = Ticks(log, job + "-split");
            Assert.Contains(
                whole.Keys.Intersect(split.Keys),
                tickMs => whole[tickMs].Count > 100 && whole[tickMs].SetEquals(split[tickMs])
            );
        }
    }

    /// <summary>By tick the series of a job, whose scrapes are all complete and have each of them once.</summary>
    private static Dictionary<long, HashSet<LabelSet>> Ticks(StoredLog log, string job)
    {
        var ticks = new Dictionary<long, HashSet<LabelSet>>();
        foreach (var batch in log.Batches.Where(b => b.Source.StartsWith(job + "/", StringComparison.Ordinal)))
        {
            Assert.Equal(
                (Verdict.Complete, "", 0),
                (batch.Report!.Verdict, batch.Report.Error, batch.Report.Duplicates)
            );
            ticks[batch.TickMs] = [.. batch.Scraped.Select(sample => sample.Series)];
            Assert.Equal(batch.Scraped.Count, ticks[batch.TickMs].Count);
        }
        return ticks;
    }

    /// <summary>All samples of a family are of one request.</summary>
    private static void AssertNoFamilyTorn(IEnumerable<(LabelSet Series, Sample Sample)> samples)
    {
        var numbers = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var (series, sample) in samples)
        {
            var family = MetricFamily.StemOf(series.MetricName);
            numbers.TryAdd(family, sample.Value);
            Assert.Equal(numbers[family], sample.Value);
        }
    }

    private static string Config(string source) =>
        $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
            {{Job("all-whole", source, Everything)}}
            {{Job("all-split", source, Everything)}}
            {{Job(
                "some-whole",
                source,
                "{__name__=~\"go_.*\"}",
                "{__name__=~\"prometheus_http.*\"}",
                "{handler!=\"\"}"
            )}}
            {{Job(
                "some-split",
                source,
                "{__name__=~\"go_.*\"}",
                "{__name__=~\"prometheus_http.*\"}",
                "{handler!=\"\"}"
            )}}
            tributary:
              jobs:
                all-whole: {split: never}
                all-split: {split: always, max_requests: 5}
                some-whole: {split: never}
                some-split: {split: always}
            """;

    private static string Job(string name, string source, params string[] selectors) =>
        $$"""
            - job_name: {{name}}
              honor_labels: true
              metrics_path: /federate
              params: {"match[]": [{{string.Join(", ", selectors.Select(text => $"'{text}'"))}}]}
              static_configs: [{targets: ["{{source}}"]}]
            """;
}
