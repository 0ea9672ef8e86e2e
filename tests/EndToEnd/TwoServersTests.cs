using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

public sealed class TwoServersTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Servers_SharingSourcesAndStorage_DoubleNothingAndSeeEachOther(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await NumberedSource.StartAsync();
        await using var family = await FamilySource.StartAsync(5, isStamped: false);
        await using var other = await FamilySource.StartAsync(7, isStamped: false);
        var shared = source.Jobs("250ms");
        await using var one = await installation.StartAsync(Config(shared, Job("first", family)), "first.yml");
        await using var two = await installation.StartAsync(Config(shared, Job("second", other)), "second.yml");

        await Patience.UntilAsync(
            "each to see what only the other collects",
            async () =>
                (await one.FederateAsync("family{job=\"second\"}")).Count == 7
                && (await two.FederateAsync("family{job=\"first\"}")).Count == 5,
            () => $"{one.Log}\n{two.Log}"
        );
        await one.StopAsync();
        await two.StopAsync();

        await installation.VerifyLogAsync();
        var log = await installation.ReadLogAsync();
        foreach (var metric in (string[])[NumberedSource.Plain, NumberedSource.Stamped])
        {
            var stored = log.Of(metric).ToList();
            Assert.NotEmpty(stored);
            Assert.DoesNotContain(stored, item => !source.Served(metric, item.Key.TimestampMs, item.Value));
            Assert.Equal(stored.Count, stored.DistinctBy(item => (item.Key.Series, item.Value)).Count());
            AssertBatchesWinWhole(log, metric);
        }
        // A machine that is too busy to answer in time is the only reason for a scrape to fail.
        Assert.All(
            log.Batches.Where(batch => batch.Report is { Verdict: not Verdict.Complete }),
            batch => Assert.Contains("scrape timeout", batch.Report!.Error, StringComparison.Ordinal)
        );
    }

    /// <summary>
    /// Of each tick that readers see, all series have the number of one batch; ticks that both servers took are the case
    /// that this test is about.
    /// </summary>
    private static void AssertBatchesWinWhole(StoredLog log, string metric)
    {
        var batches = log.Batches.Where(batch =>
            batch.Scraped.Any(scraped => string.Equals(scraped.Series.MetricName, metric, StringComparison.Ordinal))
        );
        var contested = batches
            .GroupBy(batch => (batch.Source, batch.TickMs))
            .Where(ticks => ticks.Count() > 1)
            .ToList();
        foreach (var tick in contested)
        {
            var seen = tick.Where(batch => batch.Scraped.All(scraped => IsSeen(log, scraped))).ToList();
            var winner = Assert.Single(seen);
            Assert.DoesNotContain(
                tick.Where(batch => batch != winner).SelectMany(batch => batch.Scraped),
                scraped => IsSeen(log, scraped)
            );
        }
        Assert.NotEmpty(contested);
    }

    private static bool IsSeen(StoredLog log, (LabelSet Series, Sample Sample) scraped) =>
        log.Samples.TryGetValue((scraped.Series, scraped.Sample.TimestampMs), out var value)
        && value.Equals(scraped.Sample.Value);

    private static string Config(string shared, string own) => $"scrape_configs:\n{shared}\n{own}";

    private static string Job(string name, FamilySource source) =>
        $$"""
              - job_name: {{name}}
                scrape_interval: 1s
                scrape_timeout: 1s
                static_configs: [{targets: ["{{source.Authority}}"]}]
            """;
}
