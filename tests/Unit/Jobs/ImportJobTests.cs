using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Storage.Blocks;
using static Tributary.Tests.Unit.Jobs.BlocksPlace;

namespace Tributary.Tests.Unit.Jobs;

public sealed class ImportJobTests : IDisposable
{
    private readonly BlocksPlace place = new();

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Import_OfBlocksOfPrometheus_IsReadToTheSameSamples()
    {
        await place.AddPrometheusBlocksAsync();
        var expected = await PromtoolDumpAsync(place.Data);
        Assert.Equal(6000, expected.Count);
        var imported = await place.ImportAsync();
        Assert.Equal(3, imported.Count);
        Assert.All(imported, block => Assert.Equal(ImportOutcome.Imported, block.Outcome));
        Assert.Equal(expected, await place.DumpAsync());
        foreach (var block in imported)
        {
            var bytes = await new DownloadBlockJob(place.Manifest.Blobs, place.Manifest.Tables).RunAsync(
                block.Block!.Value,
                place.Out,
                Token
            );
            Assert.True(bytes > 0);
        }
        Assert.Equal(expected, await PromtoolDumpAsync(place.Out));
        var list = await PromtoolTests.RunAsync("list", place.Out);
        Assert.All(imported, block => Assert.Contains(block.Block.ToString()!, list, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Import_Again_ChangesNothing()
    {
        await place.AddForeignAsync(1);
        await place.AddForeignAsync(2);
        var first = await place.ImportAsync();
        var names = await place.Manifest.NamesAsync("");
        var manifest = await place.Manifest.Reader.ReloadAsync(Token);
        var second = await place.ImportAsync();
        Assert.Equal([ImportOutcome.AlreadyThere, ImportOutcome.AlreadyThere], second.Select(block => block.Outcome));
        Assert.Equal(first.Select(block => block.Block), second.Select(block => block.Block));
        Assert.Equal(names, await place.Manifest.NamesAsync(""));
        var after = await place.Manifest.Reader.ReloadAsync(Token);
        Assert.Equal((manifest.State.Number, manifest.Blocks.Count), (after.State.Number, after.Blocks.Count));
    }

    [Fact]
    public async Task Import_OfWhatWasMergedSince_ChangesNothing()
    {
        await place.AddForeignAsync(1);
        await place.AddForeignAsync(2);
        await place.ImportAsync();
        var dump = await place.DumpAsync();
        var plannedOn = await place.Manifest.Reader.RefreshAsync(Token);
        var committer = new BlockCommitter(place.Manifest.Blobs, place.Manifest.Writer, TimeProvider.System, NewUlid);
        var compaction = new BlockCompaction(place.Manifest.Blobs, new CompactionOptions { StoreId = "test" });
        var merged = await committer.MergeAsync([.. plannedOn.Live], plannedOn, compaction.WriteAsync, Token);
        Assert.True(merged.IsCommitted, merged.Refusal);
        var again = await place.ImportAsync();
        Assert.All(again, block => Assert.Equal(ImportOutcome.AlreadyThere, block.Outcome));
        Assert.Single((await place.Manifest.Reader.RefreshAsync(Token)).Live);
        Assert.Equal(dump, await place.DumpAsync());
    }

    [Fact]
    public async Task Import_ThatWasInterrupted_GoesOn()
    {
        for (var number = 1; number <= 3; number++)
        {
            await place.AddForeignAsync(number);
        }
        await foreach (var block in place.Import.RunAsync(ImportFolder.Open(place.Data), Token))
        {
            Assert.Equal(ImportOutcome.Imported, block.Outcome);
            break;
        }
        var rest = await place.ImportAsync();
        Assert.Equal(
            [ImportOutcome.AlreadyThere, ImportOutcome.Imported, ImportOutcome.Imported],
            rest.Select(block => block.Outcome)
        );
    }

    [Fact]
    public async Task Import_TakesABlockThatHoldsAnother_AndNotTheOther()
    {
        var small = await place.AddForeignAsync(1);
        var large = await place.AddForeignAsync(2, meta => meta with { Sources = [small, meta.Ulid], Level = 2 });
        var imported = await place.ImportAsync();
        Assert.Equal([large, small], imported.Select(block => block.Source));
        Assert.Equal([ImportOutcome.Imported, ImportOutcome.AlreadyThere], imported.Select(block => block.Outcome));
    }

    [Fact]
    public async Task Import_WritesAMetaOfOurs()
    {
        var source = await place.AddForeignAsync(1, meta => meta with { LogFiles = [new("log/0/x.log", 5)] });
        var imported = Assert.Single(await place.ImportAsync());
        var found = await place.Blocks.InspectAsync(imported.Block!.Value, Token);
        var meta = found.Meta!;
        Assert.NotEqual(source, meta.Ulid);
        Assert.Equal(source, Assert.Single(meta.Parents).Ulid);
        Assert.Equal([source], meta.Sources);
        Assert.Empty(meta.LogFiles);
        Assert.Equal(found.Row!.Block.Number, meta.CommitNumber);
        Assert.Equal(LabelSet.StoreLabel, Assert.Single(meta.Labels).Key);
        Assert.Equal(
            await StoreIdentity.GetAsync(place.Manifest.Blobs, NewUlid, Token),
            Assert.Single(meta.Labels).Value
        );
        Assert.Equal(["chunks/000001", "index", "meta.json"], meta.Files.Select(file => file.Path));
    }

    [Fact]
    public async Task Import_KeepsTombstones()
    {
        var source = await place.AddForeignAsync(1);
        var foreign = await BlockSamples.OpenAsync(new FolderBlobs(place.Data), $"{source}/");
        var before = await BlockSamples.ReadAsync(foreign);
        var series = await foreign.Index.ReadAllSeriesAsync(Token);
        await File.WriteAllBytesAsync(
            Path.Combine(place.Data, source.ToString(), "tombstones"),
            TombstonesTests.File((series[0], long.MinValue, long.MaxValue)),
            Token
        );
        // Prometheus does not list its files.
        await File.WriteAllBytesAsync(
            Path.Combine(place.Data, source.ToString(), "meta.json"),
            BlockMetaJson.Write(foreign.Meta with { Files = [] }),
            Token
        );
        Assert.Equal(ImportOutcome.Imported, Assert.Single(await place.ImportAsync()).Outcome);
        var dump = await place.DumpAsync();
        Assert.Equal(BlockSamples.Dump(before.Skip(1)).Order(StringComparer.Ordinal), dump);
    }

    [Fact]
    public async Task Import_OfADamagedBlock_TakesTheOthers()
    {
        var damaged = await place.AddForeignAsync(1);
        await place.AddForeignAsync(2);
        var file = Path.Combine(place.Data, damaged.ToString(), "chunks", "000001");
        var bytes = await File.ReadAllBytesAsync(file, Token);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(file, bytes, Token);
        var imported = await place.ImportAsync();
        Assert.Equal([ImportOutcome.Refused, ImportOutcome.Imported], imported.Select(block => block.Outcome));
        Assert.StartsWith(
            $"it is damaged: {damaged}/chunks/000001: offset",
            imported[0].Reason,
            StringComparison.Ordinal
        );
        Assert.Single((await place.Manifest.Reader.RefreshAsync(Token)).Blocks);
    }

    [Theory]
    [InlineData("downsampled")]
    [InlineData("labels")]
    [InlineData("marked")]
    [InlineData("other")]
    public async Task Import_OfWhatCannotBeTaken_SaysWhy(string kind)
    {
        var ulid = await place.AddForeignAsync(
            1,
            meta =>
                kind switch
                {
                    "downsampled" => meta with { ResolutionMs = 300_000 },
                    "labels" => meta with { Labels = [new("cluster", "eu")] },
                    "other" => meta with { Ulid = ForeignUlid(99) },
                    _ => meta,
                }
        );
        if (kind == "marked")
        {
            await File.WriteAllTextAsync(Path.Combine(place.Data, ulid.ToString(), "deletion-mark.json"), "{}", Token);
        }
        var block = Assert.Single(await place.ImportAsync());
        Assert.Equal(ImportOutcome.Refused, block.Outcome);
        Assert.Contains(
            kind switch
            {
                "downsampled" => "downsampled",
                "labels" => "labels to its series (cluster)",
                "other" => "meta.json of another block",
                _ => "deletion-mark.json",
            },
            block.Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Import_TwiceAtOnce_TakesEachBlockOnce()
    {
        await place.AddForeignAsync(1);
        await place.AddForeignAsync(2);
        var both = await Task.WhenAll(place.ImportAsync(), place.ImportAsync());
        var outcomes = both.SelectMany(one => one).Select(block => block.Outcome).Order();
        Assert.Equal(
            [ImportOutcome.Imported, ImportOutcome.Imported, ImportOutcome.AlreadyThere, ImportOutcome.AlreadyThere],
            outcomes
        );
        Assert.Equal(2, (await place.Manifest.Reader.ReloadAsync(Token)).Live.Count());
    }
}
