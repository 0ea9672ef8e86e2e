using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>Which blocks are merged; ranges in hours of the epoch, as <c>from-to</c>, at times with <c>#number</c> and <c>*bytes</c>.</summary>
public sealed class MergePlanTests
{
    private static readonly MergePlan Plan = new() { Retention = TimeSpan.FromDays(365), InputBytes = 1000 };

    public static TheoryData<string, string> Cases =>
        new()
        {
            { "", "" },
            { "0-2", "" },
            // The newest is left alone, so two blocks are not enough…
            { "0-2 2-4", "" },
            { "0-2 2-4 4-6", "" },
            // …until the range is full, or behind the newest.
            { "0-2 2-4 4-6 6-8", "0-2 2-4 4-6" },
            { "0-2 2-4 6-8", "" },
            { "0-2 2-4 6-8 8-10", "0-2 2-4" },
            { "0-2 4-6 6-8", "0-2 4-6" },
            { "2-4 4-6 6-8 8-10", "2-4 4-6" },
            // Aligned, and a block that is alone in its range stays.
            { "4-6 6-8 8-10 10-12 12-14", "6-8 8-10 10-12" },
            { "0-6 6-12 12-18 18-20", "0-6 6-12 12-18" },
            { "0-6 6-12 18-20", "" },
            { "0-6 6-12 18-20 20-22", "0-6 6-12" },
            { "0-6 6-8 8-10 10-12 12-14", "6-8 8-10 10-12" },
            { "0-18 18-36 36-54 54-56", "0-18 18-36 36-54" },
            // Overlapping ones first, the newest too.
            { "0-2 0-2", "0-2 0-2" },
            { "0-2 2-4 4-6 6-8 6-8 8-10", "6-8 6-8" },
            { "0-6 4-8 7-9 12-14", "0-6 4-8 7-9" },
            { "0-54 2-4", "0-54 2-4" },
            // Too many bytes: of overlapping ones those with the highest numbers, of others none.
            { "0-2#1*600 0-2#2*300 0-2#3*300", "0-2#2*300 0-2#3*300" },
            { "0-2#1*600 0-2#2*600", "" },
            { "0-2*400 2-4*400 4-6*400 6-8", "" },
            // A block too large to be merged overlaps the range.
            { "0-54#1*2000 0-2#2*2 2-4#3*2 4-6#4*2 6-8#5*2", "0-2#2*2 2-4#3*2 4-6#4*2 6-8#5*2" },
            { "0-54#1*2000 0-2#2*2 60-62 62-64 66-68 68-70", "60-62 62-64" },
        };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Next_TakesWhatPrometheusWould(string blocks, string merged)
    {
        var rows = Rows(blocks);
        var next = Plan.Next(rows);
        Assert.Equal(
            Rows(merged).Select(row => (row.Block.MinTimeMs, row.Block.MaxTimeMs)).Order(),
            (next ?? []).Select(row => (row.Block.MinTimeMs, row.Block.MaxTimeMs)).Order()
        );
    }

    [Fact]
    public void Next_GivesThoseThatWinAConflictFirst()
    {
        var next = Plan.Next(Rows("0-2#5 0-2#3 0-2#4"))!;
        Assert.Equal([3L, 4L, 5L], next.Select(row => row.Block.Number));
    }

    [Theory]
    [InlineData(BlockState.Pending)]
    [InlineData(BlockState.Deleted)]
    [InlineData(BlockState.Quarantined)]
    public void Next_TakesLiveBlocksAlone(BlockState state)
    {
        var rows = Rows("0-2 0-2");
        rows[1] = rows[1] with { State = state };
        Assert.Null(Plan.Next(rows));
    }

    [Fact]
    public void Next_OfManyOverlappingBlocks_TakesFortyOfTheHighestNumbers()
    {
        var rows = Rows(string.Join(' ', Enumerable.Range(1, 50).Select(n => $"0-2#{n}*1")));
        var next = Plan.Next(rows)!;
        Assert.Equal(Enumerable.Range(11, 40).Select(n => (long)n), next.Select(row => row.Block.Number));
    }

    [Fact]
    public void Next_OfBlocksWithTooManySources_TakesFewer()
    {
        var many = Enumerable.Repeat(default(Ulid), (ManifestLimits.Sources / 2) + 1).ToList();
        var rows = Rows("0-2#1 0-2#2 0-2#3");
        rows[0] = rows[0] with { Block = rows[0].Block with { Sources = many } };
        rows[1] = rows[1] with { Block = rows[1].Block with { Sources = many } };
        Assert.Equal([2L, 3L], Plan.Next(rows)!.Select(row => row.Block.Number));
    }

    [Theory]
    [InlineData(1, "2")]
    [InlineData(2.5, "2 6")]
    [InlineData(15, "2 6 18")]
    [InlineData(30, "2 6 18 54")]
    [InlineData(100_000, "2 6 18 54 162 486")]
    public void Ranges_EndAtATenthOfTheRetention_AndAtAMonth(double days, string hours)
    {
        var plan = Plan with { Retention = TimeSpan.FromDays(days) };
        Assert.Equal(hours, string.Join(' ', plan.RangesMs.Select(range => range / 3_600_000)));
    }

    [Fact]
    public void Next_AgainAndAgain_EndsWithFewBlocks()
    {
        var random = new Random(5);
        var rows = new List<BlockRow>();
        for (var n = 1; n <= 300; n++)
        {
            rows.AddRange(Rows($"{n * 2}-{(n * 2) + 2}#{n}*1"));
            if (random.Next(4) == 0)
            {
                var late = Math.Max(1, n - random.Next(40));
                rows.AddRange(Rows($"{late * 2}-{(late * 2) + 2}#{1000 + n}*1"));
            }
            for (var merges = 0; Plan.Next(rows) is { } inputs; merges++)
            {
                Assert.InRange(merges, 0, 20);
                rows.RemoveAll(inputs.Contains);
                var (from, to) = (inputs.Min(r => r.Block.MinTimeMs), inputs.Max(r => r.Block.MaxTimeMs));
                rows.AddRange(Rows($"{from / 3_600_000}-{to / 3_600_000}#{2000 + n}*1"));
            }
        }
        Assert.InRange(rows.Count, 2, 12);
        var sorted = rows.OrderBy(row => row.Block.MinTimeMs).ToList();
        Assert.All(
            sorted.Zip(sorted.Skip(1)),
            pair => Assert.True(pair.First.Block.MaxTimeMs <= pair.Second.Block.MinTimeMs)
        );
    }

    private static List<BlockRow> Rows(string text) =>
        [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((word, index) => Row(word, index))];

    private static BlockRow Row(string word, int index)
    {
        var parts = word.Split('-', '#', '*');
        var number = word.Contains('#', StringComparison.Ordinal) ? long.Parse(parts[2]) : index + 1;
        var bytes = word.Contains('*', StringComparison.Ordinal) ? long.Parse(parts[^1]) : 1;
        var block = new BlockDescription
        {
            Ulid = new Ulid((UInt128)(index + 1)),
            Level = 1,
            MinTimeMs = long.Parse(parts[0]) * 3_600_000,
            MaxTimeMs = long.Parse(parts[1]) * 3_600_000,
            Number = number,
            Files = [new BlockFile("index", bytes)],
        };
        return new BlockRow(block, BlockState.Live);
    }
}
