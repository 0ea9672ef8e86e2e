using Tributary.Federation;
using Tributary.Model;
using Tributary.PromQL.Selectors;

namespace Tributary.Tests.Unit.Federation;

public sealed class NameRangeTests
{
    private const int Rounds = 150;
    private const int NamesPerRound = 60;

    private static readonly string[] Units =
    [
        "a",
        "b",
        "x",
        "z",
        "_",
        "_sum",
        "_count",
        "_bucket",
        ":",
        "0",
        "A",
        "é",
        ".",
        "\ue000",
        "\ud7ff",
        "😀",
        "\n",
        "\U0010FFFF",
    ];

    public static readonly TheoryData<string, string, bool> Sides = new()
    {
        { "http_requests", "http", false },
        { "http_requests", "http_bucket", false },
        { "http_requests", "http_sum", false },
        { "http_requests", "http_sum_sum", false },
        { "http_requests", "http_requests", true },
        { "http_requests", "http_requests_sum", true },
        { "http_requests", "http_sumo", true },
        { "http_requests", "http_t", true },
        { "node2", "node_sum", false },
        { "node2", "node_total", true },
        { "x_sum", "x_sum", false },
        { "x_sum", "x_sum_total", true },
        { "a", "_sum", false },
        { "_sum", "_sum", true },
    };

    [Theory]
    [MemberData(nameof(Sides))]
    public void Cut_HasEveryNameOfAFamilyOnOneSide(string cut, string name, bool isBehind)
    {
        var (before, behind) = (new NameRange(null, cut), new NameRange(cut, null));
        Assert.Equal((!isBehind, isBehind), (before.Contains(name), behind.Contains(name)));
        Assert.Equal((!isBehind, isBehind), (Matches(before, name), Matches(behind, name)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Ranges_HaveEveryNameExactlyOnce_AndFamiliesWhole(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < Rounds; round++)
        {
            var cuts = new SortedSet<string>(Comparer<string>.Create(Utf8Order.Compare));
            for (var count = random.Next(1, 5); count > 0; count--)
            {
                cuts.Add(Name(random));
            }
            var ranges = SplitPlan.RangesOf([.. cuts]).ToList();
            Assert.Equal(cuts.Count + 1, ranges.Count);
            for (var i = 0; i < NamesPerRound; i++)
            {
                var name =
                    random.Next(4) == 0 ? cuts.ElementAt(random.Next(cuts.Count)) + Suffix(random) : Name(random);
                var range = Assert.Single(ranges, range => Matches(range, name));
                Assert.True(range.Contains(name), $"{name} in {range}");
                Assert.True(Matches(range, MetricFamily.StemOf(name)), $"{name} without its stem in {range}");
            }
        }
    }

    [Fact]
    public void All_HasNoConditions() => Assert.Empty(NameRange.All.Matchers());

    [Fact]
    public void Matchers_OfARealRange_AreShort()
    {
        var range = new NameRange("container_network_r", "kube_pod_status_");
        Assert.InRange(range.Matchers().Sum(matcher => matcher.ToString().Length), 1, 1500);
    }

    private static bool Matches(NameRange range, string name) => range.Matchers().All(matcher => matcher.Matches(name));

    private static string Name(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 5)).Select(_ => Units[random.Next(Units.Length)]));

    private static string Suffix(Random random) =>
        string.Concat(
            Enumerable
                .Range(0, random.Next(3))
                .Select(_ => random.GetItems<string>(["_sum", "_count", "_bucket"], 1)[0])
        );
}
