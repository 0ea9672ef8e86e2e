using System.Globalization;
using System.Text;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Exports;
using Tributary.Functions.Diagnosis;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>When jobs ran last, by the host's notes and by what they leave in the store.</summary>
public sealed class TimersCheckTests
{
    private const string Config = """
        rule_files: [r.yml]
        scrape_configs: [{job_name: a, static_configs: [{targets: ['a:1']}]}]
        tributary:
          exports:
            - {name: hourly, schedule: '0 0 * * * *', query: up, format: csv, destination: 'exports/{date}/{time}.csv'}
        """;

    private const string Rules = "groups: [{name: g, interval: 1m, rules: [{record: r, expr: up}]}]";

    private readonly ManualTime time = new(LogBatches.NoonMs);
    private readonly IBlobStore blobs;
    private readonly ITableStore tables;

    public TimersCheckTests()
    {
        var storage = new SimulatedStorage(time);
        (blobs, tables) = (storage.ImmediateBlobs(), storage.ImmediateTables());
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Minutes since the last call and until the next one, and what is said of it.</summary>
    public static TheoryData<int?, int, string, string> HostNotes { get; } =
        new()
        {
            { 1, 0, "Ok", "the host called Collect last at " },
            { null, 1, "Warning", "the host knows Collect, and has not called it yet" },
            { 20, -19, "Failure", "and was to call it at " },
        };

    /// <summary>How a run stands, and what is said of it.</summary>
    public static TheoryData<string, string, string> Runs { get; } =
        new()
        {
            { "Complete", "Ok", "is written" },
            { "Incomplete", "Warning", "something is missing" },
            { "Failed", "Failure", "failed: disk full" },
            { "Running", "Warning", "is not written" },
        };

    [Theory]
    [MemberData(nameof(HostNotes))]
    public async Task Check_HostsNotes_SayWhenItCalled(int? sinceMinutes, int untilMinutes, string kind, string text)
    {
        await NoteAsync(
            "Collect",
            sinceMinutes is { } since ? time.GetUtcNow().AddMinutes(-since) : null,
            time.GetUtcNow().AddMinutes(untilMinutes)
        );
        foreach (var other in new[] { "Compact", "Evaluate", "Export" })
        {
            await NoteAsync(other, time.GetUtcNow().AddMinutes(-1), time.GetUtcNow().AddMinutes(1));
        }
        var finding = (await CheckAsync(null, isApp: true)).First(one =>
            one.Text.Contains("Collect", StringComparison.Ordinal)
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_HostThatNeverCalled_IsAFailureForEachFunction()
    {
        var failures = (await CheckAsync(null, isApp: true)).Where(one => one.Kind is FindingKind.Failure).ToList();
        Assert.Equal(
            ["Collect", "Compact", "Evaluate", "Export"],
            failures.Select(one => one.Text["the host has never called ".Length..])
        );
        Assert.Contains("az functionapp function list", failures[0].Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Evaluate: the settings switch it off")]
    [InlineData(
        null,
        "Evaluate: the host has never called it; that is right where AzureWebJobs.Evaluate.Disabled is set"
    )]
    public async Task Check_FunctionThatMayBeOff_IsNoFailure(bool? isOff, string expected)
    {
        var findings = await CheckAsync(null, isApp: true, isOff: function => function is "Evaluate" ? isOff : false);
        Assert.DoesNotContain(
            findings,
            one => one.Kind is FindingKind.Failure && one.Text.Contains("Evaluate", StringComparison.Ordinal)
        );
        Assert.Contains(findings, one => one.Text.StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_ScheduleBelowAMinute_HasNoNotes()
    {
        var findings = await CheckAsync(null, isApp: true, schedule: "*/15 * * * * *");
        Assert.DoesNotContain(findings, one => one.Kind is FindingKind.Failure);
        Assert.Contains(
            findings,
            one => one.Text.StartsWith("Collect: the host keeps no notes", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Check_NotesThatAreNone_CountForNothing()
    {
        await blobs.WriteAsync(StatusBlob("Collect"), "no JSON"u8.ToArray(), WriteCondition.None, Token);
        await blobs.WriteAsync(
            "azure-webjobs-hosts/timers/x/Host.Functions.Other/status",
            "{}"u8.ToArray(),
            WriteCondition.None,
            Token
        );
        var findings = await CheckAsync(null, isApp: true);
        Assert.Equal(4, findings.Count(one => one.Kind is FindingKind.Failure));
    }

    [Theory]
    [InlineData(1, true, "Ok")]
    [InlineData(30, true, "Failure")]
    [InlineData(30, false, "Warning")]
    public async Task Check_SourcesOfTheStore_SayWhenTheyWereCollected(int minutes, bool isAccount, string kind)
    {
        await CollectAsync("job/a/1", minutes, Verdict.Complete);
        var finding = (await CheckAsync(null, isAccount: isAccount)).First(one =>
            one.Text.StartsWith("sources were collected last", StringComparison.Ordinal)
        );
        Assert.Equal(kind, finding.Kind.ToString());
    }

    [Fact]
    public async Task Check_SourceThatFailsWhereItIsCollected_IsNamedWithItsError()
    {
        await CollectAsync("job/a/1", 1, Verdict.Failed);
        var warning = Assert.Single(await CheckAsync(null), one => one.Kind is FindingKind.Warning);
        Assert.Equal("job/a/1: the collector's last collect failed: no connection", warning.Text);
    }

    [Theory]
    [InlineData(true, "Warning")]
    [InlineData(false, "Skipped")]
    public async Task Check_NothingCollectedYet_SaysSo(bool isAccount, string kind)
    {
        var finding = Assert.Single(await CheckAsync(null, isAccount: isAccount));
        Assert.Equal((kind, "nothing was ever collected into this store"), (finding.Kind.ToString(), finding.Text));
    }

    [Theory]
    [InlineData(1, "Ok", "1 rule groups were evaluated")]
    [InlineData(30, "Warning", "1 of 1 rule groups were not evaluated lately: g")]
    public async Task Check_RuleGroups_AreLookedForInTheLog(int minutes, string kind, string text)
    {
        var tickMs = LogBatches.NoonMs - (minutes * 60_000);
        var writer = new LogWriter(blobs, time, () => Ulid.New(time, Random.Shared));
        var batch = LogBatches.Of(
            SourceKey.RulesOf("r.yml", "g"),
            tickMs,
            LogBatches.Columns((LogBatches.Series(1), tickMs, 1))
        );
        await writer.AppendAsync([batch], Token);
        var finding = (await CheckAsync(Read())).First(one =>
            one.Text.Contains("rule groups", StringComparison.Ordinal)
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.StartsWith(text, finding.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public async Task Check_LastRunOfAnExport_IsLookedAt(string state, string kind, string text)
    {
        var config = Read();
        var export = config.Exports[0];
        var rows = new ExportRows(tables, time, () => Ulid.New(time, Random.Shared));
        var due = export
            .Schedule.LastUntil(LogBatches.NoonMs - (long)(export.Wait + TimeSpan.FromMinutes(5)).TotalMilliseconds)!
            .Value;
        await rows.SetOpenSinceAsync(export.Name, null, due, Token);
        await rows.TryWriteAsync(
            new ExportRow(export.Name, due)
            {
                State = Enum.Parse<ExportState>(state),
                Error = state == "Failed" ? "disk full" : "",
            },
            Token
        );
        var finding = (await CheckAsync(config)).First(one =>
            one.Text.StartsWith("export hourly for", StringComparison.Ordinal)
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.Contains(text, finding.Text, StringComparison.Ordinal);
    }

    private static CollectorConfig Read() =>
        ConfigReader.Read(Config, "t.yml", new ConfigFiles(_ => null, pattern => [pattern], _ => Rules));

    private static string StatusBlob(string function) =>
        $"azure-webjobs-hosts/timers/host1/Host.Functions.{function}/status";

    private async Task NoteAsync(string function, DateTimeOffset? last, DateTimeOffset next)
    {
        var json =
            $"{{\"Last\":\"{Text(last ?? default)}\",\"Next\":\"{Text(next)}\",\"LastUpdated\":\"{Text(last ?? default)}\"}}";
        await blobs.WriteAsync(StatusBlob(function), Encoding.UTF8.GetBytes(json), WriteCondition.None, Token);

        static string Text(DateTimeOffset moment) => moment.ToString("O", CultureInfo.InvariantCulture);
    }

    private async Task CollectAsync(string source, int minutes, Verdict verdict)
    {
        var ledger = new SourceLedger(tables, time);
        ledger.Note(
            new SourceMemory(source)
            {
                Job = "a",
                LastTickMs = LogBatches.NoonMs - (minutes * 60_000),
                LastVerdict = verdict,
                LastError = verdict is Verdict.Failed ? "no connection" : "",
                IntervalMs = 15_000,
            }
        );
        await ledger.SaveAsync(Token);
    }

    private Task<IReadOnlyList<Finding>> CheckAsync(
        CollectorConfig? config,
        bool isApp = false,
        bool isAccount = true,
        string? schedule = null,
        Func<string, bool?>? isOff = null
    ) =>
        DoctorPlace.LookAsync(findings =>
            new TimersCheck(blobs, tables, config, time)
            {
                IsApp = isApp,
                IsAccount = isAccount,
                IsHostAccount = isApp,
                ScheduleOf = _ => schedule,
                IsOff = one => isOff is null ? false : isOff(one.Function),
            }.RunAsync(findings, Token)
        );
}
