using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Tributary.Model;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Two Prometheus watch the same counter and are killed and started again in seeded order: what Tributary has of them, by a
/// declared pair and by one that it has to recognise, is one series without steps back, and without gaps while one lives.
/// </summary>
public sealed class ReplicaPairTests(TributaryExecutable executable)
{
    private const int Seed = 20;
    private const int SecondsInCi = 90;
    private const int MostSeconds = 600;

    /// <summary>What starting and asking takes of the time.</summary>
    private const int SecondsAround = 10;

    /// <summary>So long after it answers a replica has scraped, and has been scraped.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);

    /// <summary>The tick at which a replica fails, the one after it, and samples that stand at any place between them.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(3);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Pair_KilledAndStartedInSeededOrder_IsOneSeriesWithoutStepsBackOrGaps()
    {
        var program = await executable.PathAsync();
        var length = TimeSpan.FromSeconds(Math.Min(MostSeconds, TestScale.Of(SecondsInCi, 25)) - SecondsAround);
        var watch = Stopwatch.StartNew();
        using var folder = new TemporaryFolder();
        await using var counter = await FakeSource.StartAsync(_ =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"# TYPE beats_total counter\nbeats_total {(int)watch.Elapsed.TotalSeconds}\n"
            )
        );
        await using var a = new PrometheusReplica(folder.Folder("a"), SourceConfig("a", counter.Authority));
        await using var b = new PrometheusReplica(folder.Folder("b"), SourceConfig("b", counter.Authority));
        a.Start();
        b.Start();
        await Task.WhenAll(a.ReadyAsync(), b.ReadyAsync());
        await using var tributary = await TributaryServer.StartAsync(program, folder, Config(a.Authority, b.Authority));
        await AwaitBothAsync(tributary);

        using var ended = new CancellationTokenSource();
        var stalls = LongestStallAsync(ended.Token);
        await DisturbAsync([a, b], length);
        await ended.CancelAsync();

        var slack = await stalls;
        foreach (var way in (string[])["declared", "undeclared"])
        {
            var samples = await SamplesAsync(tributary, way);
            AssertNoStepsBack(samples, slack);
            AssertNoGaps(samples, [a, b], slack);
        }
        Assert.Equal(
            2,
            (await QueryAsync(tributary, "count by (way) (count_over_time(up{job=~\".*declared\"}[20m]))")).Count
        );
    }

    /// <summary>Kills and starts replicas, at most times one at a time.</summary>
    private static async Task DisturbAsync(PrometheusReplica[] replicas, TimeSpan length)
    {
        var random = new Random(Seed);
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < length)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(1500, 7000)), Token);
            var down = Array.FindAll(replicas, replica => !replica.IsRunning);
            if (down.Length == 0)
            {
                await replicas[random.Next(2)].KillAsync();
            }
            else if (down.Length == 1 && random.Next(5) == 0)
            {
                await Array.Find(replicas, replica => replica.IsRunning)!.KillAsync();
            }
            else
            {
                down[random.Next(down.Length)].Start();
            }
        }
    }

    private static Task AwaitBothAsync(TributaryInstance tributary) =>
        Patience.UntilAsync(
            "both ways to have the counter",
            async () => (await QueryAsync(tributary, "beats_total")).Count == 2,
            () => tributary.Log
        );

    private static void AssertNoStepsBack(List<(double Seconds, double Value)> samples, TimeSpan slack)
    {
        foreach (var (before, now) in samples.Zip(samples.Skip(1)))
        {
            var what = $"{before.Value} at {before.Seconds}, then {now.Value} at {now.Seconds}";
            Assert.True(now.Seconds > before.Seconds && now.Value >= before.Value, what);
            var most = now.Seconds - before.Seconds + 1 + slack.TotalSeconds;
            Assert.True(now.Value - before.Value <= most, $"{what}: faster than the counter");
        }
    }

    private static void AssertNoGaps(
        List<(double Seconds, double Value)> samples,
        PrometheusReplica[] replicas,
        TimeSpan slack
    )
    {
        var longest = LongestGap + slack;
        foreach (var (before, now) in samples.Zip(samples.Skip(1)))
        {
            var (from, to) = (At(before.Seconds), At(now.Seconds));
            var one = Array.Find(
                replicas,
                replica => replica.Lives.Exists(life => life.From + WarmUp < from && life.To > to)
            );
            Assert.True(
                to - from <= longest || one is null,
                $"nothing from {from:O} to {to:O} while {one?.Authority} lived ({longest} is allowed)"
            );
        }
        Assert.True(samples.Count > 10, $"{samples.Count} samples");
    }

    private static DateTimeOffset At(double seconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds((long)Math.Round(seconds * 1000));

    /// <summary>How long this machine keeps who wants to run from running, at worst.</summary>
    private static async Task<TimeSpan> LongestStallAsync(CancellationToken ended)
    {
        var every = TimeSpan.FromMilliseconds(100);
        var longest = TimeSpan.Zero;
        while (!ended.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            await Task.Delay(every, CancellationToken.None);
            var late = Stopwatch.GetElapsedTime(started) - every;
            longest = late > longest ? late : longest;
        }
        return longest;
    }

    /// <summary>All samples of the counter by one way; there has to be one series of it, without the label of replicas.</summary>
    private static async Task<List<(double Seconds, double Value)>> SamplesAsync(
        TributaryInstance tributary,
        string way
    )
    {
        var series = Assert.Single(await QueryAsync(tributary, $"beats_total{{way=\"{way}\"}}[20m]"));
        var labels = LabelSet.Of(
            series.GetProperty("metric").EnumerateObject().Select(one => new Label(one.Name, one.Value.GetString()!))
        );
        Assert.Equal("c", labels.Get("cluster"));
        Assert.Null(labels.Get("prometheus_replica"));
        return
        [
            .. series
                .GetProperty("values")
                .EnumerateArray()
                .Select(pair =>
                    (pair[0].GetDouble(), double.Parse(pair[1].GetString()!, CultureInfo.InvariantCulture))
                ),
        ];
    }

    private static async Task<List<JsonElement>> QueryAsync(TributaryInstance tributary, string query)
    {
        using var form = new FormUrlEncodedContent([new("query", query)]);
        using var answer = await tributary.Http.PostAsync("/api/v1/query", form, Token);
        var text = await answer.Content.ReadAsStringAsync(Token);
        Assert.True(answer.IsSuccessStatusCode, text);
        using var document = JsonDocument.Parse(text);
        var result = document.RootElement.GetProperty("data").GetProperty("result");
        return [.. result.EnumerateArray().Select(one => one.Clone())];
    }

    private static string SourceConfig(string replica, string counter) =>
        $$"""
            global:
              scrape_interval: 1s
              external_labels: {cluster: c, prometheus_replica: {{replica}}}
            scrape_configs:
              - job_name: beats
                static_configs: [{targets: ["{{counter}}"]}]
            """;

    private static string Config(string a, string b) =>
        $$"""
            global:
              scrape_interval: 1s
              scrape_timeout: 500ms
            scrape_configs:
            {{JobConfig("declared", a, b)}}
            {{JobConfig("undeclared", a, b)}}
            tributary:
              jobs:
                declared:
                  replicas: [prometheus_replica]
                  calm_period: 5s
                undeclared:
                  calm_period: 5s
            """;

    private static string JobConfig(string way, string a, string b) =>
        $$"""
              - job_name: {{way}}
                honor_labels: true
                metrics_path: /federate
                params:
                  "match[]": ['{job="beats"}']
                static_configs:
                  - targets: ["{{a}}", "{{b}}"]
                    labels: {way: {{way}}}
            """;
}
