using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Tests.Unit.Rules;

public sealed class AlertEvaluationTests
{
    private const string Rule = """
          rules:
          - alert: A
            expr: m > 0
            for: 2m
            labels: {severity: page}
            annotations: {text: fixed}
        """;

    [Fact]
    public async Task Alert_IsPendingThenFiresThenEnds_WithItsSeries()
    {
        using var place = new RulePlace(Rule);
        foreach (var (minute, value) in new[] { (0, 1), (1, 1), (2, 1), (3, 0), (4, 0) })
        {
            place.Add(minute, "m", value, "i", "1");
        }

        await place.EvaluateAsync(0);
        Assert.Equal(
            """
            ALERTS_FOR_STATE{alertname="A", i="1", severity="page"} since 0 @0
            ALERTS{alertname="A", alertstate="pending", i="1", severity="page"} 1 @0
            """,
            place.Written
        );
        await place.EvaluateAsync(1);
        await place.EvaluateAsync(2);
        Assert.Equal(
            """
            ALERTS_FOR_STATE{alertname="A", i="1", severity="page"} since 0 @2
            ALERTS{alertname="A", alertstate="firing", i="1", severity="page"} 1 @2
            ALERTS{alertname="A", alertstate="pending", i="1", severity="page"} stale @2
            """,
            place.Written
        );
        var firing = Assert.Single(place.State.Rules[0].Alerts);
        Assert.Equal((RulePlace.At(0), RulePlace.At(2), 1.0), (firing.ActiveAtMs, firing.FiredAtMs, firing.Value));
        Assert.Equal([new Label("text", "fixed")], firing.Annotations);

        await place.EvaluateAsync(3);
        Assert.Equal(
            """
            ALERTS_FOR_STATE{alertname="A", i="1", severity="page"} stale @3
            ALERTS{alertname="A", alertstate="firing", i="1", severity="page"} stale @3
            """,
            place.Written
        );
        var resolved = Assert.Single(place.State.Rules[0].Alerts);
        Assert.Equal((AlertState.Inactive, RulePlace.At(3)), (resolved.State, resolved.ResolvedAtMs));
        await place.EvaluateAsync(4);
        Assert.Equal("", place.Written);
    }

    [Fact]
    public async Task Alert_ThatIsOver_IsKeptForAQuarterOfAnHour_AndOneThatNeverFiredIsNot()
    {
        using var place = new RulePlace(Rule);
        place.Add(0, "m", 1, "i", "fires");
        place.Add(4, "m", 0, "i", "fires");
        place.Add(3, "m", 1, "i", "pends");
        place.Add(4, "m", 0, "i", "pends");
        for (var minute = 0; minute <= 4; minute++)
        {
            await place.EvaluateAsync(minute);
        }
        Assert.Equal("""{alertname="A", i="fires", severity="page"} inactive 0""", place.Alerts);

        await place.EvaluateAsync(4 + 15);
        Assert.NotEmpty(place.Alerts);
        await place.EvaluateAsync(4 + 16);
        Assert.Empty(place.Alerts);
    }

    [Fact]
    public async Task Alert_WithKeepFiringFor_GoesOnForThatLong_AndBeginsAnewWhenItComesBack()
    {
        using var place = new RulePlace("  rules: [{alert: A, expr: m > 0, keep_firing_for: 2m}]");
        foreach (var (minute, value) in new[] { (0, 1), (1, 0), (2, 1), (3, 0) })
        {
            place.Add(minute, "m", value);
        }
        var states = new List<string>();
        for (var minute = 0; minute <= 6; minute++)
        {
            await place.EvaluateAsync(minute);
            states.Add(ResultLabels.NameOf(place.State.Rules[0].Alerts[0].State));
        }

        Assert.Equal(["firing", "firing", "firing", "firing", "firing", "inactive", "inactive"], states);
    }

    [Fact]
    public async Task Alert_WhenForBecomesLonger_IsPendingAgain()
    {
        using var place = new RulePlace("  rules: [{alert: A, expr: m}]");
        place.Add(0, "m", 1);
        await place.EvaluateAsync(0);
        Assert.Equal("""{alertname="A"} firing 0""", place.Alerts);

        place.Change("  rules: [{alert: A, expr: m, for: 3m}]");
        await place.EvaluateAsync(1);
        Assert.Equal("""{alertname="A"} pending 0""", place.Alerts);
        Assert.Contains(
            """ALERTS{alertname="A", alertstate="firing"} stale @1""",
            place.Written,
            StringComparison.Ordinal
        );

        await place.EvaluateAsync(3);
        Assert.Equal("""{alertname="A"} firing 0""", place.Alerts);
    }

    [Fact]
    public async Task Alert_AboveTheLimit_AllBeginAnew()
    {
        using var place = new RulePlace("  limit: 1\n  rules: [{alert: A, expr: m > 0, for: 1m}]");
        place.Add(0, "m", 1, "i", "1");
        await place.EvaluateAsync(0);
        place.Add(1, "m", 1, "i", "2");

        await place.EvaluateAsync(1);
        Assert.Equal(("exceeded limit of 1 with 2 alerts", "", ""), (place.Errors, place.Written, place.Alerts));

        place.Add(2, "m", 0, "i", "2");
        place.Add(2, "m", 1, "i", "1");
        await place.EvaluateAsync(2);
        Assert.Equal("""{alertname="A", i="1"} pending 2""", place.Alerts);
    }

    [Fact]
    public async Task Alert_OfAQueryThatFails_StaysAsItIs()
    {
        using var place = new RulePlace("  rules: [{alert: A, expr: 'm * on () n'}]");
        place.Add(0, "m", 1);
        place.Add(0, "n", 1);
        await place.EvaluateAsync(0);
        place.Add(1, "n", 1, "j", "2");

        await place.EvaluateAsync(1);

        Assert.Equal(("""{alertname="A"} firing 0""", ""), (place.Alerts, place.Written));
        Assert.Equal(RuleHealth.Bad, place.Outcome!.Rules[0].Health);
    }

    public static TheoryData<int, int, double> Outages =>
        new()
        {
            // pending for so many minutes, then down for so many; since when it is active behind that, in minutes
            { 25, 10, 15 }, // 5 of 30 minutes are left, less than the grace period of 10: it fires in 10
            { 15, 10, 10 }, // 15 are left: the outage does not count
            { 35, 10, 0 }, // it fired before
            { 15, 61, 76 }, // too long: it begins anew
        };

    [Theory]
    [MemberData(nameof(Outages))]
    public async Task First_GivesAlertsTheTimeFromBeforeTheOutage(int pending, int down, double sinceMinute)
    {
        using var place = new RulePlace("  rules: [{alert: A, expr: m > 0, for: 30m, labels: {x: y}}]");
        for (var minute = 0; minute <= pending; minute++)
        {
            place.Add(minute, "m", 1);
            await place.EvaluateAsync(minute);
        }
        var back = pending + down;
        place.Add(back, "m", 1);
        place.State = GroupState.New(place.Group);

        await place.EvaluateAsync(back, isFirst: true);

        var alert = Assert.Single(place.State.Rules[0].Alerts);
        Assert.Equal(sinceMinute, (alert.ActiveAtMs - RulePlace.StartMs) / (double)RulePlace.MinuteMs);
        Assert.Equal(pending > 30 ? AlertState.Firing : AlertState.Pending, alert.State);
    }

    [Fact]
    public async Task First_AnAlertThatHadEnded_BeginsAnew()
    {
        using var place = new RulePlace("  rules: [{alert: A, expr: m > 0, for: 30m}]");
        foreach (var (minute, value) in new[] { (0, 1), (1, 0), (5, 1) })
        {
            place.Add(minute, "m", value);
        }
        await place.EvaluateAsync(0);
        await place.EvaluateAsync(1);
        place.State = GroupState.New(place.Group);

        await place.EvaluateAsync(5, isFirst: true);

        Assert.Equal("""{alertname="A"} pending 5""", place.Alerts);
    }
}
