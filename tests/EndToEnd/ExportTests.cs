using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Exports of the real program: killed, missed, run twice.</summary>
public sealed class ExportTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int SeriesCount = 60;
    private const int MinRuns = 4;
    private static readonly TimeSpan First = TimeSpan.FromMinutes(350);
    private static readonly TimeSpan Last = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Two equal exports: one is let alone, the other killed; promtool takes what comes out.</summary>
    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    public async Task CommandLine_KilledWhileItWrites_GivesTheSameBytes(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        var samples = OldSamples.Make(SeriesCount, First, Last);
        await using var source = await FakeSource.StartAsync(_ => samples.Body);
        var folder = installation.Folder.Folder("out");
        var config = $$"""
            scrape_configs: [{job_name: j, static_configs: [{targets: ['{{source.Authority}}']}]}]
            tributary:
              exports:
              - {name: whole, interval: 1h, match: ['{{OldSamples.Metric}}'], range: 6h, format: openmetrics, destination: 'file:{{folder}}/{name}-{date}.om'}
              - {name: killed, interval: 1h, match: ['{{OldSamples.Metric}}'], range: 6h, format: openmetrics, destination: 'file:{{folder}}/{name}-{date}.om'}
            """;
        await using (var server = await installation.StartAsync(config))
        {
            await Patience.UntilAsync(
                "the samples to be stored",
                async () => await server.MetricAsync("tributary_log_samples_total") >= SeriesCount,
                () => server.Log
            );
            await server.StopAsync();
        }
        var at = DateTimeOffset.UtcNow.ToUnixTimeSeconds().ToString(System.Globalization.CultureInfo.InvariantCulture);
        var started = Stopwatch.GetTimestamp();
        await RunAsync(installation, "whole", at);
        var longest = Stopwatch.GetElapsedTime(started);
        await using (
            var child = ChildProcess.Start(installation.Executable, Arguments(installation, "killed", at), folder)
        )
        {
            await Task.Delay(longest * 0.8, Token);
            await child.KillAsync();
        }
        // The claim of the one that was killed ends by itself.
        await Patience.UntilAsync("the killed run to be done", () => TryRunAsync(installation, "killed", at));
        var outputs = Directory.GetFiles(folder, "*.om").Order(StringComparer.Ordinal).ToList();
        Assert.Equal(2, outputs.Count);
        var bytes = await File.ReadAllBytesAsync(outputs[1], Token);
        Assert.Equal(await File.ReadAllBytesAsync(outputs[0], Token), bytes);
        Assert.True(bytes.Length > SeriesCount);
        await RunAsync(installation, "killed", at, "--force");
        Assert.Equal(bytes, await File.ReadAllBytesAsync(outputs[0], Token));
        Assert.Empty(Directory.GetFiles(folder, ".*.partial-*"));
        var (code, _, errors) = await ChildProcess.RunAsync(
            Requirement.Program("promtool", "prometheus"),
            ["tsdb", "create-blocks-from", "openmetrics", outputs[0], Path.Combine(folder, "blocks")],
            folder
        );
        Assert.True(code == 0, errors);
    }

    /// <summary>The app is gone for two runs; then all are there, in order, each once and whole.</summary>
    [Fact]
    public async Task Function_ThatWasGoneForTwoRuns_MakesThemUp()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        installation.Variables = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["TRIBUTARY_EXPORT_SCHEDULE"] = "00:00:02",
        };
        await using var source = await FamilySource.StartAsync(3, isStamped: false);
        var config = $$"""
            scrape_configs: [{job_name: j, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ['{{source.Authority}}']}]}]
            tributary:
              exports:
              - {name: e, interval: 10s, query: 'count({{FamilySource.Metric}})', range: 10s, step: 5s, wait: 3s, format: ndjson, destination: 'exports/{name}/{date}/{timestamp}.ndjson'}
            """;
        await using (var app = await installation.StartAsync(config))
        {
            await Patience.UntilAsync("the first run", async () => (await RunsAsync(app)).Count > 0, () => app.Log);
            await app.KillAsync();
        }
        await Task.Delay(TimeSpan.FromSeconds(21), Token);
        await using var again = await installation.StartAsync(config);
        await Patience.UntilAsync(
            "those that were missed",
            async () => (await RunsAsync(again)).Count >= MinRuns,
            () => again.Log
        );
        var runs = await RunsAsync(again);
        var times = runs.Select(run => run.GetProperty("time").GetDateTimeOffset()).ToList();
        Assert.Equal(Enumerable.Range(0, times.Count).Select(i => times[0].AddSeconds(10 * i)), times);
        foreach (var run in runs)
        {
            var bytes = await ReadAsync(installation.Storage, run.GetProperty("output").GetString()!);
            Assert.Equal(run.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
        }
    }

    private static async Task<byte[]> ReadAsync(string storage, string name)
    {
        var blobs = StoredLog.Open(storage);
        var info = await blobs.GetInfoAsync(name, Token);
        Assert.NotNull(info);
        var bytes = new byte[info.LengthBytes];
        Assert.Equal(bytes.Length, await blobs.ReadAsync(name, 0, bytes, info.ETag, Token));
        return bytes;
    }

    private static async Task<List<JsonElement>> RunsAsync(TributaryInstance app)
    {
        using var document = JsonDocument.Parse(await app.Http.GetStringAsync("/api/v1/status/exports", Token));
        return
        [
            .. document
                .RootElement.GetProperty("data")
                .GetProperty("exports")[0]
                .GetProperty("runs")
                .EnumerateArray()
                .Where(run => run.GetProperty("state").GetString() is "complete" or "incomplete")
                .Select(run => run.Clone()),
        ];
    }

    private static string[] Arguments(Installation installation, string export, string at, params string[] more) =>
        [
            "export",
            "run",
            export,
            "--at",
            at,
            "--config",
            Path.Combine(installation.Folder.Path, "tributary.yml"),
            "--storage",
            installation.Storage,
            .. more,
        ];

    private static async Task RunAsync(Installation installation, string export, string at, params string[] more)
    {
        var (code, output, errors) = await ChildProcess.RunAsync(
            installation.Executable,
            Arguments(installation, export, at, more),
            installation.Folder.Path
        );
        // 3: the source was not asked after the scheduled time.
        Assert.True(code is 0 or 3, $"{code}: {output}\n{errors}");
    }

    private static async Task<bool> TryRunAsync(Installation installation, string export, string at)
    {
        var (code, _, _) = await ChildProcess.RunAsync(
            installation.Executable,
            Arguments(installation, export, at),
            installation.Folder.Path
        );
        return code is 0 or 3;
    }
}
