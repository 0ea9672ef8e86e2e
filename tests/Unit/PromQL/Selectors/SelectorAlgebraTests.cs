using Tributary.Model;
using Tributary.PromQL.Selectors;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Selectors;

public sealed class SelectorAlgebraTests
{
    private const int Rounds = 400;
    private const int SeriesPerRound = 60;

    public static readonly TheoryData<string, string, bool> Containments = new()
    {
        { "{__name__=~\".+\"}", "{__name__=~\"job:.*\"}", true },
        { "{__name__=~\"job:.*\"}", "{__name__=~\".+\"}", false },
        { "{job=~\".+\"}", "{job=\"a\"}", true },
        { "{job=~\"a|b\"}", "{job=\"a\",x=\"1\"}", true },
        { "{job=~\"a|b\"}", "{job=~\"a|c\"}", false },
        { "{job=\"\"}", "up", false },
        { "{a=~\".*\"}", "up", true },
        { "{a!=\"1\"}", "{a=~\"2.*\"}", true },
        { "{a=~\"(ab)+\"}", "{a=~\"(abab)+\"}", true },
        { "{a=~\"(abab)+\"}", "{a=~\"(ab)+\"}", false },
        { "up", "{__name__=\"up\"}", true },
        { "up", "{a=\"1\",a=\"2\"}", true },
        { "{a=~\"[^b]+\"}", "{a=~\"[c-é]+\"}", true },
    };

    public static readonly TheoryData<string, string, bool> Sharing = new()
    {
        { "x_bucket", "x_sum", true },
        { "x_bucket", "y_sum", false },
        { "{__name__=~\"x_.*\"}", "{__name__=~\"x[^_]*\"}", true },
        { "{__name__=~\"x_.*\"}", "{__name__=~\"y.*\"}", false },
        { "x_bucket{le=\"1\"}", "x_bucket{le=\"2\"}", true },
        { "{__name__=\"x\",quantile=\"0.5\"}", "x_count", true },
        { "x_bucket{job=\"a\"}", "x_sum{job=\"b\"}", false },
        { "{job=\"a\"}", "{job=\"b\"}", false },
        { "{job=\"a\"}", "{x=\"b\"}", true },
        { "{job=\"a\"}", "{job=\"a\"}", true },
        { "{__name__=~\"job:.*\"}", "{__name__!~\"job:.*\"}", false },
        { "{__name__=~\"job:.*\",job!=\"a\"}", "{job=\"a\"}", false },
    };

    [Theory]
    [MemberData(nameof(Containments))]
    public void Contains_DecidesByLanguages(string outer, string inner, bool expected) =>
        Assert.Equal(
            expected,
            SelectorAlgebra.Contains(SelectorParser.ParseAny(outer), SelectorParser.ParseAny(inner))
        );

    [Theory]
    [MemberData(nameof(Sharing))]
    public void MayShareFamily_DecidesByNamesAndOtherLabels(string left, string right, bool expected)
    {
        Assert.Equal(
            expected,
            SelectorAlgebra.MayShareFamily(SelectorParser.ParseAny(left), SelectorParser.ParseAny(right))
        );
        Assert.Equal(
            expected,
            SelectorAlgebra.MayShareFamily(SelectorParser.ParseAny(right), SelectorParser.ParseAny(left))
        );
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ContainsAndAreDisjoint_WhenTrue_HoldForEverySeries(int seed)
    {
        var samples = new SelectorSamples(seed);
        var (contained, disjoint) = (0, 0);
        for (var round = 0; round < Rounds; round++)
        {
            var (left, right) = (samples.Selector(), samples.Selector());
            var contains = SelectorAlgebra.Contains(left, right);
            var apart = SelectorAlgebra.AreDisjoint(left, right);
            contained += contains ? 1 : 0;
            disjoint += apart ? 1 : 0;
            for (var i = 0; i < SeriesPerRound; i++)
            {
                var series = samples.Series();
                Assert.False(contains && right.Matches(series) && !left.Matches(series), $"{left} ⊇ {right}: {series}");
                Assert.False(apart && right.Matches(series) && left.Matches(series), $"{left} ∩ {right}: {series}");
            }
        }
        Assert.InRange(contained, Rounds / 50, Rounds / 2);
        Assert.InRange(disjoint, Rounds / 50, Rounds / 2);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void MakeDisjoint_EverySeriesIsInExactlyOneOrInNone(int seed)
    {
        var samples = new SelectorSamples(seed);
        var selected = 0;
        for (var round = 0; round < Rounds / 2; round++)
        {
            VectorSelector[] selectors = [.. Enumerable.Range(0, 1 + (round % 4)).Select(_ => samples.Selector())];
            var disjoint = SelectorAlgebra.MakeDisjoint(selectors);
            Assert.NotNull(disjoint);
            for (var i = 0; i < SeriesPerRound; i++)
            {
                var series = samples.Series();
                var expected = selectors.Any(selector => selector.Matches(series)) ? 1 : 0;
                selected += expected;
                Assert.True(
                    expected == disjoint.Count(selector => selector.Matches(series)),
                    $"{string.Join(" ", (object[])selectors)} → {string.Join(" ", disjoint)}: {series}"
                );
            }
        }
        Assert.InRange(selected, Rounds, Rounds * SeriesPerRound);
    }

    [Theory]
    [InlineData(5)]
    [InlineData(6)]
    public void Subtract_LeavesWhatIsNotRemoved_EachOnce(int seed)
    {
        var samples = new SelectorSamples(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var (from, removed) = (samples.Selector(), samples.Selector());
            var pieces = SelectorAlgebra.Subtract(from, removed);
            Assert.DoesNotContain(pieces, SelectorAlgebra.IsEmpty);
            for (var i = 0; i < SeriesPerRound; i++)
            {
                var series = samples.Series();
                var expected = from.Matches(series) && !removed.Matches(series) ? 1 : 0;
                Assert.True(
                    expected == pieces.Count(piece => piece.Matches(series)),
                    $"{from} − {removed} → {string.Join(" ", pieces)}: {series}"
                );
            }
        }
    }

    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    public void MayShareFamily_WhenFalse_NoFamilyIsInBoth(int seed)
    {
        var samples = new SelectorSamples(seed);
        var apart = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (left, right) = (samples.Selector(), samples.Selector());
            if (SelectorAlgebra.MayShareFamily(left, right))
            {
                continue;
            }
            apart++;
            var all = Enumerable.Range(0, SeriesPerRound * 4).Select(_ => samples.Series()).ToList();
            var families = all.Where(left.Matches).Select(FamilyOf).ToHashSet();
            Assert.DoesNotContain(all.Where(right.Matches), series => families.Contains(FamilyOf(series)));
        }
        Assert.InRange(apart, Rounds / 50, Rounds);
    }

    [Fact]
    public void MakeDisjoint_OfTooMany_IsNull()
    {
        VectorSelector[] selectors =
        [
            .. Enumerable.Range(0, 12).Select(i => SelectorParser.ParseAny($"{{a{i}=\"1\",b{i}=\"1\",c{i}=\"1\"}}")),
        ];
        Assert.Null(SelectorAlgebra.MakeDisjoint(selectors, max: 50));
    }

    [Fact]
    public void Contains_OfPatternsTooLargeToCompare_IsFalse()
    {
        var large = new VectorSelector([new LabelMatcher("a", MatchOperator.Regex, "(a|b)*a(a|b){14}")]);
        var larger = new VectorSelector([new LabelMatcher("a", MatchOperator.Regex, "(a|b)*a(a|b){14}|c")]);
        Assert.False(SelectorAlgebra.Contains(larger, large));
        Assert.True(SelectorAlgebra.MayShareFamily(large, larger));
    }

    [Fact]
    public void WithoutContained_DropsWhatAnotherSelects()
    {
        var kept = SelectorAlgebra.WithoutContained([
            SelectorParser.ParseAny("{__name__=~\"job:.*\"}"),
            SelectorParser.ParseAny("{__name__=~\".+\"}"),
            SelectorParser.ParseAny("{job=\"\"}"),
            SelectorParser.ParseAny("{a=\"1\",a=\"2\"}"),
        ]);
        Assert.Equal(["{__name__=~\".+\"}", "{job=\"\"}"], kept.Select(selector => selector.ToString()));
    }

    [Theory]
    [InlineData("x", "x")]
    [InlineData("x_bucket", "x")]
    [InlineData("x_sum_sum", "x")]
    [InlineData("x_total", "x_total")]
    [InlineData("_sum", "_sum")]
    public void StemOf_HasNoSuffixes(string name, string stem) => Assert.Equal(stem, MetricFamily.StemOf(name));

    private static LabelSet FamilyOf(LabelSet series) =>
        LabelSet.Of([
            new Label("__name__", MetricFamily.StemOf(series.MetricName)),
            .. series.Labels.ToArray().Where(label => label.Name is not ("__name__" or "le")),
        ]);
}
