using System.Globalization;
using System.Text.Json;
using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores.Local;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// Half an hour in which Tributary was stopped, and its Prometheus was not: behind it every raw sample is stored, and doing
/// it again changes nothing.
/// </summary>
public sealed class BackfillTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const string Selector = "{job=\"written\"}";
    private const long RecentMs = 75_000;
    private static readonly TimeSpan Outage = TimeSpan.FromMinutes(30);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("range")]
    [InlineData("remote_read")]
    [InlineData("federate")]
    public async Task OutageOfTheCollector_IsFilledWithEverySample(string mode)
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneLocal, executable, azurite);
        await using var upper = await PrometheusServer.StartAsync(
            installation.Folder.Folder("a"),
            _ => "global: { external_labels: { cluster: a } }",
            "--web.enable-remote-write-receiver"
        );
        // A pull reaches up to half a minute before the newest sample for certain.
        var endMs = (Now() - RecentMs) / HistoryWriter.EveryMs * HistoryWriter.EveryMs;
        var startMs = endMs - (long)Outage.TotalMilliseconds;
        var writer = new HistoryWriter(upper.Http, startMs - 1);
        var config = Config(upper.Authority, mode);
        await StandAtAsync(installation, config, startMs - 1);
        await writer.WriteAsync(Now());

        await using (var tributary = await installation.StartAsync(config))
        {
            await AwaitFilledAsync(tributary, writer, endMs);
            await AssertEqualAsync(upper, tributary, endMs);
            await tributary.StopAsync();
        }

        var (source, gaps) = await GapsAsync(installation);
        Assert.Contains("0 open, 0 given up, ", gaps, StringComparison.Ordinal);
        var before = await StoredAsync(installation, endMs);
        string[] again =
        [
            "backfill",
            source,
            "--from",
            Seconds(startMs - 1),
            "--to",
            Seconds(endMs),
            "--storage",
            installation.Storage,
            "--config",
            Path.Combine(installation.Folder.Path, "tributary.yml"),
        ];
        for (var round = 0; round < 2; round++)
        {
            var (code, output, errors) = await ChildProcess.RunAsync(
                installation.Executable,
                again,
                installation.Folder.Path
            );
            Assert.True(code == 0, $"{output}\n{errors}");
            Assert.Equal(before, await StoredAsync(installation, endMs));
        }
        await using var next = await installation.StartAsync(config);
        await AwaitFilledAsync(next, writer, endMs);
        await AssertEqualAsync(upper, next, endMs);
        await next.StopAsync();
        Assert.Equal(before, await StoredAsync(installation, endMs));
        await installation.VerifyLogAsync();
    }

    /// <summary>Leaves a store as a collector does that stopped half an hour ago: a row that says how far it was.</summary>
    private static async Task StandAtAsync(Installation installation, string config, long atMs)
    {
        string source;
        await using (var tributary = await installation.StartAsync(config))
        {
            using var status = JsonDocument.Parse(await tributary.Http.GetStringAsync("/api/v1/status/sources", Token));
            source = status
                .RootElement.GetProperty("data")
                .GetProperty("sources")[0]
                .GetProperty("source")
                .GetString()!;
            await tributary.StopAsync();
        }
        var folder = installation.Storage["local:".Length..];
        Directory.Delete(folder, recursive: true);
        var ledger = new SourceLedger(new LocalTableStore(folder, TimeProvider.System), TimeProvider.System);
        await ledger.LoadAsync(Token);
        ledger.Note(
            new SourceMemory(source)
            {
                Job = "a",
                LastTickMs = atMs,
                LastVerdict = Verdict.Complete,
                CompleteUntilMs = atMs,
                IntervalMs = 2000,
                Pull = config.Contains("pull: federate", StringComparison.Ordinal)
                    ? PullMemory.Empty
                    : new PullMemory { CursorMs = atMs },
            }
        );
        await ledger.SaveAsync(Token);
    }

    /// <summary>Waits until no gap is open and the source is complete up to a time; the source goes on meanwhile.</summary>
    private static async Task AwaitFilledAsync(TributaryInstance tributary, HistoryWriter writer, long endMs)
    {
        var last = "";
        await Patience.UntilAsync(
            "the gap to be filled",
            async () =>
            {
                await writer.WriteAsync(Now());
                last = await tributary.Http.GetStringAsync("/api/v1/status/sources", Token);
                using var status = JsonDocument.Parse(last);
                var source = status.RootElement.GetProperty("data").GetProperty("sources")[0];
                return source.GetProperty("openGaps").GetInt32() == 0
                    && source.GetProperty("watermark").GetDateTimeOffset().ToUnixTimeMilliseconds() >= endMs;
            },
            () => $"{last}\n{tributary.Log}"
        );
    }

    private static async Task AssertEqualAsync(PrometheusServer upper, TributaryInstance tributary, long endMs)
    {
        var at = DateTimeOffset.FromUnixTimeMilliseconds(endMs);
        // Old servers count the first moment of a range in.
        var range = Outage - TimeSpan.FromSeconds(1);
        var theirs = await QueryAnswer.OfServerAsync(upper.Http, Selector, range, at);
        var ours = await QueryAnswer.OfServerAsync(tributary.Http, Selector, range, at);
        Assert.Equal(HistoryWriter.Series, theirs.Count);
        Assert.All(ours, line => Assert.Contains("cluster=\"a\"", line, StringComparison.Ordinal));
        var bare = ours.Select(line => line.Replace("cluster=\"a\", ", "", StringComparison.Ordinal));
        Assert.Equal(theirs.Order(StringComparer.Ordinal), bare.Order(StringComparer.Ordinal));
    }

    private static async Task<(string Source, string Text)> GapsAsync(Installation installation)
    {
        string[] list = ["gaps", "--storage", installation.Storage];
        var (code, output, errors) = await ChildProcess.RunAsync(
            installation.Executable,
            list,
            installation.Folder.Path
        );
        Assert.True(code == 0, errors);
        string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return (lines[1].Split(' ')[0], output);
    }

    /// <summary>The samples up to a time, each once.</summary>
    private static async Task<List<string>> StoredAsync(Installation installation, long endMs)
    {
        var log = await installation.ReadLogAsync();
        return
        [
            .. log
                .Samples.Where(sample => sample.Key.TimestampMs <= endMs && sample.Key.Series.Get("job") is "written")
                .Select(sample =>
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"{sample.Key.Series} {sample.Key.TimestampMs} {BitConverter.DoubleToInt64Bits(sample.Value):x}"
                    )
                )
                .Order(StringComparer.Ordinal),
        ];
    }

    private static string Config(string authority, string mode) =>
        $$"""
            scrape_configs:
              - job_name: a
                honor_labels: true
                metrics_path: /federate
                scrape_interval: 2s
                scrape_timeout: 2s
                params: { 'match[]': ['{job="written"}'] }
                static_configs: [{ targets: ['{{authority}}'] }]
            tributary:
              jobs: { a: { pull: {{mode}} } }
            """;

    private static string Seconds(long ms) => (ms / 1000.0).ToString("F3", CultureInfo.InvariantCulture);

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
}
