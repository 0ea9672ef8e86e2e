using System.Globalization;
using System.Text.Json;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Two servers that evaluate the same rule groups over the same store, each killed again and again at seeded moments; what
/// is stored and what an Alertmanager was told in the end.
/// </summary>
internal sealed class KilledRules : IAsyncDisposable
{
    private const int Lives = 4;
    private const int MinLives = 2;
    private const int ShortestLifeMs = 700;
    private const int LongestLifeMs = 3000;
    private const int IntervalMs = 1000;
    private const int ForMs = 2000;
    private const int Flags = 3;
    private const string RulesFile = "rules.yml";

    private const string Rules = """
        groups:
        - name: sums
          interval: 1s
          rules:
          - {record: "flag:sum", expr: sum(flag)}
          - {record: "flag:twice", expr: "2 * flag:sum"}
        - name: alerts
          interval: 1s
          rules:
          - {alert: Flagged, expr: flag > 0, for: 2s, annotations: {text: "{{ $labels.n }} is {{ $value }}"}}
        """;

    private readonly Installation installation;
    private readonly FakeSource source;
    private readonly AlertReceiver receiver;
    private readonly int seed;

    private KilledRules(Installation installation, FakeSource source, AlertReceiver receiver, int seed) =>
        (this.installation, this.source, this.receiver, this.seed) = (installation, source, receiver, seed);

    public static async Task RunAsync(Installation installation, int seed)
    {
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TRIBUTARY_EVALUATE_SCHEDULE"] = "00:00:00.5",
        };
        await using var killed = new KilledRules(
            installation,
            await FakeSource.StartAsync(_ => Answer()),
            await AlertReceiver.StartAsync(),
            seed
        );
        installation.Folder.Write(RulesFile, Rules);
        await Task.WhenAll(killed.LivesAsync("one.yml", seed), killed.LivesAsync("two.yml", seed + 1));
        var untilMs = await killed.CatchUpAsync();
        await installation.VerifyLogAsync();
        var log = await installation.ReadLogAsync();
        killed.AssertEachOnce(log, "sums", untilMs);
        killed.AssertEachOnce(log, "alerts", untilMs);
        AssertSums(log);
        killed.AssertAlerts(log, untilMs);
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await receiver.DisposeAsync();
    }

    /// <summary>Each flag is up and down for a time of its own: as long as an alert has to wait, and longer.</summary>
    private static string Answer()
    {
        var nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        return string.Concat(
            Enumerable
                .Range(0, Flags)
                .Select(n =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"flag{{n=\"{n}\"}} {(nowMs / ((n + 2) * 1500) % 2 == 0 ? n + 1 : 0)}\n"
                    )
                )
        );
    }

    private async Task LivesAsync(string name, int lane)
    {
        var random = new Random(lane);
        var config = WriteConfig(name);
        for (var life = 0; life < TestScale.Of(Lives, MinLives); life++)
        {
            TestContext.Current.SendDiagnosticMessage($"seed {seed}, {name}, life {life}");
            await using var server = await installation.StartOnAsync(config);
            await Task.Delay(random.Next(ShortestLifeMs, LongestLifeMs), TestContext.Current.CancellationToken);
            await server.KillAsync();
        }
    }

    /// <summary>Lets a last server make up for what is missing, and end alerts that fire.</summary>
    /// <returns>The last time that is evaluated for certain.</returns>
    private async Task<long> CatchUpAsync()
    {
        await using var server = await installation.StartOnAsync(WriteConfig("last.yml"));
        var untilMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() / IntervalMs * IntervalMs;
        await Patience.UntilAsync(
            "all evaluations to be made",
            async () => await EvaluatedUntilAsync(server) >= untilMs,
            () => server.Log
        );
        // A time is begun when the alerts of the one before it wait to be sent; a host that stops ends what is on the way.
        await Patience.UntilAsync(
            "all alerts to be sent",
            async () => await EvaluatedUntilAsync(server) > untilMs && await WaitingAlertsAsync(server) == "0",
            () => server.Log
        );
        await server.StopAsync();
        return untilMs;
    }

    private static async Task<long> EvaluatedUntilAsync(TributaryInstance server)
    {
        var body = await server.Http.GetStringAsync("/api/v1/rules", TestContext.Current.CancellationToken);
        using var document = JsonDocument.Parse(body);
        var groups = document.RootElement.GetProperty("data").GetProperty("groups").EnumerateArray().ToList();
        Assert.Equal(2, groups.Count);
        return groups.Min(group => group.GetProperty("lastEvaluation").GetDateTimeOffset().ToUnixTimeMilliseconds());
    }

    private static async Task<string> WaitingAlertsAsync(TributaryInstance server)
    {
        var metrics = await server.Http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);
        var line = metrics
            .Split('\n')
            .Single(line => line.StartsWith("prometheus_notifications_queue_length{", StringComparison.Ordinal));
        return line[(line.LastIndexOf(' ') + 1)..];
    }

    private string WriteConfig(string name) =>
        installation.Folder.Write(
            name,
            $$"""
            global: {scrape_interval: 500ms, scrape_timeout: 500ms}
            rule_files: [{{RulesFile}}]
            alerting:
              alertmanagers: [{static_configs: [{targets: ["{{receiver.Authority}}"]}]}]
            tributary: {rules: {grace: 1s} }
            scrape_configs:
            - {job_name: flags, static_configs: [{targets: ["{{source.Authority}}"]}]}
            """
        );

    /// <summary>No time is left out, and of each readers see one batch, whole.</summary>
    private void AssertEachOnce(StoredLog log, string group, long untilMs)
    {
        var key = SourceKey.RulesOf(Path.Combine(installation.Folder.Path, RulesFile), group);
        var evaluations = log.Batches.Where(batch =>
            string.Equals(batch.Source, key, StringComparison.Ordinal) && batch.Report is not null
        );
        var ticks = evaluations.GroupBy(batch => batch.TickMs).OrderBy(tick => tick.Key).ToList();
        Assert.NotEmpty(ticks);
        var count = (int)((untilMs - ticks[0].Key) / IntervalMs) + 1;
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => ticks[0].Key + ((long)i * IntervalMs)),
            ticks.Select(tick => tick.Key).Where(tickMs => tickMs <= untilMs)
        );
        foreach (var tick in ticks)
        {
            Assert.Contains(
                tick,
                batch =>
                    batch.Scraped.All(sample => IsSeen(log, sample))
                    && tick.SelectMany(other => other.Scraped)
                        .Where(sample => IsSeen(log, sample))
                        .All(sample => batch.Scraped.Contains(sample))
            );
        }
    }

    /// <summary>What a rule made of the result of the rule before it, at the same time.</summary>
    private static void AssertSums(StoredLog log)
    {
        var sums = log.Of("flag:sum").ToDictionary(sample => sample.Key.TimestampMs, sample => sample.Value);
        var twice = log.Of("flag:twice").ToDictionary(sample => sample.Key.TimestampMs, sample => sample.Value);
        Assert.NotEmpty(sums);
        Assert.Equal(sums.Keys.Order(), twice.Keys.Order());
        Assert.All(sums, sum => Assert.Equal(2 * sum.Value, twice[sum.Key]));
    }

    /// <summary>Each state follows from the one before it in the log, and who is to know of it was told.</summary>
    private void AssertAlerts(StoredLog log, long untilMs)
    {
        var since = log.Of("ALERTS_FOR_STATE").ToLookup(sample => sample.Key.Series.Get("n")!, StringComparer.Ordinal);
        var firing = log.Of("ALERTS")
            .Where(sample => string.Equals(sample.Key.Series.Get("alertstate"), "firing", StringComparison.Ordinal))
            .Select(sample => (sample.Key.Series.Get("n"), sample.Key.TimestampMs))
            .ToHashSet();
        Assert.NotEmpty(firing);
        foreach (var alert in since)
        {
            var active = alert.ToDictionary(sample => sample.Key.TimestampMs, sample => (long)sample.Value * 1000);
            foreach (var (tickMs, activeAtMs) in active)
            {
                var expectedMs = active.TryGetValue(tickMs - IntervalMs, out var beforeMs) ? beforeMs : tickMs;
                Assert.Equal((alert.Key, tickMs, expectedMs), (alert.Key, tickMs, activeAtMs));
                var isFiring = firing.Contains((alert.Key, tickMs));
                Assert.Equal((alert.Key, tickMs, tickMs - activeAtMs >= ForMs), (alert.Key, tickMs, isFiring));
                var isFirst = isFiring && !firing.Contains((alert.Key, tickMs - IntervalMs));
                if (isFirst && tickMs <= untilMs)
                {
                    AssertTold(alert.Key, tickMs, one => true);
                }
                if (isFiring && tickMs < untilMs && !active.ContainsKey(tickMs + IntervalMs))
                {
                    AssertTold(alert.Key, activeAtMs + ForMs, one => one.EndsAtMs == tickMs + IntervalMs);
                }
            }
        }
    }

    private void AssertTold(string number, long startsAtMs, Predicate<ReceivedAlert> isRight) =>
        Assert.Contains(
            receiver.Received,
            one =>
                string.Equals(one.Number, number, StringComparison.Ordinal)
                && one.StartsAtMs == startsAtMs
                && isRight(one)
        );

    private static bool IsSeen(StoredLog log, (LabelSet Series, Sample Sample) sample) =>
        log.Samples.TryGetValue((sample.Series, sample.Sample.TimestampMs), out var value)
        && BitConverter.DoubleToInt64Bits(value) == BitConverter.DoubleToInt64Bits(sample.Sample.Value);
}
