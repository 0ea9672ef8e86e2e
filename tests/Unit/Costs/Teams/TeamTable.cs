using System.Globalization;

namespace Tributary.Tests.Unit.Costs.Teams;

/// <summary>The table of docs/cost.md: a row for each team, its last two columns the bill with and without the free grants.</summary>
internal static class TeamTable
{
    /// <summary>How far the page may be off: chance decides about some reads.</summary>
    private const double Tolerance = 0.1;

    public static void AssertRow(string team, TeamDay day)
    {
        var row = File.ReadLines(Path.Combine(Repository.Root, "docs", "cost.md"))
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Single(cells => cells.Length > 4 && cells[1] == team);
        Assert.Equal(Amount(row[^3]), day.Bill(withGrants: true).Amount, Tolerance);
        Assert.Equal(Amount(row[^2]), day.Bill(withGrants: false).Amount, Tolerance);
    }

    private static double Amount(string cell) => double.Parse(cell.Trim('*', '$', ' '), CultureInfo.InvariantCulture);
}
