using System.Text;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Indexes;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Files;

namespace Tributary.Tests.Unit.Storage.Indexes;

public sealed class SymbolMergeTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 40)]
    [InlineData(3, 400)]
    public async Task Merge_MapsEverySymbolToItsText(int seed, int count)
    {
        var store = new MemoryBlobs();
        var indexes = new List<IndexReader>();
        var all = new SortedSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 4; i++)
        {
            var series = RandomSeries.Make((seed * 10) + i, count * (i + 1));
            all.UnionWith(series.SelectMany(s => s.Labels.Labels.ToArray()).SelectMany(l => new[] { l.Name, l.Value }));
            var ulid = Ulid.Create(i, new byte[10]);
            await BlockSamples.WriteAsync(store, ulid, series);
            indexes.Add((await BlockSamples.OpenAsync(store, $"blocks/{ulid}/")).Index);
        }
        var (table, maps) = await SymbolMerge.RunAsync(indexes, default);
        Assert.Equal(all.Count, table.Count);
        for (var i = 0; i < indexes.Count; i++)
        {
            var texts = new Dictionary<uint, string>();
            var references = Enumerable.Range(0, (int)indexes[i].SymbolCount).Select(n => (uint)n).ToList();
            await indexes[i].ReadSymbolsAsync(references, texts, default);
            Assert.All(
                references,
                reference => Assert.Equal(texts[reference], Encoding.UTF8.GetString(table[Number(maps[i], reference)]))
            );
            Assert.False(maps[i].TryFind((uint)references.Count, out _));
        }
    }

    [Fact]
    public async Task Blocks_MergedBySymbolNumbers_HaveAllSeries_WithChunksAsTheyWere()
    {
        var store = new MemoryBlobs();
        var ranges = new RangeReader(store, new PageCache(1 << 22), 1 << 20);
        var early = RandomSeries.Make(5, 150);
        var late = early
            .Select(s => Shift(s, 7_200_000))
            .Concat(RandomSeries.Make(6, 50, 7_200_000, 14_400_000))
            .ToList();
        late = [.. late.DistinctBy(s => s.Labels)];
        var (a, b, merged) = (Ulid.Create(1, new byte[10]), Ulid.Create(2, new byte[10]), Ulid.Create(3, new byte[10]));
        await BlockSamples.WriteAsync(store, a, early);
        await BlockSamples.WriteAsync(store, b, late);
        BlockReader[] blocks =
        [
            await BlockReader.OpenAsync(ranges, $"blocks/{a}/", default),
            await BlockReader.OpenAsync(ranges, $"blocks/{b}/", default),
        ];
        var (table, maps) = await SymbolMerge.RunAsync([.. blocks.Select(block => block.Index)], default);
        var bySeries = new SortedDictionary<LabelRef[], List<(BlockReader Block, ChunkPlace[] Chunks)>>(
            Comparer<LabelRef[]>.Create((x, y) => LabelRef.Compare(x, y))
        );
        for (var i = 0; i < blocks.Length; i++)
        {
            var batch = new SeriesBatch();
            await blocks[i].Index.ReadSeriesAsync(await blocks[i].Index.ReadAllSeriesAsync(default), batch, default);
            for (var s = 0; s < batch.Count; s++)
            {
                LabelRef[] labels =
                [
                    .. batch
                        .Labels(s)
                        .ToArray()
                        .Select(l => new LabelRef(Number(maps[i], l.Name), Number(maps[i], l.Value))),
                ];
                bySeries.TryAdd(labels, []);
                bySeries[labels].Add((blocks[i], batch.Chunks(s).ToArray()));
            }
        }
        using var writer = new BlockWriter(
            store,
            BlockSamples.Plan(merged, early.Concat(late)) with
            {
                Level = 2,
            },
            table,
            new BlockWriterOptions()
        );
        await writer.BeginAsync(default);
        foreach (var (labels, parts) in bySeries)
        {
            writer.BeginSeries(labels);
            foreach (var (block, chunks) in parts)
            {
                var loaded = await block.Chunks.LoadAsync(chunks, default);
                foreach (var place in chunks)
                {
                    var chunk = loaded.Get(place);
                    writer.AddChunk(place.MinMs, place.MaxMs, chunk.Encoding, chunk.Data);
                }
            }
            writer.EndSeries();
        }
        await writer.FinishAsync(default);
        var expected = early
            .Concat(late)
            .GroupBy(s => s.Labels)
            .OrderBy(g => g.Key)
            .Select(g => new SelectedSeries(g.Key, [.. g.SelectMany(s => s.Samples)]))
            .ToList();
        BlockSamples.AssertEqual(
            expected,
            await BlockSamples.ReadAsync(await BlockSamples.OpenAsync(store, $"blocks/{merged}/"))
        );
        Assert.Empty((await BlockVerifier.VerifyAsync(ranges, $"blocks/{merged}/", default)).Problems);
    }

    private static uint Number(SymbolMap map, uint reference)
    {
        Assert.True(map.TryFind(reference, out var number));
        return number;
    }

    private static SelectedSeries Shift(SelectedSeries series, long byMs) =>
        series with
        {
            Samples = [.. series.Samples.Select(s => s with { TimestampMs = s.TimestampMs + byMs })],
        };
}
