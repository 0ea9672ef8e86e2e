using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Exports;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Rules;
using static Tributary.Tests.Unit.Exports.ExportPlace;

namespace Tributary.Tests.Unit.Exports;

/// <summary>Runs of what rules record wait for the rules.</summary>
public sealed class ExportRulesTests
{
    private const string Hourly = """
        interval: 1h
        query: sum(m)
        range: 1h
        step: 20m
        wait: 10m
        destination: exports/{name}/{date}/{time}.csv
        """;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly RuleGroupConfig Group = GroupOf(Recording("m"));

    [Fact]
    public async Task Run_WaitsForTheEvaluationOfItsTime()
    {
        using var place = await DueAsync();
        var config = Config(Hourly);
        place.Groups = [Evaluated(place.NowMs - MinuteMs)];
        Assert.Equal((0, 1), Counts(await place.PassAsync(config)));
        place.Groups = [Evaluated(place.NowMs)];
        Assert.True(Assert.Single((await place.PassAsync(config)).Written).IsComplete);
    }

    [Fact]
    public async Task Run_WaitsNoLongerThanItMay_AndIsWrittenAgainBehindTheEvaluation()
    {
        using var place = await DueAsync();
        var config = Config(Hourly);
        var timeMs = place.NowMs;
        place.Groups = [Evaluated(timeMs - MinuteMs)];
        place.Time.Advance(TimeSpan.FromMinutes(10));
        var first = Assert.Single((await place.PassAsync(config)).Written);
        Assert.False(first.IsComplete);
        Assert.Equal(
            new ExportGap(
                SourceKey.RulesOf("rules.yml", "g"),
                timeMs - MinuteMs,
                timeMs,
                IsOpen: true,
                "the rules are not evaluated up to here yet"
            ),
            Assert.Single(first.Gaps)
        );
        Assert.Equal((0, 0), Counts(await place.PassAsync(config)));
        place.Groups = [Evaluated(timeMs)];
        Assert.True(Assert.Single((await place.PassAsync(config)).Written).IsComplete);
        Assert.Equal((0, 0), Counts(await place.PassAsync(config)));
    }

    [Fact]
    public async Task Run_WithAQueryOffset_WaitsForTheEvaluationThatManyLater()
    {
        using var place = await DueAsync();
        var config = Config(Hourly);
        var timeMs = place.NowMs;
        var late = Group with { QueryOffset = TimeSpan.FromMinutes(2) };
        place.Groups = [Evaluated(timeMs + MinuteMs, late)];
        place.Time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal((0, 1), Counts(await place.PassAsync(config)));
        place.Groups = [Evaluated(timeMs + (2 * MinuteMs), late)];
        Assert.True(Assert.Single((await place.PassAsync(config)).Written).IsComplete);
    }

    [Fact]
    public async Task Run_BetweenTwoEvaluations_NeedsTheFirstOnly()
    {
        using var place = await DueAsync();
        var daily = Group with { Interval = TimeSpan.FromDays(1) };
        var lastMs = TickSchedule.Aligned.TickAtOrBefore("any", daily.Interval, place.NowMs);
        place.Groups = [Evaluated(lastMs, daily)];
        Assert.True(Assert.Single((await place.PassAsync(Config(Hourly))).Written).IsComplete);
    }

    [Fact]
    public async Task Evaluations_ThatWereLeftOut_AreNotWaitedFor()
    {
        using var place = await DueAsync();
        var timeMs = place.NowMs;
        place.Groups = [Evaluated(timeMs - MinuteMs)];
        place.Time.Advance(Hour + TimeSpan.FromMinutes(3));
        var late = (await place.PassAsync(Config(Hourly))).Written;
        Assert.Equal("the rules were not evaluated then", Assert.Single(late[0].Gaps).Reason);
        Assert.False(late[0].Gaps[0].IsOpen);
        // Of a group of which nothing is known, nothing was missed.
        place.Groups = [new RuleGroupStatus(Group)];
        Assert.Empty((await RunAsync(place, timeMs)).Gaps);
    }

    [Theory]
    [InlineData("m", true)]
    [InlineData("{__name__=~'m|n'}", true)]
    [InlineData("{job='a'}", true)]
    [InlineData("other", false)]
    [InlineData("m{team='a'}", true)]
    [InlineData("m{team='b'}", false)]
    [InlineData("m{gone='x'}", false)]
    [InlineData("m{gone=''}", true)]
    [InlineData("ALERTS{alertname='Down',alertstate='firing'}", true)]
    [InlineData("ALERTS_FOR_STATE{severity='any'}", true)]
    [InlineData("ALERTS{alertname='Up'}", false)]
    [InlineData("{alertname='Up', job='a'}", true)]
    public void Selector_TouchesWhatARuleCanGive(string selector, bool isTouched) =>
        Assert.Equal(
            isTouched,
            RuleCoverage.IsTouched(
                [SelectorParser.Parse(selector)],
                GroupOf(
                    Recording("m", new Label("gone", ""), new Label("team", "a")),
                    new RuleConfig
                    {
                        Alert = "Down",
                        Expression = QueryParser.Parse("up == 0", ParserOptions.All),
                        Labels = [new Label("severity", "{{ $value }}")],
                    }
                )
            )
        );

    private static RuleGroupConfig GroupOf(params RuleConfig[] rules) => new("rules.yml", "g") { Rules = rules };

    private static RuleConfig Recording(string name, params Label[] labels) =>
        new()
        {
            Record = name,
            Expression = QueryParser.Parse("up", ParserOptions.All),
            Labels = labels,
        };

    private static RuleGroupStatus Evaluated(long atMs, RuleGroupConfig? group = null) =>
        new(group ?? Group) { LastEvaluationMs = atMs };

    private static (int Written, int Waiting) Counts(ExportPass pass) => (pass.Written.Count, pass.Waiting);

    private static async Task<ExportManifest> RunAsync(ExportPlace place, long timeMs) =>
        (await place.Job().RunAsync(Config(Hourly), timeMs, force: true, null, ExportPlace.Token)).Manifest!;

    /// <summary>A store with an export whose next run is due now, of sources that are all there.</summary>
    private static async Task<ExportPlace> DueAsync()
    {
        var place = new ExportPlace();
        await place.FillAsync(HourMs - (60 * MinuteMs), HourMs);
        await place.PassAsync(Config(Hourly));
        place.Time.Advance(Hour);
        place.Memory = place.Memory with { CompleteUntilMs = place.NowMs + (10 * 60 * MinuteMs) };
        return place;
    }
}
