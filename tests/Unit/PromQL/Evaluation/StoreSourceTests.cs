using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.Tests.Unit.Storage.Selection;

namespace Tributary.Tests.Unit.PromQL.Evaluation;

/// <summary>Queries over blocks, log and head.</summary>
public sealed class StoreSourceTests
{
    private readonly SelectionPlace place = new();

    [Theory]
    [InlineData("m1")]
    [InlineData("sum by (source) (rate({__name__=~\"m.\"}[30m]))")]
    [InlineData("max_over_time(m2[1h]) - m2 offset 10m")]
    public async Task Queries_OverStores_AnswerAsOverMemory(string query)
    {
        var windows = (First: SelectionPlace.WindowAt(-4), Second: SelectionPlace.WindowAt(-3));
        await place.FillAsync(new Random(1), windows.First);
        await place.FillAsync(new Random(2), windows.Second);
        await place.Store.CompactLogAsync(windows.First);
        var memory = new MemorySource();
        foreach (var ((series, timestampMs), value) in place.Written.OrderBy(sample => sample.Key.TimestampMs))
        {
            memory.Add(series, timestampMs, value);
        }
        using var reader = place.Reader(await place.HeadAsync());
        var (startMs, endMs) = (windows.First.StartMs + 3_600_000, windows.Second.EndMs);
        var expected = await AnswerAsync(memory, query, startMs, endMs);
        Assert.NotEmpty(expected);
        Assert.Equal(expected, await AnswerAsync(new StoreSource(reader), query, startMs, endMs));
    }

    [Fact]
    public async Task MoreChunksThanMemory_IsAnExecutionError()
    {
        await place.FillAsync(new Random(1), SelectionPlace.WindowAt(-4));
        await place.Store.CompactLogAsync(SelectionPlace.WindowAt(-4));
        using var reader = place.Reader();
        using var engine = new QueryEngine(
            new StoreSource(reader),
            new EngineOptions { MaxMemoryBytes = 100 },
            TimeProvider.System
        );
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.InstantAsync("m1[2h]", SelectionPlace.WindowAt(-4).EndMs, QueryOptions.Default, SelectionPlace.Token)
        );
        Assert.Equal(QueryFailure.Execution, failure.Kind);
        Assert.Contains("100 bytes", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> AnswerAsync(QuerySource source, string query, long startMs, long endMs)
    {
        using var engine = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        var result = await engine.RangeAsync(query, startMs, endMs, 60_000, QueryOptions.Default, SelectionPlace.Token);
        return
        [
            .. result.Series.Select(series =>
                $"{series.Labels} {string.Join(' ', series.Values.ToArray().Select(BitConverter.DoubleToInt64Bits))}"
            ),
        ];
    }
}
