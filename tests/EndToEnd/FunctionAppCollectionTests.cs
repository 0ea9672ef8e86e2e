using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Two instances collect from two servers of Prometheus by timer, disturbed all the time; others serve what is stored.
/// </summary>
public sealed class FunctionAppCollectionTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int Disturbances = 40;
    private const int MinDisturbances = 8;
    private const int IntervalMs = 1000;
    private const string EverySecond = "* * * * * *";
    private static readonly string[] Clusters = ["a", "b"];

    private static readonly string[][] Questions =
    [
        ["up"],
        ["{cluster=\"a\"}"],
        ["{cluster=\"b\"}", "{cluster=\"a\"}"],
        ["{__name__=~\"go_.*\"}", "{__name__=~\"process_.*\",cluster=~\"a|b\"}"],
        ["{__name__=~\"go_.{3,7}s\"}", "up", "up"],
        ["{job=\"prometheus\",le=~\"0.1|0.2\"}", "{quantile!=\"\"}"],
        ["go_info{version=~\"go.*,?.*\"}", "{cluster=\"a\",job!~\"x,y|z\"}"],
        ["{__name__=\"scrape_duration_seconds\"}", "nothing", "{job=\"a,b\"}"],
        ["{handler=\"/federate\"}", "{cluster!=\"\",__name__=~\".+\"}"],
        ["{__name__=~\".+\"}"],
    ];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collect_WithOverlapsAndKills_TakesEveryTickOnceAndServesTheSame()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var folder = installation.Folder;
        await using var a = await PrometheusServer.StartAsync(
            folder.Folder("a"),
            address => SourceConfig("a", address)
        );
        await using var b = await PrometheusServer.StartAsync(
            folder.Folder("b"),
            address => SourceConfig("b", address)
        );
        var config = folder.Write("tributary.yml", Config(("a", a), ("b", b)));
        var options = installation.Options(config, EverySecond);
        var web = options with { Runs = function => function.Trigger is HttpTrigger };
        await using var proxied = await HostedTributary.StartAsync(web);
        await using var forwarded = await HostedTributary.StartAsync(web with { KnowsProxying = false });

        var collectors = new Collectors(options with { Runs = function => function.Trigger is TimerTrigger });
        await collectors.RunAsync(TestScale.Of(Disturbances, MinDisturbances));

        await installation.VerifyLogAsync();
        var log = await installation.ReadLogAsync();
        foreach (var cluster in Clusters)
        {
            AssertTicks(log, collectors, cluster);
        }
        await AssertAsAtSourceAsync(log, "a", a);
        await AssertAsAtSourceAsync(log, "b", b);
        await AssertSameAnswersAsync(log, proxied, forwarded);
    }

    /// <summary>Readers see each tick once, and a tick that is not there is one that no call could have taken.</summary>
    private static void AssertTicks(StoredLog log, Collectors collectors, string cluster)
    {
        var batches = log
            .Batches.Where(batch => batch.Source.StartsWith($"federate-{cluster}/", StringComparison.Ordinal))
            .Where(batch => batch.Report is not null)
            .ToList();
        Assert.All(batches, batch => Assert.Equal(batch.Report!.Verdict == Verdict.Complete, batch.Report.Error == ""));
        var ticks = batches.Select(batch => batch.TickMs).ToHashSet();
        Assert.True(ticks.Count >= MinDisturbances, $"only {ticks.Count} ticks\n{collectors.Log}");
        var seen = log.Of("up").Where(up => up.Key.Series.Get("job") == $"federate-{cluster}").ToList();
        Assert.Equal(ticks.Count, seen.Count);
        Assert.Equal(ticks.Count, seen.DistinctBy(up => up.Key.TimestampMs / IntervalMs).Count());

        for (var tickMs = ticks.Min(); tickMs < ticks.Max(); tickMs += IntervalMs)
        {
            // One that began and ended inside the tick's interval, with no other beside it, must have taken it; only in
            // the last tenth does it take the next one.
            var able = collectors.Calls.FirstOrDefault(call =>
                call.Outcome == Outcome.Succeeded
                && call.BeganMs >= tickMs
                && call.EndedMs < tickMs + (IntervalMs * 9 / 10)
                && collectors.Calls.Count(other => other.BeganMs <= call.EndedMs && other.EndedMs >= call.BeganMs) == 1
            );
            Assert.True(
                ticks.Contains(tickMs) || able is null,
                $"{cluster}: tick {tickMs} is missing for no reason: {able}\n{collectors.Log}"
            );
            Assert.True(
                ticks.Contains(tickMs)
                    || batches.Exists(batch => batch.TickMs > tickMs && batch.Report!.Missed?.AfterMs < tickMs),
                $"{cluster}: no report says that tick {tickMs} is missing, and why"
            );
        }
    }

    private static async Task AssertAsAtSourceAsync(StoredLog log, string cluster, PrometheusServer source)
    {
        var there = await source.SamplesAsync("{job=\"prometheus\"}");
        var stored = log
            .Samples.Where(sample => sample.Key.Series.Get("cluster") == cluster && !StaleMarker.IsStale(sample.Value))
            .ToList();
        Assert.True(stored.Count > 500, $"{stored.Count} samples");
        foreach (var (key, value) in stored)
        {
            var labels = key.Series.Labels.ToArray().Where(label => label.Name != "cluster");
            Assert.True(there.TryGetValue((LabelSet.Of(labels), key.TimestampMs), out var text), $"not there: {key}");
            Assert.Equal(PrometheusServer.Number(text), value);
        }
    }

    /// <summary>Nobody collects any more: all ways to the stored samples must give the same bytes.</summary>
    private static async Task AssertSameAnswersAsync(StoredLog log, HostedTributary proxied, HostedTributary forwarded)
    {
        var newest = log.Of("up").Max(up => up.Key.TimestampMs);
        foreach (var server in (HostedTributary[])[proxied, forwarded])
        {
            await Patience.UntilAsync(
                "the last tick to be served",
                async () => (await server.FederateAsync("up")).Any(up => up.TimestampMs == newest),
                () => server.Log
            );
        }
        using var http = new HttpClient();
        foreach (var question in Questions)
        {
            var path = TributaryInstance.FederatePath(question);
            var direct = await http.GetByteArrayAsync(new Uri(proxied.Host.HandlerAddress, path), Token);
            Assert.NotEmpty(direct);
            Assert.Equal(direct, await http.GetByteArrayAsync(new Uri(forwarded.Host.HandlerAddress, path), Token));
            Assert.Equal(direct, await proxied.Http.GetByteArrayAsync(path, Token));
            Assert.Equal(direct, await forwarded.Http.GetByteArrayAsync(path, Token));
        }
    }

    private static string SourceConfig(string cluster, string address) =>
        $$"""
            global:
              scrape_interval: 1s
              external_labels: {cluster: {{cluster}}}
            scrape_configs:
              - job_name: prometheus
                static_configs: [{targets: ["{{address}}"]}]
            """;

    private static string Config(params (string Cluster, PrometheusServer Server)[] sources) =>
        "scrape_configs:\n"
        + string.Concat(
            sources.Select(source =>
                $$"""
                      - job_name: federate-{{source.Cluster}}
                        scrape_interval: 1s
                        scrape_timeout: 1s
                        honor_labels: true
                        metrics_path: /federate
                        params: {"match[]": ['{job="prometheus"}']}
                        static_configs: [{targets: ["{{source.Server.Authority}}"]}]

                    """
            )
        );

    /// <summary>The instances that collect, two at any time.</summary>
    private sealed class Collectors(HostOptions options)
    {
        private readonly List<Invocation> ended = [];
        private readonly System.Text.StringBuilder logs = new();

        /// <summary>All calls, once <see cref="RunAsync"/> has ended.</summary>
        public IReadOnlyList<Invocation> Calls => ended;

        public string Log => logs.ToString();

        public async Task RunAsync(int disturbances)
        {
            var hosts = new List<FunctionHost>
            {
                await FunctionHost.StartAsync(options),
                await FunctionHost.StartAsync(options),
            };
            for (var i = 0; i < disturbances; i++)
            {
                await AwaitCallsAsync(hosts);
                var host = hosts[i / 4 % 2];
                switch (i % 4)
                {
                    case 0:
                        options.Storage.Lose(HostedTributary.Collect);
                        break;
                    case 1:
                        await host.CrashHandlerAsync();
                        break;
                    case 2:
                        await Task.WhenAll(hosts.Select(each => each.CallTimerAsync(HostedTributary.Collect)));
                        break;
                    default:
                        await host.KillAsync();
                        break;
                }
                await ReplaceStoppedAsync(hosts);
            }
            await AwaitCallsAsync(hosts);
            foreach (var host in hosts)
            {
                await EndAsync(host);
            }
        }

        /// <summary>Waits until a call has succeeded from now on.</summary>
        private async Task AwaitCallsAsync(List<FunctionHost> hosts)
        {
            var nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
            await Patience.UntilAsync(
                "a call of Collect",
                async () =>
                {
                    await ReplaceStoppedAsync(hosts);
                    return hosts
                        .SelectMany(host => host.Invocations)
                        .Any(call => call.Outcome == Outcome.Succeeded && call.BeganMs >= nowMs);
                },
                () => string.Join('\n', hosts.Select(host => host.Log))
            );
        }

        /// <summary>As the platform does: an instance that stopped gets a successor.</summary>
        private async Task ReplaceStoppedAsync(List<FunctionHost> hosts)
        {
            for (var i = 0; i < hosts.Count; i++)
            {
                if (!hosts[i].IsRunning)
                {
                    await EndAsync(hosts[i]);
                    hosts[i] = await FunctionHost.StartAsync(options);
                }
            }
        }

        private async Task EndAsync(FunctionHost host)
        {
            await host.DisposeAsync();
            Assert.Equal("", host.Errors);
            ended.AddRange(host.Invocations);
            logs.AppendLine(host.Log);
        }
    }
}
