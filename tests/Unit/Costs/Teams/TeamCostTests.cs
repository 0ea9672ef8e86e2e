using Tributary.Stores;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>The bills of docs/cost.md, by days that run in virtual time.</summary>
public sealed class TeamCostTests(ITestOutputHelper output)
{
    /// <summary>The hours that stand for a day where the whole day brings nothing else.</summary>
    private const int Hours = 1;

    /// <summary>
    /// The two rules of <c>bicep/modules/alerts.bicep</c>, dollars a month: 1.50 for one that looks every five minutes, 0.50 for
    /// one every fifteen (https://azure.microsoft.com/pricing/details/monitor/, alert rules).
    /// </summary>
    private const double AlertRules = 2;

    [Fact]
    public async Task TeamTwo_WholeDay_CostsLessThanFiveDollarsAMonth()
    {
        var day = await RunAsync(ReferenceTeam.Two, 24);
        Assert.InRange(day.Bill(withGrants: true).Amount, 0.5, 2.5);
        Assert.InRange(day.Bill(withGrants: true).Amount + AlertRules, 0.5, 5);
        Assert.InRange(day.Bill(withGrants: false).Amount, 0.5, 5);
        AssertDay(day);
        AssertSteady(day);
        TeamTable.AssertRow("2", day);
    }

    [Fact]
    public async Task TeamTwo_Every15s_CostsLessThanTenDollarsAMonthWithAnInstanceThatIsReady()
    {
        var day = await RunAsync(ReferenceTeam.TwoOften, Hours);
        Assert.InRange(day.Bill(withGrants: true).Amount, 7, 10);
        Assert.InRange(day.Bill(withGrants: false).Amount, 7, 12.5);
        TeamTable.AssertRow("2 at 15 s", day);
    }

    [Fact]
    public async Task TeamTwo_Every15sPulledOnceAMinute_CostsLessThanFiveDollarsAMonth()
    {
        var day = await RunAsync(ReferenceTeam.TwoPulled, Hours);
        Assert.InRange(day.Bill(withGrants: true).Amount, 1, 5);
        TeamTable.AssertRow("2 at 15 s, pulled once a minute", day);
    }

    [Fact]
    public async Task TeamTwo_EvaluatingByItself_CostsMore()
    {
        var day = await RunAsync(ReferenceTeam.TwoApart, Hours);
        Assert.InRange(day.Bill(withGrants: true).Amount, 2, 3.5);
        TeamTable.AssertRow("2, Evaluate by itself", day);
    }

    [Fact]
    public async Task TeamTwo_WithoutExports_CostsLess()
    {
        var day = await RunAsync(ReferenceTeam.TwoWithoutExports, Hours);
        Assert.False(day.Tallies.ContainsKey("Export"));
        TeamTable.AssertRow("2, without exports", day);
    }

    [Fact]
    public async Task TeamOne_CostsWhatThePageSays()
    {
        TeamTable.AssertRow("1", await RunAsync(ReferenceTeam.One, Hours));
        TeamTable.AssertRow("1, pulled once a minute", await RunAsync(ReferenceTeam.OnePulled, Hours));
    }

    [Fact]
    public async Task TeamThree_CostsWhatThePageSays() =>
        TeamTable.AssertRow("3", await RunAsync(ReferenceTeam.Three, Hours));

    private async Task<TeamDay> RunAsync(ReferenceTeam team, int hours)
    {
        var day = await TeamDay.RunAsync(team, hours);
        output.WriteLine(day.Describe());
        return day;
    }

    /// <summary>What a day of team 2 does to the store: the most of each class, by function.</summary>
    private static void AssertDay(TeamDay day)
    {
        (string Function, OperationClass Class, int Most)[] most =
        [
            // An append for the samples and one for the rules each minute, a new file each hour and window.
            ("Collect", OperationClass.BlobWrite, 2_960),
            ("Collect", OperationClass.BlobList, 460),
            ("Collect", OperationClass.BlobRead, 3_400),
            ("Compact", OperationClass.BlobWrite, 160),
            ("Compact", OperationClass.BlobList, 220),
            ("http", OperationClass.BlobList, 1_000),
            ("http", OperationClass.BlobRead, 6_000),
        ];
        Assert.All(most, one => Assert.InRange(day.Tallies[one.Function].Product[one.Class], 1, one.Most));
        Assert.Equal(1_440, day.Tallies["Collect"].Invocations);
        Assert.Equal(24, day.Tallies["Compact"].Invocations);
        Assert.Equal(288, day.Tallies["Export"].Invocations);
        Assert.Equal(9_600, day.Tallies["http"].Invocations);
    }

    /// <summary>Steady minutes: with an instance that has lived for some, eight operations, two of them dear, and now and then a list.</summary>
    private static void AssertSteady(TeamDay day)
    {
        var last = day.Tallies["Collect"].Last.TakeLast(50).ToList();
        // The samples and the rules' results are appended; configuration and file of rules are looked at; how far the sources
        // are is written, and read before, also for the rules; the manifest is looked at for a query of the rules.
        var steady =
            OperationCounts.Of(OperationClass.BlobWrite, 2)
            + OperationCounts.Of(OperationClass.BlobRead, 2)
            + OperationCounts.Of(OperationClass.TableWrite, 1)
            + OperationCounts.Of(OperationClass.TableRead, 3);
        Assert.True(last.Count(one => one == steady) >= 28, string.Join('\n', last));
        Assert.True(last.Sum(one => one[OperationClass.BlobList]) <= 13, string.Join('\n', last));
        // A dashboard with ten panels: one list of the log, however many queries.
        Assert.All(day.Tallies["http"].Last.TakeLast(30), one => Assert.InRange(one[OperationClass.BlobList], 0, 1));
    }
}
