using System.Text;
using Tributary.Configuration;
using Tributary.Exports;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Ledger;
using static Tributary.Tests.Unit.Exports.ExportPlace;

namespace Tributary.Tests.Unit.Exports;

/// <summary>When what is exported, once and whole, whoever does it.</summary>
public sealed class ExportJobTests
{
    private const string Hourly = """
        interval: 1h
        query: sum(m)
        range: 1h
        step: 20m
        destination: exports/{name}/{date}/{time}.csv
        """;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public async Task Export_ThatIsSeenFirst_BeginsWithItsNextTime()
    {
        using var place = await FilledAsync();
        Assert.Empty((await place.PassAsync(Config(Hourly))).Written);
        Assert.Empty(await place.NamesAsync("exports/"));
        place.Time.Advance(Hour);
        await place.FillAsync(HourMs + MinuteMs, place.NowMs);
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs };
        var manifest = Assert.Single((await place.PassAsync(Config(Hourly))).Written);
        Assert.Equal("exports/e/2023-11-15/000000.csv", manifest.Output);
        Assert.Equal(
            "timestamp,value\n2023-11-14T23:20:00.000Z,"
                + $"{Value(HourMs + (20 * MinuteMs))}\n2023-11-14T23:40:00.000Z,{Value(HourMs + (40 * MinuteMs))}\n"
                + $"2023-11-15T00:00:00.000Z,{Value(HourMs + (60 * MinuteMs))}\n",
            await place.TextAsync(manifest.Output)
        );
        Assert.Equal(
            (3, true, HourMs, HourMs + (60 * MinuteMs)),
            (manifest.Rows, manifest.IsComplete, manifest.StartMs, manifest.EndMs)
        );
        Assert.Equal(manifest.ToBytes(), await place.ReadAsync(manifest.Output + ".manifest.json"));
        Assert.Empty((await place.PassAsync(Config(Hourly))).Written);
    }

    [Fact]
    public async Task Manifest_IsGolden()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly + "\ncompression: gzip");
        place.Gaps = place.Gaps.With(
            new SourceGap(HourMs - (5 * MinuteMs), HourMs - (3 * MinuteMs), GapState.GivenUp, "it was down")
        );
        var result = await RunAsync(place, config, HourMs);
        var text = await place.TextAsync(result.Row!.Manifest);
        var bytes = await place.ReadAsync(result.Row.Output);
        Assert.Equal(
            $$"""
            {
              "version": 1,
              "export": "e",
              "time": "2023-11-14T23:00:00Z",
              "complete": false,
              "query": "sum(m)",
              "start": "2023-11-14T22:00:00Z",
              "end": "2023-11-14T23:00:00Z",
              "stepMs": 1200000,
              "format": "csv",
              "compression": "gzip",
              "output": "exports/e/2023-11-14/230000.csv",
              "series": 1,
              "rows": 3,
              "histogramsLeftOut": 0,
              "bytes": {{bytes!.Length}},
              "sha256": "{{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes))}}",
              "sources": [
                {
                  "source": "job/a/0",
                  "watermark": "2023-11-14T23:00:00Z"
                }
              ],
              "gaps": [
                {
                  "source": "job/a/0",
                  "from": "2023-11-14T22:55:00Z",
                  "to": "2023-11-14T22:57:00Z",
                  "state": "givenUp",
                  "reason": "it was down"
                }
              ],
              "warnings": []
            }

            """.Replace("\r\n", "\n", StringComparison.Ordinal),
            text
        );
        // The header of gzip has neither time nor name.
        Assert.Equal([0x1f, 0x8b, 8, 0, 0, 0, 0, 0], bytes[..8]);
        Assert.StartsWith("timestamp,value\n", Unzip(bytes), StringComparison.Ordinal);
        Assert.Equal(ExportManifest.Read(Encoding.UTF8.GetBytes(text))!.ToBytes(), Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public async Task MissedRuns_AreMadeUpInOrder()
    {
        using var place = await FilledAsync();
        await place.PassAsync(Config(Hourly));
        place.Time.Advance(3 * Hour);
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs };
        var pass = await place.PassAsync(Config(Hourly));
        Assert.Equal(
            [1, 2, 3],
            pass.Written.Select(manifest => (manifest.TimeMs - HourMs) / (long)Hour.TotalMilliseconds)
        );
        Assert.Empty((await place.PassAsync(Config(Hourly))).Written);
    }

    [Fact]
    public async Task MissedRuns_OfLongAgo_AreNotMadeUp()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly + "\ncatch_up: 2h");
        await place.PassAsync(config);
        place.Time.Advance(10 * Hour);
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs };
        Assert.Equal(
            [8, 9, 10],
            (await place.PassAsync(config)).Written.Select(one => (one.TimeMs - HourMs) / 3_600_000)
        );
    }

    [Fact]
    public async Task Run_WaitsForTheWatermark_AndThenSaysWhatIsMissing()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly + "\nwait: 10m");
        await place.PassAsync(config);
        place.Time.Advance(Hour);
        var pass = await place.PassAsync(config);
        Assert.Equal((0, 1), (pass.Written.Count, pass.Waiting));
        place.Time.Advance(TimeSpan.FromMinutes(10));
        var first = Assert.Single((await place.PassAsync(config)).Written);
        Assert.False(first.IsComplete);
        Assert.Equal(HourMs, Assert.Single(first.Sources).WatermarkMs);
        Assert.Equal((HourMs, HourMs + 3_600_000, true), Gap(first));
        // As long as it stays so, it is not written again; when all is there, once.
        Assert.Empty((await place.PassAsync(config)).Written);
        await place.FillAsync(HourMs + MinuteMs, HourMs + (60 * MinuteMs));
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs };
        var second = Assert.Single((await place.PassAsync(config)).Written);
        Assert.True(second.IsComplete);
        Assert.NotEqual(first.Sha256, second.Sha256);
        Assert.Equal(3, second.Rows);
        Assert.Empty((await place.PassAsync(config)).Written);
    }

    [Fact]
    public async Task Run_WithAGapThatIsGivenUp_IsWrittenOnceMore_AndThenStays()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly + "\nwait: 0");
        await place.PassAsync(config);
        place.Time.Advance(Hour);
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs };
        var gap = new SourceGap(HourMs + MinuteMs, HourMs + (9 * MinuteMs), GapState.Open, "down");
        place.Gaps = place.Gaps.With(gap);
        Assert.Equal(
            HourMs + MinuteMs,
            Assert.Single(Assert.Single((await place.PassAsync(config)).Written).Sources).WatermarkMs
        );
        Assert.Empty((await place.PassAsync(config)).Written);
        place.Gaps = place.Gaps.With(gap with { State = GapState.GivenUp });
        Assert.False(Gap(Assert.Single((await place.PassAsync(config)).Written)).IsOpen);
        Assert.Empty((await place.PassAsync(config)).Written);
    }

    [Fact]
    public async Task Source_ThatTheExportDoesNotTouch_IsNotWaitedFor()
    {
        using var place = await FilledAsync();
        place.Memory = place.Memory with { CompleteUntilMs = 1, ConstantLabels = LabelSet.Of("cluster", "other") };
        var result = await RunAsync(
            place,
            Config(Hourly.Replace("sum(m)", "m{cluster='dev'}", StringComparison.Ordinal)),
            HourMs
        );
        Assert.Equal(ExportOutcome.Complete, result.Outcome);
        Assert.Empty(result.Manifest!.Sources);
    }

    [Fact]
    public async Task Run_ThatIsThere_IsNotDoneAgain_ButByForce()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly);
        var first = await RunAsync(place, config, HourMs);
        var bytes = await place.ReadAsync(first.Row!.Output);
        var manifest = await place.ReadAsync(first.Row.Manifest);
        Assert.Equal(ExportOutcome.Unchanged, (await RunAsync(place, config, HourMs)).Outcome);
        await place.Blobs.WriteAsync(first.Row.Output, "spoilt"u8.ToArray(), default, Token);
        Assert.Equal(ExportOutcome.Complete, (await RunAsync(place, config, HourMs, force: true)).Outcome);
        Assert.Equal(bytes, await place.ReadAsync(first.Row.Output));
        Assert.Equal(manifest, await place.ReadAsync(first.Row.Manifest));
        // Any other time is a run of its own.
        Assert.Equal(ExportOutcome.Complete, (await RunAsync(place, config, HourMs - 1234)).Outcome);
        Assert.NotNull(await place.ReadAsync("exports/e/2023-11-14/225958766.csv"));
    }

    [Fact]
    public async Task Run_ThatAnotherProcessClaims_IsLeftToIt_UntilItDies()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly);
        var rows = new ExportRows(place.Tables, place.Time, () => new Ulid(77));
        using var claim = await ExportClaim.TryTakeAsync(rows, new ExportRow("e", HourMs), "other", Token);
        Assert.Equal(ExportOutcome.Elsewhere, (await RunAsync(place, config, HourMs)).Outcome);
        place.Time.Advance(ExportClaim.Duration - TimeSpan.FromSeconds(1));
        await claim!.CheckAsync(Token);
        place.Time.Advance(ExportClaim.Duration - TimeSpan.FromSeconds(1));
        Assert.Equal(ExportOutcome.Elsewhere, (await RunAsync(place, config, HourMs, force: true)).Outcome);
        place.Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(ExportOutcome.Complete, (await RunAsync(place, config, HourMs)).Outcome);
        await Assert.ThrowsAsync<ExportClaimLostException>(() => claim.CheckAsync(Token));
        Assert.False(await claim.EndAsync(row => row with { State = ExportState.Failed }, Token));
        Assert.Equal(ExportOutcome.Unchanged, (await RunAsync(place, config, HourMs)).Outcome);
    }

    [Fact]
    public async Task Run_WhoseOutputAnotherOneChangesMeanwhile_StartsAnew()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly);
        var changes = 0;
        place.Blobs.OnCall = async (operation, blob, effect) =>
        {
            if (operation == "write" && blob.EndsWith(".csv", StringComparison.Ordinal) && changes++ == 0)
            {
                await place.Blobs.WriteAsync(blob, "late"u8.ToArray(), default, Token);
            }
            await effect();
        };
        var result = await RunAsync(place, config, HourMs);
        Assert.Equal((ExportOutcome.Complete, 3), (result.Outcome, changes));
        Assert.StartsWith("timestamp", await place.TextAsync(result.Row!.Output), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_ThatFails_SaysWhy_IsTriedAgain_AndHoldsUpNoneForEver()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly.Replace("sum(m)", "m * on() m", StringComparison.Ordinal));
        await place.PassAsync(config);
        place.Time.Advance(2 * Hour);
        await place.FillAsync(HourMs + MinuteMs, place.NowMs);
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs };
        for (var i = 0; i < 2; i++)
        {
            Assert.Contains(
                "the query has no answer",
                Assert.Single((await place.PassAsync(config)).Problems),
                StringComparison.Ordinal
            );
        }
        // The third time it stands aside for the next one.
        Assert.Equal(2, (await place.PassAsync(config)).Problems.Count);
        var status = Assert.Single(await place.Job(config).StatusAsync(5, Token));
        Assert.Equal([3, 1], status.Runs.Select(run => run.Failures));
        Assert.Contains("many-to-many", status.Runs[0].Error, StringComparison.Ordinal);
        Assert.Empty(await place.NamesAsync("exports/"));
    }

    [Fact]
    public async Task Retention_RemovesOutputsManifestsAndRows()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly + "\nretention: 3h");
        var block = Config(Hourly + "\nretention: 3h\nformat: prometheus-blocks", "b");
        await RunAsync(place, config, HourMs);
        await RunAsync(place, block, HourMs);
        await RunAsync(place, config, HourMs - 1);
        Assert.NotEmpty(await place.NamesAsync("exports/b/"));
        place.Time.Advance(3 * Hour);
        Assert.Equal(1, (await place.PassAsync(config)).Removed);
        place.Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(2, (await place.PassAsync(config, block)).Removed);
        Assert.Empty(await place.NamesAsync("exports/"));
        Assert.All(await place.Job(config, block).StatusAsync(5, Token), status => Assert.Empty(status.Runs));
    }

    [Fact]
    public async Task File_IsWrittenWhole_AndWhatWasLeftOfAKilledOneGoes()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly.Replace("exports/", $"file:{place.Folder}/out/", StringComparison.Ordinal));
        var folder = Path.Combine(place.Folder, "out", "e", "2023-11-14");
        Directory.CreateDirectory(folder);
        await File.WriteAllTextAsync(Path.Combine(folder, ".230000.csv.partial-dead"), "half", Token);
        var result = await RunAsync(place, config, HourMs);
        Assert.Equal(ExportOutcome.Complete, result.Outcome);
        Assert.Equal(
            ["230000.csv", "230000.csv.manifest.json"],
            Directory.EnumerateFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(ExportOutcome.Unchanged, (await RunAsync(place, config, HourMs)).Outcome);
        place.Time.Advance(5 * Hour);
        Assert.Equal(1, (await place.PassAsync(config with { Retention = Hour })).Removed);
        Assert.Empty(Directory.EnumerateFiles(folder));
    }

    [Fact]
    public async Task Destination_ThatALaterRunHas_IsNotOverwritten()
    {
        using var place = await FilledAsync();
        var config = Config(Hourly.Replace("/{time}", "", StringComparison.Ordinal));
        Assert.Equal(ExportOutcome.Complete, (await RunAsync(place, config, HourMs - 1)).Outcome);
        Assert.Equal(ExportOutcome.Complete, (await RunAsync(place, config, HourMs)).Outcome);
        var earlier = await RunAsync(place, config, HourMs - 2);
        Assert.Equal(ExportOutcome.Failed, earlier.Outcome);
        Assert.Contains(
            "is the output of the later run of 2023-11-14T23:00:00Z",
            earlier.Row!.Error,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Destination_ThatAnotherExportHas_IsNotOverwritten()
    {
        using var place = await FilledAsync();
        var fields = Hourly.Replace("{name}/", "", StringComparison.Ordinal);
        var first = await RunAsync(place, Config(fields), HourMs);
        var other = await RunAsync(
            place,
            Config(fields.Replace("sum", "count", StringComparison.Ordinal), "f"),
            HourMs
        );
        Assert.Equal(ExportOutcome.Failed, other.Outcome);
        Assert.Contains("is the output of the export e", other.Row!.Error, StringComparison.Ordinal);
        Assert.Equal(first.Manifest!.ToBytes(), await place.ReadAsync(first.Row!.Manifest));
    }

    [Fact]
    public async Task RawSamples_OfSeveralSelectors_ComeOnceEach_FromLogsOfManyWindows()
    {
        using var place = await FilledAsync();
        await place.FillAsync(HourMs - (600 * MinuteMs), HourMs - (599 * MinuteMs));
        var config = Config(
            """
            interval: 1h
            match: ['m', '{cluster=~".+"}', '{cluster="dev"}']
            range: 10h
            destination: exports/{name}/{date}/{time}.ndjson
            format: ndjson
            """
        );
        var result = await RunAsync(place, config, HourMs);
        // Later than the beginning: the sample at it belongs to the run before.
        Assert.Equal(2 * (61 + 1), result.Manifest!.Rows);
        var lines = (await place.TextAsync(result.Row!.Output)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(lines.Length, lines.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(lines.Order(StringComparer.Ordinal), lines.OrderBy(line => line, StringComparer.Ordinal));
        Assert.Equal(
            [62, 62],
            lines.CountBy(line => line.Contains("dev", StringComparison.Ordinal)).Select(pair => pair.Value)
        );
    }

    [Fact]
    public async Task Query_WithManyMoments_IsCutIntoPieces_WithoutSeams()
    {
        using var place = await FilledAsync();
        var config = Config(
            """
            interval: 1h
            query: sum by (cluster) (m)
            range: 1h
            step: 1s
            destination: exports/{name}/{date}/{time}.csv
            """
        );
        var result = await RunAsync(place, config, HourMs);
        Assert.Equal((2, 7200), (result.Manifest!.Series, result.Manifest.Rows));
        var lines = (await place.TextAsync(result.Row!.Output)).Split('\n')[1..3601];
        Assert.Equal(
            Enumerable
                .Range(1, 3600)
                .Select(i => Iso(HourMs - 3_600_000 + (i * 1000)).Replace("Z", ".000Z", StringComparison.Ordinal)),
            lines.Select(line => line.Split(',')[0])
        );
    }

    private static async Task<ExportPlace> FilledAsync()
    {
        var place = new ExportPlace();
        await place.FillAsync(HourMs - (60 * MinuteMs), HourMs);
        return place;
    }

    private static Task<ExportResult> RunAsync(
        ExportPlace place,
        ExportConfig config,
        long timeMs,
        bool force = false
    ) => place.Job(config).RunAsync(config, timeMs, force, null, Token);

    private static long Value(long atMs) => atMs / MinuteMs % 100 * 3;

    private static (long FromMs, long ToMs, bool IsOpen) Gap(ExportManifest manifest) =>
        manifest.Gaps is [var gap] ? (gap.FromMs, gap.ToMs, gap.IsOpen) : default;
}
