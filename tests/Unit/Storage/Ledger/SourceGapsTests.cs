using Tributary.Binary;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Ledger;

public sealed class SourceGapsTests
{
    private static readonly SourceGaps None = new("job/a/0");

    /// <summary>Gaps as <c>from-to state</c>, what is added, and what comes of both.</summary>
    public static TheoryData<string, string, string> Additions =>
        new()
        {
            { "", "10-20 open", "10-20 open" },
            { "10-20 open", "10-20 open", "10-20 open" },
            { "10-20 open", "20-30 open", "10-30 open" },
            { "10-20 open", "15-30 open", "10-30 open" },
            { "10-20 open", "21-30 open", "10-20 open, 21-30 open" },
            { "10-20 given", "20-30 open", "10-20 given, 20-30 open" },
            { "10-20 filled", "10-20 open", "10-20 filled" },
            { "10-20 filled", "10-30 open", "10-20 filled, 20-30 open" },
            { "10-20 given", "5-30 filled", "5-30 filled" },
            { "10-40 open", "20-30 filled", "10-20 open, 20-30 filled, 30-40 open" },
            { "10-20 open", "20-20 open", "10-20 open" },
        };

    [Theory]
    [MemberData(nameof(Additions))]
    public void With_OneMore_CutsAndJoins(string before, string added, string after)
    {
        var gaps = Of(before);
        Assert.Equal(after, Text(Parse(added).Aggregate(gaps, (sum, gap) => sum.With(gap))));
        Assert.Equal(after, Text(gaps.Merge(Of(added))));
        Assert.Equal(after, Text(Of(added).Merge(gaps)));
    }

    [Theory]
    [InlineData("10-20 open", 12, 15, "10-12 open, 12-15 filled, 15-20 open")]
    [InlineData("10-20 open", 0, 100, "10-20 filled")]
    [InlineData("10-20 given", 0, 15, "10-15 filled, 15-20 given")]
    [InlineData("10-20 open", 20, 30, "10-20 open")]
    [InlineData("", 0, 100, "")]
    public void Raise_AnInterval_TouchesOnlyGaps(string before, long fromMs, long toMs, string after) =>
        Assert.Equal(after, Text(Of(before).Raise(fromMs, toMs, GapState.Filled, "")));

    [Fact]
    public void Raise_ToALowerState_ChangesNothing()
    {
        var filled = Of("10-20 filled");
        Assert.Same(filled, filled.Raise(0, 100, GapState.GivenUp, "too old"));
    }

    /// <summary>Whoever hears of what in whatever order comes to the same.</summary>
    [Fact]
    public void Merge_InAnyOrder_IsTheSame()
    {
        var random = new Random(7);
        for (var round = 0; round < 500; round++)
        {
            var parts = Enumerable.Range(0, 4).Select(_ => Any(random)).ToList();
            var forward = parts.Aggregate((sum, next) => sum.Merge(next));
            var backward = Enumerable.Reverse(parts).Aggregate((sum, next) => sum.Merge(next));
            var paired = parts[0].Merge(parts[1]).Merge(parts[2].Merge(parts[3]));
            Assert.Equal(States(forward), States(backward));
            Assert.Equal(States(forward), States(paired));
            Assert.Equal(States(forward), States(forward.Merge(parts[round % 4])));
            for (var at = 0; at < 60; at++)
            {
                var highest = parts.Max(part => StateAt(part, at));
                Assert.Equal(highest, StateAt(forward, at));
            }
        }
    }

    [Fact]
    public void With_TooMany_DropsTheOldestThatAreSettled()
    {
        var gaps = None.With(new SourceGap(1, 5, GapState.Open, "kept"));
        for (var i = 0; i < 2 * SourceGaps.MaxGaps; i++)
        {
            gaps = gaps.With(new SourceGap(10 + (10 * i), 15 + (10 * i), GapState.GivenUp, "failed", "no history"));
        }
        Assert.Equal((SourceGaps.MaxGaps, SourceGaps.MaxGaps + 1L), (gaps.All.Count, gaps.Dropped));
        Assert.Equal(1, gaps.OldestOpenMs);
    }

    [Fact]
    public void With_TooManyOpen_JoinsTheNearest()
    {
        var gaps = None;
        for (var i = 0; i <= SourceGaps.MaxGaps; i++)
        {
            gaps = gaps.With(new SourceGap(1000 * i, (1000 * i) + (i == 7 ? 900 : 100), GapState.Open, "failed"));
        }
        Assert.Equal((SourceGaps.MaxGaps, 0L), (gaps.All.Count, gaps.Dropped));
        Assert.Contains(gaps.All, gap => gap is { FromMs: 7000, ToMs: 8100 });
    }

    [Fact]
    public void Without_ATime_DropsSettledOnesBeforeIt()
    {
        var gaps = Of("10-20 open, 20-30 filled, 40-50 given, 60-70 filled");
        Assert.Equal("10-20 open, 40-50 given, 60-70 filled", Text(gaps.Without(50)));
        Assert.Same(gaps, gaps.Without(30));
    }

    [Fact]
    public void Row_RoundTrips_AndFitsWhateverTheReasonsAre()
    {
        var gaps = None;
        for (var i = 0; i < SourceGaps.MaxGaps; i++)
        {
            var reason = new string('é', 1000) + i;
            gaps = gaps.With(new SourceGap(1000 * i, (1000 * i) + 100, (GapState)(i % 3), i + reason, reason));
        }
        var read = SourceGaps.Decode(RowOf(gaps.Encode()), "x");
        Assert.Equal(
            gaps.All.Select(gap => (gap.FromMs, gap.ToMs, gap.State)),
            read.All.Select(gap => (gap.FromMs, gap.ToMs, gap.State))
        );
        Assert.StartsWith("0éé", read.All[0].Reason, StringComparison.Ordinal);
        var small = Of("10-20 open, 20-30 given") with { Dropped = 3 };
        Assert.True(small.IsSame(SourceGaps.Decode(RowOf(small.Encode()), "x")));
    }

    [Fact]
    public void Row_WithAnyByteFlippedOrCut_IsANamedError()
    {
        var bytes = (byte[])Of("10-20 open, 20-30 given").Encode()["r"];
        for (var i = 0; i < bytes.Length; i++)
        {
            var flipped = bytes.ToArray();
            flipped[i] ^= 0x10;
            AssertCorrupt(flipped);
            AssertCorrupt(bytes[..i]);
        }
    }

    private static void AssertCorrupt(byte[] bytes) =>
        Assert.Throws<CorruptDataException>(() =>
            SourceGaps.Decode(RowOf(new(StringComparer.Ordinal) { ["r"] = bytes }), "x")
        );

    private static TableRow RowOf(Dictionary<string, object> properties) =>
        new("row", "etag", DateTimeOffset.UnixEpoch, properties);

    private static SourceGaps Any(Random random)
    {
        var gaps = None;
        for (var i = random.Next(4); i >= 0; i--)
        {
            var from = random.Next(50);
            gaps = gaps.With(
                new SourceGap(from, from + 1 + random.Next(10), (GapState)random.Next(3), $"r{random.Next(2)}")
            );
        }
        return gaps;
    }

    private static int StateAt(SourceGaps gaps, long at) =>
        gaps.All.FirstOrDefault(gap => gap.FromMs <= at && gap.ToMs > at) is { } gap ? (int)gap.State : -1;

    private static string States(SourceGaps gaps) =>
        string.Concat(Enumerable.Range(0, 70).Select(at => StateAt(gaps, at)));

    private static SourceGaps Of(string text) => Parse(text).Aggregate(None, (gaps, gap) => gaps.With(gap));

    private static IEnumerable<SourceGap> Parse(string text) =>
        text.Split(", ", StringSplitOptions.RemoveEmptyEntries)
            .Select(one => one.Split('-', ' '))
            .Select(parts => new SourceGap(
                long.Parse(parts[0], System.Globalization.CultureInfo.InvariantCulture),
                long.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture),
                parts[2] switch
                {
                    "open" => GapState.Open,
                    "given" => GapState.GivenUp,
                    _ => GapState.Filled,
                },
                "reason"
            ));

    private static string Text(SourceGaps gaps) =>
        string.Join(", ", gaps.All.Select(gap => $"{gap.FromMs}-{gap.ToMs} {gap.StateName.Split(' ')[0]}"));
}
