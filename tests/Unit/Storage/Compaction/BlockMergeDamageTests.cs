using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Files;

namespace Tributary.Tests.Unit.Storage.Compaction;

/// <summary>What a merge makes of damaged inputs.</summary>
public sealed class BlockMergeDamageTests
{
    private readonly MemoryBlobs store = new();
    private byte ulids;

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    public async Task Merge_OfAnInputWithAFlippedByte_IsRightOrNamesTheBlock(string path)
    {
        BlockMeta[] inputs = [await AddAsync(RandomSeries.Make(1, 4)), await AddAsync(RandomSeries.Make(2, 4))];
        var name = $"blocks/{inputs[1].Ulid}/{path}";
        var sound = store[name];
        var expected = await MergeAsync(inputs);
        var named = 0;
        for (var at = 0; at < sound.Length; at++)
        {
            var damaged = sound.ToArray();
            damaged[at] ^= 0x21;
            store[name] = damaged;
            try
            {
                Assert.Equal(expected, await MergeAsync(inputs));
            }
            catch (CorruptDataException exception)
            {
                Assert.StartsWith($"blocks/{inputs[1].Ulid}/", exception.Blob, StringComparison.Ordinal);
                named++;
            }
        }
        Assert.InRange(named, sound.Length / 2, sound.Length);
    }

    private Ulid NewUlid() => Ulid.Create(1, [0, 0, 0, 0, 0, 0, 0, 0, 0, ++ulids]);

    private Task<BlockMeta> AddAsync(List<SelectedSeries> series) => BlockSamples.WriteAsync(store, NewUlid(), series);

    private static BlockDescription DescriptionOf(BlockMeta meta) =>
        new()
        {
            Ulid = meta.Ulid,
            Level = 1,
            MinTimeMs = meta.MinTimeMs,
            MaxTimeMs = meta.MaxTimeMs,
            Number = 1,
            Sources = [meta.Ulid],
        };

    /// <summary>Merges, and removes the result.</summary>
    /// <returns>Its files but <c>meta.json</c>, as text.</returns>
    private async Task<List<string>> MergeAsync(BlockMeta[] inputs)
    {
        var rows = inputs.Select(meta => new BlockRow(DescriptionOf(meta), BlockState.Live)).ToList();
        var ulid = Ulid.Create(2, new byte[10]);
        var task = new BlockTask
        {
            Block = rows[0].Block with
            {
                Ulid = ulid,
                Level = 2,
                MinTimeMs = inputs.Min(meta => meta.MinTimeMs),
                MaxTimeMs = inputs.Max(meta => meta.MaxTimeMs),
            },
            Inputs = rows,
        };
        var options = new CompactionOptions { StoreId = "test" };
        try
        {
            await new BlockCompaction(store, options).WriteAsync(task, default);
            return
            [
                .. store
                    .All.Where(blob => IsOf(blob.Key) && !blob.Key.EndsWith("meta.json", StringComparison.Ordinal))
                    .Select(blob => Convert.ToHexString(blob.Value)),
            ];
        }
        finally
        {
            foreach (var name in store.All.Keys.Where(IsOf).ToList())
            {
                store.Remove(name);
            }
        }

        bool IsOf(string name) => name.StartsWith($"blocks/{ulid}/", StringComparison.Ordinal);
    }
}
