using Tributary.Patterns;

namespace Tributary.Tests.Unit.Patterns;

public sealed class HostilePatternTests
{
    private const long MaxAllocated = 8 << 20;

    [Theory]
    [InlineData("(a+)+b", 5000)]
    [InlineData("(a|aa)+b", 5000)]
    [InlineData("(a*)*b", 5000)]
    [InlineData("((a*)*)*b", 5000)]
    [InlineData("(a+a+)+b", 5000)]
    [InlineData("(a?){500}a{500}b", 2000)]
    [InlineData("(?-s)(.*)(.*)(.*)(.*)(.*)(.*)b", 5000)]
    [InlineData("(a{0,30}){0,30}b", 3000)]
    [InlineData(@"(\ba|\Ba)*b", 5000)]
    public void IsMatch_BacktrackersNightmare_TakesStepsAndMemoryWithinTheProgram(string pattern, int length)
    {
        var parsed = RePattern.Parse(pattern);
        var value = new string('a', length);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(parsed.IsMatch(value, out var steps));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        Assert.InRange(steps, length, 4 * parsed.Syntax.Size * (length + 1));
        Assert.True(parsed.IsMatch(value[..900] + "b"));
    }

    [Fact]
    public void IsMatch_ExponentiallyManyStates_StopsMakingThem()
    {
        var parsed = RePattern.Parse("[ab]*a[ab]{200}");
        var random = new Random(4711);
        var value = string.Concat(Enumerable.Range(0, 20_000).Select(_ => random.Next(2) == 0 ? 'a' : 'b'));
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(value[^201] == 'a', parsed.IsMatch(value, out var steps));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, MaxAllocated);
        Assert.InRange(steps, value.Length, 4 * parsed.Syntax.Size * value.Length);
    }

    [Fact]
    public void IsMatch_SeenBefore_CostsOneStepPerCodePoint()
    {
        var parsed = RePattern.Parse(@"10\.[0-9]+\.[0-9]+:9100");
        const string Value = "10.12.34:9100";
        parsed.IsMatch(Value);
        Assert.True(parsed.IsMatch(Value, out var steps));
        Assert.Equal(Value.Length, steps);
    }

    [Theory]
    [InlineData(999, true)]
    [InlineData(1000, false)]
    [InlineData(200_000, false)]
    public void Parse_NestedGroups_AreBoundedAsInGo(int depth, bool accepted)
    {
        var pattern = new string('(', depth) + "a" + new string(')', depth);
        if (accepted)
        {
            Assert.True(RePattern.Parse(pattern).IsMatch("a"));
        }
        else
        {
            Assert.Equal("expression nests too deeply", Problem(pattern));
        }
    }

    [Fact]
    public void Parse_GroupsThatDoNotCapture_MayNestFreely() =>
        Assert.True(
            RePattern
                .Parse(string.Concat(Enumerable.Repeat("(?:", 50_000)) + "a" + new string(')', 50_000))
                .IsMatch("a")
        );

    [Fact]
    public void Parse_DeepAndBranching_Ends()
    {
        var pattern =
            string.Concat(Enumerable.Repeat("(?:", 450)) + "a" + string.Concat(Enumerable.Repeat("|b+){1}", 450));
        Assert.True(RePattern.Parse(pattern).IsMatch("bb"));
    }

    public static TheoryData<string, string> TooLarge =>
        new()
        {
            { "a program of a million steps", "(?:.*" + new string('x', 1000) + "){1000}" },
            { "many counted parts", string.Concat(Enumerable.Repeat("[0-9]{1000}y*", 300)) },
            { "many classes of many ranges", string.Concat(Enumerable.Repeat(@"\pL", 20_000)) },
            {
                "many different sets",
                string.Concat(Enumerable.Range(0x4E00, 8000).Select(rune => $"[^{(char)rune}]*"))
            },
            { "a long text", new string('a', (1 << 20) + 1) },
        };

    [Theory]
    [MemberData(nameof(TooLarge))]
    public void Parse_MoreThanTheProgramMayHold_IsRefused(string what, string pattern)
    {
        Assert.NotEmpty(what);
        Assert.Equal("expression too large", Problem(pattern));
    }

    private static string Problem(string pattern) =>
        Assert.Throws<PatternException>(() => RePattern.Parse(pattern)).Problem;
}
