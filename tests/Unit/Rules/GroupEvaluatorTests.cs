using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Tests.Unit.Rules;

public sealed class GroupEvaluatorTests
{
    [Fact]
    public async Task Evaluate_RecordsUnderTheNameAndLabels_AndLaterRulesSeeIt()
    {
        using var place = new RulePlace(
            """
              labels: {team: a, kind: group}
              rules:
              - {record: "job:m:sum", expr: sum by (job) (m), labels: {kind: rule}}
              - {record: twice, expr: "2 * job:m:sum"}
              - {record: "one", expr: "1"}
            """
        );
        place.Add(0, "m", 1, "job", "x", "i", "1");
        place.Add(0, "m", 2, "job", "x", "i", "2");

        await place.EvaluateAsync(0);

        Assert.Equal(
            """
            job:m:sum{job="x", kind="rule", team="a"} 3 @0
            one{kind="group", team="a"} 1 @0
            twice{job="x", kind="group", team="a"} 6 @0
            """,
            place.Written
        );
        Assert.All(place.Outcome!.Rules, rule => Assert.Equal(RuleHealth.Good, rule.Health));
    }

    [Fact]
    public async Task Evaluate_LaterRules_SeeTheResultOfThisTimeAndNotTheStoredOneOfIt()
    {
        using var place = new RulePlace("  rules: [{record: a, expr: m}, {record: b, expr: 'a + 0'}]");
        place.Add(0, "m", 1);
        place.Add(0, "a", 100);

        await place.EvaluateAsync(0);

        Assert.Equal("a{} 1 @0\nb{} 1 @0", place.Written);
    }

    [Fact]
    public async Task Evaluate_WithQueryOffset_LooksBackAndWritesAtThatTime()
    {
        using var place = new RulePlace("  query_offset: 2m\n  rules: [{record: a, expr: m}]");
        place.Add(1, "m", 1);
        place.Add(2, "m", 2);

        await place.EvaluateAsync(3);

        Assert.Equal("a{} 1 @1", place.Written);
    }

    [Fact]
    public async Task Evaluate_SeriesThatVanish_End_AndThoseOfARuleThatIsGone()
    {
        const string Both = "  rules: [{record: a, expr: m > 0}, {record: b, expr: m}]";
        using var place = new RulePlace(Both);
        place.Add(0, "m", 1, "i", "1");
        place.Add(0, "m", 1, "i", "2");
        await place.EvaluateAsync(0);
        place.Add(1, "m", 0, "i", "1");
        place.Add(1, "m", 1, "i", "2");

        await place.EvaluateAsync(1);
        Assert.Equal("""a{i="1"} stale @1""", place.Written.Split('\n')[0]);
        Assert.Single(place.Written.Split('\n'), line => line.Contains("stale", StringComparison.Ordinal));

        place.Change("  rules: [{record: a, expr: m > 0}]");
        await place.EvaluateAsync(2);
        Assert.Equal(
            """
            a{i="2"} 1 @2
            b{i="1"} stale @2
            b{i="2"} stale @2
            """,
            place.Written
        );

        await place.EvaluateAsync(3);
        Assert.Equal("""a{i="2"} 1 @3""", place.Written);
    }

    [Fact]
    public async Task Evaluate_ARuleWithoutResult_WritesNothing_AndItsSeriesDoNotEnd()
    {
        using var place = new RulePlace(
            """
              limit: 1
              rules:
              - {record: a, expr: m}
              - {record: b, expr: "m * on () group_left () n"}
              - {record: c, expr: "sum(m)"}
            """
        );
        place.Add(0, "m", 1, "i", "1");
        place.Add(0, "n", 1);
        await place.EvaluateAsync(0);
        place.Add(1, "m", 1, "i", "1");
        place.Add(1, "m", 1, "i", "2");
        place.Add(1, "n", 1);
        place.Add(1, "n", 1, "j", "2");

        await place.EvaluateAsync(1);

        Assert.Equal("c{} 2 @1", place.Written);
        Assert.Equal(
            [RuleHealth.Bad, RuleHealth.Bad, RuleHealth.Good],
            place.Outcome!.Rules.Select(rule => rule.Health)
        );
        Assert.StartsWith(
            "exceeded limit of 1 with 2 series\nfound duplicate series",
            place.Errors,
            StringComparison.Ordinal
        );

        // What it gave before is still its own: it ends when there is a result without it.
        place.Change(
            """
              rules:
              - {record: a, expr: 'm{i="2"}'}
              - {record: b, expr: "vector(1)"}
              - {record: c, expr: "sum(m)"}
            """
        );
        await place.EvaluateAsync(2);
        Assert.Contains("""a{i="1"} stale @2""", place.Written, StringComparison.Ordinal);
        Assert.Contains("""b{i="1"} stale @2""", place.Written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(
        "{record: a, expr: m, labels: {i: ''}}",
        "vector contains metrics with the same labelset after applying rule labels"
    )]
    [InlineData(
        "{alert: A, expr: m, labels: {i: ''}}",
        "vector contains metrics with the same labelset after applying alert labels"
    )]
    [InlineData("{record: a, expr: 'm[5m]'}", "rule result is not a vector or scalar")]
    public async Task Evaluate_WhatPrometheusRefuses_IsRefusedInItsWords(string rule, string error)
    {
        using var place = new RulePlace($"  rules: [{rule}]");
        place.Add(0, "m", 1, "i", "1");
        place.Add(0, "m", 1, "i", "2");

        await place.EvaluateAsync(0);

        Assert.Equal((error, ""), (place.Errors, place.Written));
    }

    [Fact]
    public async Task Evaluate_TwoRulesWithOneSeries_TheFirstCounts()
    {
        using var place = new RulePlace(
            "  rules: [{record: a, expr: '1'}, {record: a, expr: '2'}, {record: a, expr: '1'}]"
        );

        await place.EvaluateAsync(0);

        Assert.Equal("a{} 1 @0", place.Written);
        Assert.Equal(
            [RuleHealth.Good, RuleHealth.Bad, RuleHealth.Good],
            place.Outcome!.Rules.Select(rule => rule.Health)
        );
    }

    [Fact]
    public async Task Evaluate_ASeriesThatGoesFromOneRuleToAnother_DoesNotEnd()
    {
        using var place = new RulePlace("  rules: [{record: a, expr: m > 1}, {record: a, expr: m <= 1}]");
        place.Add(0, "m", 2);
        await place.EvaluateAsync(0);
        place.Add(1, "m", 1);

        await place.EvaluateAsync(1);

        Assert.Equal("a{} 1 @1", place.Written);
    }

    [Fact]
    public async Task Evaluate_SameSeriesAgain_HandsOutTheSameList()
    {
        using var place = new RulePlace("  rules: [{record: a, expr: m}]");
        place.Add(0, "m", 1, "i", "1");
        var first = await place.EvaluateAsync(0);
        var results = new GroupResults(0);
        results.Add([new RuleSample(first.Samples.Series[0], 7)]);

        Assert.Same(first.Samples.Series, results.Samples(first.Samples.Series).Series);
        Assert.NotSame(first.Samples.Series, results.Samples(SeriesList.Empty).Series);
    }
}
