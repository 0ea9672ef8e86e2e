using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>What the manifest does, the same on every store.</summary>
public abstract class ManifestContract : IAsyncLifetime
{
    private static readonly TimeRange Everything = new(0, long.MaxValue);

    private static CancellationToken Token => ManifestPlace.Token;

    private ManifestPlace Place { get; set; } = null!;

    /// <summary>Stores of this test alone.</summary>
    protected abstract Task<(IBlobStore Blobs, ITableStore Tables)> CreateAsync();

    public async ValueTask InitializeAsync()
    {
        var (blobs, tables) = await CreateAsync();
        Place = new ManifestPlace(blobs, tables);
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task EmptyManifest_IsReadAsSuch()
    {
        var manifest = await Place.Reader.RefreshAsync(Token);
        Assert.Equal((0, 0, "main"), (manifest.State.Number, manifest.Blocks.Count, manifest.Partition));
        Assert.Same(manifest, await Place.Reader.RefreshAsync(Token));
    }

    [Fact]
    public async Task Commit_IsSeenByOthers_WithEverythingThatBelongsToIt()
    {
        var log = await Place.LogAsync(0, 10);
        var block = await Place.AddAsync(0, 2, new ConsumedLogFile(log.Name, 10));
        var (reader, _) = Place.Open();
        var manifest = await reader.RefreshAsync(Token);
        var row = Assert.Single(manifest.Live);
        Assert.Equivalent(block, row.Block, strict: true);
        Assert.Equal(new byte[] { 1, 2, 3 }, row.Statistics.ToArray());
        Assert.Equal(1, manifest.State.Number);
        Assert.True(manifest.IsConsumed(log.Name, 10));
        Assert.False(manifest.IsConsumed(log.Name, 11));
    }

    [Fact]
    public async Task Refresh_OfAnUnchangedManifest_CostsOneOperation()
    {
        await Place.AddAsync(0, 2);
        var before = await Place.Reader.RefreshAsync(Token);
        var operations = Place.TableOperations;
        Assert.Same(before, await Place.Reader.RefreshAsync(Token));
        Assert.Equal(1, Place.TableOperations - operations);
        await Place.AddAsync(2, 4);
        Assert.NotSame(before, await Place.Reader.RefreshAsync(Token));
    }

    [Fact]
    public async Task PendingBlock_IsNoPartOfTheManifest_AndCanBeTouchedAndGivenUp()
    {
        var plannedOn = await Place.Reader.RefreshAsync(Token);
        var block = Place.Block(plannedOn, 0, 2);
        await Place.Writer.BeginAsync(plannedOn, block, Token);
        Assert.Empty((await Place.Reader.ReloadAsync(Token)).Live);
        Assert.True(await Place.Writer.TouchAsync(plannedOn, block.Ulid, Token));
        Assert.True(await Place.Writer.AbandonAsync(plannedOn, block.Ulid, "why", Token));
        Assert.False(await Place.Writer.TouchAsync(plannedOn, block.Ulid, Token));
        var result = await Place.Writer.CommitAsync(Place.Adding(plannedOn, block), Token);
        Assert.Equal("a block that was written is no longer pending", result.Refusal);
        var row = (await Place.Reader.ReloadAsync(Token)).Blocks[block.Ulid];
        Assert.Equal((BlockState.Deleted, "why"), (row.State, row.Reason));
    }

    [Fact]
    public async Task TwoCommitters_OfTheSameLogFile_OneCommits()
    {
        var log = await Place.LogAsync(0, 10);
        var consumed = new ConsumedLogFile(log.Name, 10);
        var (reader, writer) = Place.Open();
        var (mine, theirs) = (await Place.Reader.RefreshAsync(Token), await reader.RefreshAsync(Token));
        var (first, second) = (Place.Block(mine, 0, 2), Place.Block(theirs, 0, 2));
        await Place.Writer.BeginAsync(mine, first, Token);
        await writer.BeginAsync(theirs, second, Token);
        Assert.True((await writer.CommitAsync(Place.Adding(theirs, second, consumed), Token)).IsCommitted);
        Assert.False((await Place.Writer.CommitAsync(Place.Adding(mine, first, consumed), Token)).IsCommitted);
        Assert.Equal(second.Ulid, Assert.Single((await Place.Reader.RefreshAsync(Token)).Live).Block.Ulid);
    }

    [Fact]
    public async Task TwoCommitters_OfOtherWindows_BothCommit()
    {
        var (reader, writer) = Place.Open();
        var (mine, theirs) = (await Place.Reader.RefreshAsync(Token), await reader.RefreshAsync(Token));
        var (first, second) = (Place.Block(mine, 0, 2), Place.Block(theirs, 2, 4));
        await Place.Writer.BeginAsync(mine, first, Token);
        await writer.BeginAsync(theirs, second, Token);
        Assert.Equal(1, (await writer.CommitAsync(Place.Adding(theirs, second), Token)).Number);
        Assert.Equal(2, (await Place.Writer.CommitAsync(Place.Adding(mine, first), Token)).Number);
        Assert.Equal(2, (await Place.Reader.RefreshAsync(Token)).Live.Count());
    }

    [Fact]
    public async Task Merge_ReplacesFortyBlocksInOneTransaction()
    {
        for (var n = 0; n < ManifestLimits.ReplacedBlocks; n++)
        {
            await Place.AddAsync(0, 2);
        }
        var committer = new BlockCommitter(Place.Blobs, Place.Writer, Place.Time, Place.NewUlid);
        var plannedOn = await Place.Reader.RefreshAsync(Token);
        var writes = Place.Tables.Operations[OperationClass.TableWrite];
        var result = await committer.MergeAsync([.. plannedOn.Live], plannedOn, WriteAsync, Token);
        Assert.Equal(41, result.Number);
        Assert.Equal(2, Place.Tables.Operations[OperationClass.TableWrite] - writes);
        var manifest = await Place.Reader.RefreshAsync(Token);
        var merged = Assert.Single(manifest.Live);
        Assert.Equal((2, 40, 40), (merged.Block.Level, merged.Block.Sources.Count, merged.Block.Parents.Count));
        Assert.All(
            manifest.Blocks.Values.Where(row => row.State != BlockState.Live),
            row => Assert.Equal((BlockState.Deleted, $"replaced by {merged.Block.Ulid}"), (row.State, row.Reason))
        );
    }

    [Fact]
    public async Task LevelOne_SealsTheFiles_BeforeItReadsTheirLength()
    {
        var log = await Place.LogAsync(0, 10);
        await Place.Blobs.AppendAsync(log.Name.ToString(), 10, new byte[5], Token);
        var committer = new BlockCommitter(Place.Blobs, Place.Writer, Place.Time, Place.NewUlid);
        var plannedOn = await Place.Reader.RefreshAsync(Token);
        var group = new LevelOneGroup(log.Name.Window, [log]);
        Assert.True((await committer.LevelOneAsync(group, plannedOn, WriteAsync, Token)).IsCommitted);
        var failure = await Assert.ThrowsAsync<StoreException>(() =>
            Place.Blobs.AppendAsync(log.Name.ToString(), 15, new byte[1], Token)
        );
        Assert.Equal(StoreError.Sealed, failure.Error);
        Assert.True((await Place.Reader.RefreshAsync(Token)).IsConsumed(log.Name, 15));
        Assert.Empty((await Place.View.PlanAsync(Everything, Token)).LogFiles);
    }

    [Fact]
    public async Task LevelOne_WithoutASampleLeft_CommitsWithoutABlock()
    {
        var log = await Place.LogAsync(0, 10);
        var committer = new BlockCommitter(Place.Blobs, Place.Writer, Place.Time, Place.NewUlid);
        var plannedOn = await Place.Reader.RefreshAsync(Token);
        var group = new LevelOneGroup(log.Name.Window, [log]);
        var result = await committer.LevelOneAsync(
            group,
            plannedOn,
            (_, _) => Task.FromResult<WrittenBlock?>(null),
            Token
        );
        Assert.True(result.IsCommitted);
        var manifest = await Place.Reader.RefreshAsync(Token);
        Assert.Empty(manifest.Live);
        Assert.True(manifest.IsConsumed(log.Name, 10));
    }

    [Fact]
    public async Task Delete_SealsTheLog_AndAppliesToWhatWasThere()
    {
        var before = await Place.AddAsync(0, 2);
        var log = await Place.LogAsync(0, 10);
        var deletion = new SeriesDeletion(Place.Blobs, Place.Reader, Place.Writer, Place.Time, Place.NewUlid);
        var range = new TimeRange(5, 100);
        var delete = await deletion.DeleteAsync(range, ["up", "{job=\"a\"}"], Token);
        var after = await Place.AddAsync(0, 2);
        var later = await Place.LogAsync(0, 10);
        var plan = await Place.View.PlanAsync(Everything, Token);
        Assert.Equal(["up", "{job=\"a\"}"], Assert.Single(plan.Deletes).Selectors);
        Assert.Equal(delete.Ulid, Assert.Single(plan.DeletesOf(before)).Ulid);
        Assert.Empty(plan.DeletesOf(after));
        Assert.Single(plan.DeletesOf(log.Name));
        Assert.Empty(plan.DeletesOf(later.Name));
        Assert.True((await Place.Blobs.GetInfoAsync(log.Name.ToString(), Token))!.IsSealed);
        Assert.Empty((await Place.View.PlanAsync(new TimeRange(101, 200), Token)).Deletes);
    }

    [Fact]
    public async Task Quarantine_LeavesABlockOut_UntilItIsReleased()
    {
        var block = await Place.AddAsync(0, 2);
        Assert.True(await Place.Writer.QuarantineAsync(Place.NewUlid(), block.Ulid, "checksum", Token));
        Assert.False(await Place.Writer.QuarantineAsync(Place.NewUlid(), block.Ulid, "checksum", Token));
        var plan = await Place.View.PlanAsync(Everything, Token);
        Assert.Empty(plan.Blocks);
        Assert.Equal("checksum", Assert.Single(plan.QuarantinedBlocks).Reason);
        Assert.True(await Place.Writer.ReleaseAsync(Place.NewUlid(), block.Ulid, Token));
        Assert.False(await Place.Writer.ReleaseAsync(Place.NewUlid(), block.Ulid, Token));
        var row = Assert.Single((await Place.View.PlanAsync(Everything, Token)).Blocks);
        Assert.Equal(("", 3), (row.Reason, row.Statistics.Length));
    }

    [Fact]
    public async Task Rebuild_MakesANewPartition_ThatEverybodyUses()
    {
        var log = await Place.LogAsync(0, 10);
        var first = await Place.AddAsync(0, 2, new ConsumedLogFile(log.Name, 10));
        var second = await Place.AddAsync(2, 4);
        var (reader, writer) = Place.Open();
        var old = await reader.RefreshAsync(Token);
        var late = Place.Block(old, 4, 6);
        await writer.BeginAsync(old, late, Token);
        IReadOnlyList<RebuiltBlock> found =
        [
            new(first with { Consumed = [new ConsumedLogFile(log.Name, 10)] }, default),
            new(second, default),
            new(late, default),
        ];
        var result = await Place.Rebuild.RunAsync(_ => Task.FromResult(found), Token);
        Assert.Equal((2, 0), (result.Blocks, result.LeftOut));
        Assert.Equal([late.Ulid], result.Incomplete);
        foreach (var one in new[] { Place.Reader, reader, Place.Open().Reader })
        {
            var manifest = await one.RefreshAsync(Token);
            Assert.Equal((result.Partition, 2), (manifest.Partition, manifest.State.Number));
            Assert.Equal([first.Ulid, second.Ulid], manifest.Live.Select(row => row.Block.Ulid));
            Assert.Equal(3, manifest.Live.First().Statistics.Length);
            Assert.True(manifest.IsConsumed(log.Name, 10));
        }
        Assert.Equal(CommitCheck.Rebuilding, (await writer.CommitAsync(Place.Adding(old, late), Token)).Refusal);
        Assert.Equal(3, (await CommitNextAsync()).Number);
    }

    [Fact]
    public async Task JobLease_IsHeldByOneAtATime()
    {
        var first = await JobLease.TryTakeAsync(Place.Blobs, "compact", Token);
        Assert.NotNull(first);
        Assert.Null(await JobLease.TryTakeAsync(Place.Blobs, "compact", Token));
        Assert.True(await first.RenewAsync(Token));
        await first.ReleaseAsync(Token);
        Assert.False(await first.RenewAsync(Token));
        await first.ReleaseAsync(Token);
        Assert.NotNull(await JobLease.TryTakeAsync(Place.Blobs, "compact", Token));
    }

    private async Task<CommitResult> CommitNextAsync()
    {
        var plannedOn = await Place.Reader.RefreshAsync(Token);
        var block = Place.Block(plannedOn, 6, 8);
        await Place.Writer.BeginAsync(plannedOn, block, Token);
        return await Place.Writer.CommitAsync(Place.Adding(plannedOn, block), Token);
    }

    private async Task<WrittenBlock?> WriteAsync(BlockTask task, CancellationToken cancellationToken)
    {
        var block = task.Block with { Samples = 1, Files = [new BlockFile("meta.json", 3)] };
        await Place.UploadAsync(block);
        return new WrittenBlock(block, default);
    }
}
