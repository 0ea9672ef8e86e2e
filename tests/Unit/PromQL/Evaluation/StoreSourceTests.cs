using System.Buffers.Binary;
using Tributary.Binary;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.Storage.Blocks;
using Tributary.Stores;
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

    [Fact]
    public async Task ChunkThatCannotBeDecoded_QuarantinesItsBlock_AndTheOthersAnswer()
    {
        var windows = (First: SelectionPlace.WindowAt(-4), Second: SelectionPlace.WindowAt(-3));
        await place.FillAsync(new Random(1), windows.First);
        await place.FillAsync(new Random(2), windows.Second);
        var damaged = (await place.Store.CompactLogAsync(windows.First))!.Value;
        await place.Store.CompactLogAsync(windows.Second);
        await SpoilFirstChunkAsync($"{BlockPaths.Container}{damaged}/chunks/000001");
        using var reader = place.Reader();
        using var engine = new QueryEngine(new StoreSource(reader), new EngineOptions(), TimeProvider.System);
        for (var i = 0; i < 2; i++)
        {
            var result = await engine.InstantAsync(
                "count_over_time({__name__=~\"m.*\"}[4h])",
                windows.Second.EndMs,
                QueryOptions.Default,
                SelectionPlace.Token
            );
            Assert.NotEmpty(result.Series);
            var warning = Assert.Single(result.Warnings);
            Assert.Contains($"block {damaged} (", warning, StringComparison.Ordinal);
            Assert.Contains("cannot be decoded", warning, StringComparison.Ordinal);
        }
    }

    /// <summary>Its checksum holds, but it has far fewer samples than it says.</summary>
    private async Task SpoilFirstChunkAsync(string segment)
    {
        const int lengthAt = 8;
        var blobs = place.Store.Manifest.Blobs;
        var bytes = new byte[(await blobs.GetInfoAsync(segment, SelectionPlace.Token))!.LengthBytes];
        await blobs.ReadAsync(segment, 0, bytes, ifMatch: null, SelectionPlace.Token);
        var (length, shift, at) = (0, 0, lengthAt);
        for (; bytes[at] >= 0x80; at++, shift += 7)
        {
            length |= (bytes[at] & 0x7F) << shift;
        }
        length |= bytes[at++] << shift;
        var chunk = bytes.AsSpan(at, 1 + length);
        chunk[1] = chunk[2] = 0x7F;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at + 1 + length), Crc32C.Compute(chunk));
        await blobs.WriteAsync(segment, bytes, WriteCondition.None, SelectionPlace.Token);
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
