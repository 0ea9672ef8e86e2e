using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Exports;
using Tributary.Model;
using Tributary.Rules;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Storage.AppendLog;
using static Tributary.Tests.Unit.Exports.ExportPlace;

namespace Tributary.Tests.Unit.Exports;

/// <summary>What the command line knows of sources and rules whose rows are behind.</summary>
public sealed class LoggedProgressTests
{
    private const string Source = "job/a/0";

    /// <summary>The batches of the tests say of times on a multiple of three seconds that something was missed before.</summary>
    private const long FirstMs = HourMs - (30 * MinuteMs) + 1000;

    private static readonly RuleGroupConfig Group = new("rules.yml", "g");

    [Fact]
    public async Task Source_IsAsFarAsTheLogSays()
    {
        using var place = new ExportPlace();
        await CollectAsync(place, Source, 0, 1, 2);
        var row = new SourceMemory(Source) { IntervalMs = MinuteMs };
        Assert.Equal(FirstMs + (2 * MinuteMs), await ReachedAsync(place, row));
        // One without a row, too; and what the row knows better stays.
        Assert.Equal(FirstMs + (2 * MinuteMs), await ReachedAsync(place, null));
        Assert.Equal(HourMs, await ReachedAsync(place, row with { LastTickMs = HourMs, CompleteUntilMs = HourMs }));
    }

    [Fact]
    public async Task Source_IsNoFurtherThanItsFirstGap()
    {
        using var place = new ExportPlace();
        await CollectAsync(place, Source, 0, 1, 5, 6);
        var row = new SourceMemory(Source) { IntervalMs = MinuteMs };
        Assert.Equal(FirstMs + MinuteMs, await ReachedAsync(place, row));
    }

    [Fact]
    public async Task Source_ThatIsPulled_IsAsFarAsItsRow()
    {
        using var place = new ExportPlace();
        await CollectAsync(place, Source, 0, 1);
        var row = new SourceMemory(Source)
        {
            IntervalMs = MinuteMs,
            CompleteUntilMs = FirstMs - MinuteMs,
            Pull = PullMemory.Empty with { CursorMs = FirstMs - MinuteMs },
        };
        Assert.Equal(FirstMs - MinuteMs, await ReachedAsync(place, row));
    }

    [Fact]
    public async Task Group_IsEvaluatedAsTheLogSays_AndARareOneAsItsRowSays()
    {
        using var place = new ExportPlace();
        await CollectAsync(place, SourceKey.RulesOf(Group.File, Group.Name), 0, 1);
        var rare = new RuleGroupConfig("rules.yml", "rare") { Interval = TimeSpan.FromHours(6) };
        var rows = new GroupRows(place.Tables);
        await rows.WriteAsync(SourceKey.RulesOf(rare.File, rare.Name), new GroupRow(FirstMs - 5, []), Token);
        var progress = await LoggedProgress.ReadAsync(place.Blobs, place.Time, Token);
        Assert.Equal(
            [FirstMs + MinuteMs, FirstMs - 5, 0],
            (await progress.GroupsAsync([Group, rare, Group with { Name = "other" }], place.Tables, Token)).Select(
                group => group.LastEvaluationMs
            )
        );
        Assert.Empty(progress.Sources([]));
    }

    [Fact]
    public async Task Run_ThatReachesBackBeforeTheFirstCollect_IsComplete_AndOneBeforeAnyIsOpen()
    {
        using var place = new ExportPlace();
        var daily = Config(
            """
            interval: 1h
            match: [m]
            range: 24h
            destination: exports/{name}/{date}/{time}.csv
            """
        );
        place.Memory = new SourceMemory(Source);
        var first = (await place.Job().RunAsync(daily, HourMs, force: true, null, Token)).Manifest!;
        Assert.Equal((false, true), (first.IsComplete, Assert.Single(first.Gaps).IsOpen));
        Assert.Equal(0, Assert.Single(first.Sources).WatermarkMs);
        var text = await place.TextAsync(first.Output + ExportManifest.Suffix);
        Assert.Contains("\"watermark\": null", text, StringComparison.Ordinal);
        Assert.DoesNotContain("1970", text, StringComparison.Ordinal);
        Assert.Equal(first.ToBytes(), ExportManifest.Read(System.Text.Encoding.UTF8.GetBytes(text))!.ToBytes());
        place.Memory = place.Memory with { CompleteUntilMs = HourMs };
        var second = (await place.Job().RunAsync(daily, HourMs, force: true, null, Token)).Manifest!;
        Assert.Equal((true, 0), (second.IsComplete, second.Gaps.Count));
    }

    private static async Task<long> ReachedAsync(ExportPlace place, SourceMemory? row)
    {
        var progress = await LoggedProgress.ReadAsync(place.Blobs, place.Time, Token);
        return Assert
            .Single(progress.Sources(row is null ? [] : [(row, new SourceGaps(Source))]))
            .Memory.CompleteUntilMs;
    }

    private static async Task CollectAsync(ExportPlace place, string source, params int[] minutes)
    {
        foreach (var atMs in minutes.Select(minute => FirstMs + (minute * MinuteMs)))
        {
            await place.AppendAsync(
                LogBatches.Of(source, atMs, LogBatches.Columns((LabelSet.Of("__name__", "m"), atMs, 1)))
            );
        }
    }
}
