namespace Tributary.Tests.Unit.Bicep;

/// <summary>
/// The templates of <c>bicep/</c> against the grammar, themselves, and the rest of the project; and the checker that says so
/// against mistakes that are made on purpose.
/// </summary>
public sealed class BicepTests(BicepChecker checker) : IClassFixture<BicepChecker>
{
    /// <summary>More findings than this would hide the one that counts.</summary>
    private const int MostFindings = 8;

    public static TheoryData<string> Mistakes => [.. PlantedMistake.All.Select(mistake => mistake.Name)];

    [Fact]
    public async Task Templates_AsTheyAre_HaveNoFinding() => Assert.Equal((0, ""), await BicepChecker.RunByHandAsync());

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task Mistake_IsFoundAtItsPlace(string name)
    {
        var index = PlantedMistake.All.Select(one => one.Name).ToList().IndexOf(name);
        var mistake = PlantedMistake.All[index];
        Assert.Null(mistake.Problem);
        var findings = await checker.FindingsAsync(index);
        Assert.Contains(
            findings,
            finding =>
                finding.StartsWith($"{mistake.Place}: ", StringComparison.Ordinal)
                && finding.Contains(mistake.Says, StringComparison.Ordinal)
        );
        Assert.InRange(findings.Length, 1, MostFindings);
    }
}
