namespace Tributary.Tests.Unit.Costs.Teams;

public sealed class TeamCostTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Explore()
    {
        foreach (var shared in new[] { false, true })
        {
            var day = await TeamDay.RunAsync(ReferenceTeam.Two with { IsShared = shared }, 3);
            output.WriteLine($"shared {shared}\n{day.Describe()}");
            output.WriteLine(string.Join("\n", day.Tallies["Collect"].Last.TakeLast(12)));
            output.WriteLine(string.Join("\n", day.Tallies["http"].Last.TakeLast(5)));
        }
    }
}
