using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Tests.Unit.Storage.Files;
using static Tributary.Tests.Unit.Storage.Blocks.BlockSamples;

namespace Tributary.Tests.Unit.Storage.Blocks;

/// <summary>Damage is an error with blob and offset, or has no effect; never a wrong answer.</summary>
public sealed class BlockCorruptionTests
{
    private static readonly Ulid Ulid = Ulid.Create(1_700_000_000_000, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    private static readonly string Prefix = $"blocks/{Ulid}/";

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    [InlineData("meta.json")]
    [InlineData("tombstones")]
    public async Task EveryFlippedByte_GivesTheRightAnswerOrANamedError(string file)
    {
        var (store, expected) = await MakeAsync();
        var content = store[Prefix + file];
        var refused = 0;
        for (var at = 0; at < content.Length; at++)
        {
            foreach (var mask in new byte[] { 0x01, 0x10, 0x80, 0xff })
            {
                var damaged = content.ToArray();
                damaged[at] ^= mask;
                refused += await JudgeAsync(store, file, damaged, expected, $"byte {at} ^ {mask:x2}");
            }
        }
        Assert.True(refused > content.Length, $"{refused} of {content.Length * 4} refused");
    }

    [Theory]
    [InlineData("index")]
    [InlineData("chunks/000001")]
    [InlineData("meta.json")]
    [InlineData("tombstones")]
    public async Task EveryPrefix_GivesTheRightAnswerOrANamedError(string file)
    {
        var (store, expected) = await MakeAsync();
        var content = store[Prefix + file];
        for (var length = 0; length < content.Length; length++)
        {
            await JudgeAsync(store, file, content[..length], expected, $"cut to {length}");
            // As if the cut had been there when the sizes were taken.
            if (file is "index")
            {
                await JudgeAsync(store, file, content[..length], expected, $"cut to {length}", WithoutFiles(store));
            }
        }
    }

    [Fact]
    public async Task AllFilesOfAllKinds_AreVerified()
    {
        var (store, _) = await MakeAsync();
        foreach (var file in new[] { "index", "chunks/000001", "meta.json" })
        {
            var content = store[Prefix + file];
            var seen = 0;
            for (var at = 0; at < content.Length; at++)
            {
                var copy = store.Copy();
                copy[Prefix + file] = [.. content];
                copy[Prefix + file][at] ^= 0x04;
                var report = await BlockVerifier.VerifyAsync(
                    new RangeReader(copy, new PageCache(1 << 20)),
                    Prefix,
                    default
                );
                Assert.All(report.Problems, p => Assert.StartsWith(Prefix, p.Blob, StringComparison.Ordinal));
                seen += report.Problems.Count > 0 ? 1 : 0;
            }
            // What is not seen is padding, white space, names of fields that nobody reads.
            Assert.True(seen > content.Length * 0.6, $"{file}: {seen} of {content.Length}");
        }
    }

    [Fact]
    public async Task MissingAndLongerFiles_AreReported()
    {
        var (store, _) = await MakeAsync();
        var copy = store.Copy();
        copy.Remove(Prefix + "chunks/000001");
        copy[Prefix + "index"] = [.. store[Prefix + "index"], 0];
        var report = await BlockVerifier.VerifyAsync(new RangeReader(copy, new PageCache(1 << 20)), Prefix, default);
        Assert.Equal(
            [Prefix + "chunks/000001", Prefix + "index"],
            report.Problems.Select(p => p.Blob).Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public async Task DamagedPages_AreReadAnewAfterForget()
    {
        var (store, expected) = await MakeAsync();
        var good = store[Prefix + "index"];
        store[Prefix + "index"] = [.. good];
        store[Prefix + "index"][good.Length - 1] ^= 1;
        var ranges = new RangeReader(store, new PageCache(1 << 20));
        await Assert.ThrowsAsync<CorruptDataException>(() => BlockReader.OpenAsync(ranges, Prefix, default));
        store[Prefix + "index"] = good;
        await Assert.ThrowsAsync<CorruptDataException>(() => BlockReader.OpenAsync(ranges, Prefix, default));
        ranges.Forget(Prefix);
        AssertEqual(expected, await ReadAsync(await BlockReader.OpenAsync(ranges, Prefix, default)));
    }

    private static async Task<(MemoryBlobs Store, List<SelectedSeries> Expected)> MakeAsync()
    {
        var store = new MemoryBlobs();
        List<SelectedSeries> series =
        [
            Series("__name__=a,job=x", (1000, 1), (2000, 2), (3000, 2.5)),
            Series("__name__=a,job=y", (1000, -1), (4000, double.NaN)),
            Series("__name__=b", (1500, 1e300), (2500, 1), (3500, 7), (3600, 8)),
        ];
        var meta = await WriteAsync(store, Ulid, series, 2);
        // With a deleted range, written as Prometheus does: of the last series, 2000 to 3550.
        var block = await OpenAsync(store, Prefix);
        var last = (await block.Index.ReadAllSeriesAsync(default))[^1];
        store[Prefix + "tombstones"] = TombstonesTests.File((last, 2000, 3550));
        var files = meta.Files.Append(new BlockMetaFile("tombstones", store[Prefix + "tombstones"].Length));
        store[Prefix + "meta.json"] = BlockMetaJson.Write(meta with { Files = [.. files] });
        var expected = await ReadAsync(await OpenAsync(store, Prefix));
        Assert.Equal([(1500, 1e300), (3600, 8)], expected[^1].Samples.Select(s => (s.TimestampMs, s.Value)));
        return (store, expected);
    }

    private static MemoryBlobs WithoutFiles(MemoryBlobs store)
    {
        var copy = store.Copy();
        var name = Prefix + "meta.json";
        copy[name] = BlockMetaJson.Write(BlockMetaJson.Read(copy[name], name) with { Files = [] });
        return copy;
    }

    private static async Task<int> JudgeAsync(
        MemoryBlobs store,
        string file,
        byte[] damaged,
        List<SelectedSeries> expected,
        string damage,
        MemoryBlobs? basis = null
    )
    {
        var copy = (basis ?? store).Copy();
        copy[Prefix + file] = damaged;
        List<SelectedSeries> found;
        try
        {
            found = await ReadAsync(await OpenAsync(copy, Prefix));
        }
        catch (CorruptDataException e)
        {
            Assert.StartsWith(Prefix, e.Blob, StringComparison.Ordinal);
            Assert.InRange(e.OffsetBytes, 0, store[e.Blob].Length);
            return 1;
        }
        catch (Tributary.Stores.StoreException e) when (file == "meta.json")
        {
            // The name of another file was damaged: that is not there.
            Assert.Equal(Tributary.Stores.StoreError.NotFound, e.Error);
            return 1;
        }
        Assert.True(Dump(expected).SequenceEqual(Dump(found)), $"{file}, {damage}: {string.Join('\n', Dump(found))}");
        return 0;
    }
}
