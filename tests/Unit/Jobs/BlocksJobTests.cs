using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using static Tributary.Tests.Unit.Jobs.BlocksPlace;

namespace Tributary.Tests.Unit.Jobs;

/// <summary>Looking at blocks, verifying, downloading, rebuilding, cleaning.</summary>
public sealed class BlocksJobTests : IDisposable
{
    private readonly BlocksPlace place = new();

    public void Dispose() => place.Dispose();

    private VerifyBlocksJob Verifier => new(place.Manifest.Blobs, place.Manifest.Tables);

    private DownloadBlockJob Downloads => new(place.Manifest.Blobs, place.Manifest.Tables);

    [Fact]
    public async Task List_SaysBlocksAndOpenWindows()
    {
        await place.AddForeignAsync(1);
        var imported = Assert.Single(await place.ImportAsync());
        await place.Manifest.LogAsync(hour: 4, bytes: 70);
        await place.Manifest.LogAsync(hour: 4, bytes: 30);
        var status = await place.Blocks.ListAsync(Token);
        var row = Assert.Single(status.Blocks);
        Assert.Equal((imported.Block, BlockState.Live, 1), (row.Block.Ulid, row.State, row.Block.Level));
        Assert.Equal((imported.Series, imported.Samples), (row.Block.Series, row.Block.Samples));
        var window = Assert.Single(status.Windows);
        Assert.Equal((4 * 3_600_000L, 2, 100L), (window.Window.StartMs, window.Files, window.Bytes));
    }

    [Fact]
    public async Task Rebuild_WithoutAnyRow_RestoresWhatTheListSays()
    {
        await place.AddForeignAsync(1);
        await place.AddForeignAsync(2);
        await place.ImportAsync();
        var before = Facts(await place.Blocks.ListAsync(Token));
        var dump = await place.DumpAsync();
        await LoseManifestAsync();
        Assert.Empty((await place.Blocks.ListAsync(Token)).Blocks);
        var forgotten = await VerdictsAsync();
        Assert.Equal(2, forgotten.Count);
        Assert.All(forgotten, one => Assert.Contains("rebuild-manifest", one.Problems[0], StringComparison.Ordinal));
        var plan = await place.Rebuild.PlanAsync(Token);
        Assert.Equal((2, 0, 0, 0), (plan.Kept.Count, plan.LeftOut.Count, plan.Incomplete.Count, plan.Damaged.Count));
        Assert.Empty((await place.Blocks.ListAsync(Token)).Blocks);
        await place.Rebuild.RunAsync(Token);
        Assert.Equal(before, Facts(await place.Blocks.ListAsync(Token)));
        Assert.Equal(dump, await place.DumpAsync());
        Assert.All(await VerdictsAsync(), verdict => Assert.Empty(verdict.Problems));
        Assert.All(await place.ImportAsync(), one => Assert.Equal(ImportOutcome.AlreadyThere, one.Outcome));
    }

    [Fact]
    public async Task Rebuild_WithoutRowsAndWithADamagedMeta_ChangesNothing()
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        await OverwriteAsync(BlockPaths.PrefixOf(block) + "meta.json", bytes => bytes[30] ^= 1);
        await LoseManifestAsync();
        Assert.Single((await place.Rebuild.PlanAsync(Token)).Damaged);
        var error = await Assert.ThrowsAsync<BlocksException>(() => place.Rebuild.RunAsync(Token));
        Assert.Contains("nothing was rebuilt", error.Message, StringComparison.Ordinal);
        Assert.False((await place.Manifest.Reader.ReloadAsync(Token)).State.IsClosed);
    }

    [Fact]
    public async Task Rebuild_WithRowsAndADamagedMeta_KeepsTheRow()
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        var before = Facts(await place.Blocks.ListAsync(Token));
        await OverwriteAsync(BlockPaths.PrefixOf(block) + "meta.json", bytes => bytes[30] ^= 1);
        await place.Rebuild.RunAsync(Token);
        Assert.Equal(before, Facts(await place.Blocks.ListAsync(Token)));
    }

    [Theory]
    [InlineData("chunks/000001", "offset")]
    [InlineData("index", "offset")]
    [InlineData("meta.json", "meta.json")]
    public async Task Verify_OfADamagedFile_NamesIt(string file, string problem)
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        Assert.Empty(Assert.Single(await VerdictsAsync()).Problems);
        await OverwriteAsync(BlockPaths.PrefixOf(block) + file, bytes => bytes[bytes.Length / 2] ^= 1);
        var verdict = Assert.Single(await VerdictsAsync(block));
        Assert.Equal(block.ToString(), verdict.Name);
        Assert.Contains(verdict.Problems, text => text.Contains(problem, StringComparison.Ordinal));
        Assert.Contains(
            verdict.Problems,
            text => text.Contains(BlockPaths.PrefixOf(block) + file, StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData("chunks/000001")]
    [InlineData("meta.json")]
    public async Task Verify_OfAMissingFile_NamesIt(string file)
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        await place.Manifest.Blobs.DeleteAsync(BlockPaths.PrefixOf(block) + file, null, Token);
        var verdict = Assert.Single(await VerdictsAsync());
        Assert.Contains(verdict.Problems, text => text.Contains("missing", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_WhereTheManifestSaysSomethingElse_SaysWhat()
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        var meta = (await place.Blocks.InspectAsync(block, Token)).Meta!;
        await place.Manifest.Blobs.WriteAsync(
            BlockPaths.PrefixOf(block) + "meta.json",
            BlockMetaJson.Write(meta with { Level = 3 }),
            WriteCondition.None,
            Token
        );
        var verdict = Assert.Single(await VerdictsAsync());
        Assert.Equal(["level: the manifest says 1, meta.json says 3"], verdict.Problems);
    }

    [Fact]
    public async Task Download_Twice_CopiesOnce()
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        // What a copy that was killed left.
        Directory.CreateDirectory(Path.Combine(place.Out, $"{block}.tmp-for-creation", "chunks"));
        Assert.True(await Downloads.RunAsync(block, place.Out, Token) > 0);
        Assert.Null(await Downloads.RunAsync(block, place.Out, Token));
        Assert.Equal(
            new[] { block.ToString(), "wal" },
            Directory.EnumerateDirectories(place.Out).Select(Path.GetFileName).Order(StringComparer.Ordinal)
        );
        Assert.Equal(
            await File.ReadAllBytesAsync(Path.Combine(place.Store, "blocks", block.ToString(), "index"), Token),
            await File.ReadAllBytesAsync(Path.Combine(place.Out, block.ToString(), "index"), Token)
        );
    }

    [Fact]
    public async Task UnknownBlock_IsSaidToBeNone()
    {
        var ulid = NewUlid();
        await Assert.ThrowsAsync<BlocksException>(() => place.Blocks.InspectAsync(ulid, Token));
        await Assert.ThrowsAsync<BlocksException>(() => Downloads.RunAsync(ulid, place.Out, Token));
        var error = await Assert.ThrowsAsync<BlocksException>(() => VerdictsAsync(ulid));
        Assert.Contains("tributary blocks ls", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Release_LetsABlockInQuarantineCountAgain()
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        Task ReleaseAsync() => place.Blocks.ReleaseAsync(block, TimeProvider.System, NewUlid(), Token);
        await Assert.ThrowsAsync<BlocksException>(ReleaseAsync);
        Assert.True(await place.Manifest.Writer.QuarantineAsync(NewUlid(), block, "a test", Token));
        Assert.Contains("in quarantine", Assert.Single(await VerdictsAsync()).Problems[0], StringComparison.Ordinal);
        await ReleaseAsync();
        Assert.Equal(BlockState.Live, Assert.Single((await place.Blocks.ListAsync(Token)).Blocks).State);
    }

    [Fact]
    public async Task Garbage_DryRun_SaysWhatTheRunRemoves()
    {
        await place.AddForeignAsync(1);
        var block = Assert.Single(await place.ImportAsync()).Block!.Value;
        var manifest = await place.Manifest.Reader.ReloadAsync(Token);
        var change = new ManifestChange
        {
            Id = NewUlid(),
            PlannedOn = manifest,
            Changed = [new BlockStateChange(block, BlockState.Deleted, "a test")],
        };
        Assert.True((await place.Manifest.Writer.CommitAsync(change, Token)).IsCommitted);
        var names = await place.Manifest.NamesAsync("blocks/");
        var job = new GarbageJob(place.Manifest.Blobs, place.Manifest.Tables, TimeProvider.System, NewUlid);
        var options = new GarbageOptions { DeletionDelay = TimeSpan.Zero };
        var (dry, _) = await job.RunAsync(options with { IsDryRun = true }, Token);
        Assert.Equal(1, dry.Blocks);
        Assert.Equal(names, await place.Manifest.NamesAsync("blocks/"));
        Assert.Single((await place.Blocks.ListAsync(Token)).Blocks);
        var (run, _) = await job.RunAsync(options, Token);
        Assert.Equal(dry, run with { Problems = dry.Problems });
        Assert.Empty(await place.Manifest.NamesAsync("blocks/"));
        Assert.Empty((await place.Blocks.ListAsync(Token)).Blocks);
    }

    private async Task<List<BlockVerdict>> VerdictsAsync(Ulid? only = null)
    {
        var all = new List<BlockVerdict>();
        await foreach (var verdict in Verifier.RunAsync(only, Token))
        {
            all.Add(verdict);
        }
        return all;
    }

    private static List<string> Facts(Tributary.Api.BlocksStatus status) =>
        [
            .. status.Blocks.Select(row =>
                $"{row.Block.Ulid} {row.State} {row.Block.Level} {row.Block.MinTimeMs} {row.Block.MaxTimeMs} "
                + $"{row.Block.Series} {row.Block.Samples} {row.Block.Chunks} {row.Block.Bytes} {row.Block.Number} "
                + string.Join(' ', row.Block.Sources)
            ),
        ];

    private async Task LoseManifestAsync()
    {
        var manifest = await place.Manifest.Reader.ReloadAsync(Token);
        foreach (var partition in new[] { manifest.Partition, "pointer" })
        {
            var rows = new List<string>();
            await foreach (var row in place.Manifest.Tables.QueryAsync("manifest", partition, null, null, Token))
            {
                rows.Add(row.Row);
            }
            foreach (var row in rows)
            {
                await place.Manifest.Tables.CommitAsync(
                    "manifest",
                    partition,
                    [new TableWrite(TableAction.Delete, row)],
                    Token
                );
            }
        }
    }

    private async Task OverwriteAsync(string name, Action<byte[]> change)
    {
        var bytes = new byte[(await place.Manifest.Blobs.GetInfoAsync(name, Token))!.LengthBytes];
        await place.Manifest.Blobs.ReadAsync(name, 0, bytes, null, Token);
        change(bytes);
        await place.Manifest.Blobs.WriteAsync(name, bytes, WriteCondition.None, Token);
    }
}
