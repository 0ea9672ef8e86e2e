using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Storage.Ledger;

/// <summary>What an answer says of what is missing in it.</summary>
public sealed class CompletenessTests
{
    private const long NowMs = 10_000_000;
    private const long ToleranceMs = 50_000;

    private static readonly SourceMemory Fresh = new("job/a/0")
    {
        LastTickMs = NowMs,
        CompleteUntilMs = NowMs,
        ConstantLabels = LabelSet.Of("cluster", "eu", "job", "node"),
    };

    /// <summary>How far the source is, the query's end, and whether that is too far from each other.</summary>
    public static TheoryData<long, long, bool> Ends =>
        new()
        {
            { NowMs, NowMs, false },
            { NowMs - ToleranceMs, NowMs, false },
            { NowMs - ToleranceMs - 1, NowMs, true },
            { NowMs - ToleranceMs - 1, NowMs - 1, false },
            { NowMs - ToleranceMs, NowMs + 3_600_000, false },
            { NowMs - ToleranceMs - 1, NowMs + 3_600_000, true },
            { NowMs - 3_600_000, NowMs - 3_600_000, false },
            { 0, NowMs, false },
        };

    [Theory]
    [MemberData(nameof(Ends))]
    public void Warnings_BeyondTheWatermark_FromTheToleranceOn(long completeMs, long endMs, bool warns)
    {
        var warnings = Of(Fresh with { CompleteUntilMs = completeMs }, [], endMs - 1000, endMs);
        Assert.Equal(warns ? 1 : 0, warnings.Count);
    }

    [Theory]
    [InlineData(2_000_000, 2_999_999, false)]
    [InlineData(2_000_000, 3_000_000, false)]
    [InlineData(2_000_000, 3_000_001, true)]
    [InlineData(3_500_000, 3_500_000, true)]
    [InlineData(3_999_999, 5_000_000, true)]
    [InlineData(4_000_000, 5_000_000, false)]
    public void Warnings_AcrossAGap_OnlyWhereSomethingIsMissing(long startMs, long endMs, bool warns)
    {
        foreach (var state in new[] { GapState.Open, GapState.GivenUp })
        {
            var gap = new SourceGap(3_000_000, 4_000_000, state, "nobody collected then");
            var warnings = Of(Fresh, [gap], startMs, endMs);
            Assert.Equal(
                warns
                    ? "source job/a/0 is not complete in this range: 1970-01-01T00:50:00Z to 1970-01-01T01:06:40Z (nobody collected then)"
                    : "",
                string.Concat(warnings)
            );
        }
        Assert.Empty(Of(Fresh, [new SourceGap(3_000_000, 4_000_000, GapState.Filled, "x")], startMs, endMs));
    }

    [Theory]
    [InlineData("{cluster=\"eu\"}", true)]
    [InlineData("{cluster=~\"e.\",job=\"node\"}", true)]
    [InlineData("{cluster=\"us\"}", false)]
    [InlineData("{job!=\"node\"}", false)]
    [InlineData("{instance=\"x\",cluster!~\"us\"}", true)]
    [InlineData("up", true)]
    public void Touches_ByTheLabelsThatAllSeriesHave(string selector, bool touches)
    {
        var matchers = SelectorParser.ParseAny(selector).Matchers;
        Assert.Equal(touches, Completeness.Touches(matchers, Fresh));
        Assert.True(Completeness.Touches(matchers, new SourceMemory("job/b/0")));
    }

    [Fact]
    public void Warnings_ManySourcesAndGaps_AreBounded()
    {
        var gaps = Enumerable
            .Range(0, 40)
            .Aggregate(
                new SourceGaps("x"),
                (all, i) => all.With(new SourceGap(1000 * i, (1000 * i) + 500, GapState.Open, "failed"))
            );
        var sources = Enumerable
            .Range(0, 30)
            .Select(i => new SourceCompleteness(Fresh with { Source = $"job/{i}/0" }, gaps, ToleranceMs))
            .ToList();
        var completeness = new Completeness(() => sources, new ManualTime(NowMs));
        var warnings = completeness.Warnings([([], new TimeRange(0, NowMs)), ([], new TimeRange(5, NowMs))]);
        Assert.Equal(Completeness.MaxSources + 1, warnings.Count);
        Assert.Contains("and 37 more gaps", warnings[0], StringComparison.Ordinal);
        Assert.StartsWith("25 more sources", warnings[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void Warnings_OfASourceThatFails_SayWhy()
    {
        var failing = Fresh with { CompleteUntilMs = NowMs - 600_000, LastError = "connection refused" };
        Assert.Equal(
            ["source job/a/0 is not complete in this range: from 1970-01-01T02:36:40Z on (connection refused)"],
            Of(failing, [], 0, NowMs)
        );
        Assert.Empty(Of(failing with { LastError = ScrapeReport.LeftConfiguration }, [], 0, NowMs));
    }

    [Fact]
    public void ConstantLabels_AreThoseThatAllSeriesHaveWithOneValue()
    {
        LabelSet[] series =
        [
            LabelSet.Of("__name__", "a", "cluster", "eu", "job", "x"),
            LabelSet.Of("__name__", "b", "cluster", "eu", "job", "x"),
            LabelSet.Of("__name__", "b", "cluster", "eu", "job", "y"),
        ];
        Assert.Equal(LabelSet.Of("cluster", "eu"), ConstantLabels.Of(new SeriesList(series)));
        Assert.Equal(series[0], ConstantLabels.Of(new SeriesList(series[..1])));
        Assert.Equal(LabelSet.Empty, ConstantLabels.Of(SeriesList.Empty));
    }

    private static IReadOnlyList<string> Of(SourceMemory memory, SourceGap[] gaps, long startMs, long endMs)
    {
        var all = gaps.Aggregate(new SourceGaps(memory.Source), (sum, gap) => sum.With(gap));
        var completeness = new Completeness(
            () => [new SourceCompleteness(memory, all, ToleranceMs)],
            new ManualTime(NowMs)
        );
        return completeness.Warnings([([], new TimeRange(startMs, endMs))]);
    }
}
