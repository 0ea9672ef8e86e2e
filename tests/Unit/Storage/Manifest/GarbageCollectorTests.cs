using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>What goes when; every case a little before its time, too.</summary>
public sealed class GarbageCollectorTests
{
    private static readonly GarbageOptions Options = new();
    private static readonly TimeSpan Little = TimeSpan.FromSeconds(1);
    private readonly ManifestPlace place;

    public GarbageCollectorTests()
    {
        // The place's time is the store's.
        var time = new Stores.ManualTime();
        var storage = new Simulation.SimulatedStorage(time);
        place = new ManifestPlace(storage.ImmediateBlobs(), storage.ImmediateTables());
        Time = time;
    }

    private static CancellationToken Token => ManifestPlace.Token;

    private Stores.ManualTime Time { get; }

    /// <summary>What cannot go, because somebody holds it, is named, and keeps nothing else.</summary>
    [Fact]
    public async Task Retention_AFileThatCannotGo_KeepsNoOther()
    {
        var place = new ManifestPlace();
        var held = await place.LogAsync(0, 10);
        var other = await place.LogAsync(2, 10);
        var block = await place.AddAsync(0, 2);
        await place.Blobs.AcquireLeaseAsync(held.Blob.Name, TimeSpan.FromSeconds(60), ManifestPlace.Token);
        var retention = new Retention(place.Blobs, place.Tables, place.Reader, place.Writer, place.Time, place.NewUlid);
        var result = await retention.RunAsync(new RetentionPlan { Time = TimeSpan.FromHours(10) }, ManifestPlace.Token);
        Assert.Equal((1, 1), (result.Blocks, result.LogFiles));
        Assert.Contains(held.Blob.Name, Assert.Single(result.Problems), StringComparison.Ordinal);
        Assert.Null(await place.Blobs.GetInfoAsync(other.Blob.Name, ManifestPlace.Token));
        var row = (await place.Reader.RefreshAsync(ManifestPlace.Token)).Blocks[block.Ulid];
        Assert.Equal(BlockState.Deleted, row.State);
    }

    [Fact]
    public async Task DeletedBlock_GoesAfterTheDeletionDelay()
    {
        var block = await place.AddAsync(0, 2);
        await DeleteAsync(block.Ulid);
        Time.Advance(Options.DeletionDelay - Little);
        Assert.Equal(0, (await place.Garbage.RunAsync(Options, Token)).Blocks);
        Assert.Equal(2, (await place.NamesAsync("blocks/")).Count);
        Time.Advance(Little);
        Assert.Equal(1, (await place.Garbage.RunAsync(Options, Token)).Blocks);
        Assert.Empty(await place.NamesAsync("blocks/"));
        Assert.Empty((await place.Reader.ReloadAsync(Token)).Blocks);
        Assert.Equal(0, (await place.Garbage.RunAsync(Options, Token)).Blocks);
    }

    [Fact]
    public async Task PendingBlock_IsGivenUpFirst_AndGoesAfterTheDeletionDelay()
    {
        var plannedOn = await place.Reader.RefreshAsync(Token);
        var block = place.Block(plannedOn, 0, 2);
        await place.Writer.BeginAsync(plannedOn, block, Token);
        await place.UploadAsync(block);
        Time.Advance(Options.AbandonedAfter - Little);
        Assert.True(await place.Writer.TouchAsync(plannedOn, block.Ulid, Token));
        Time.Advance(Little);
        Assert.Equal(0, (await place.Garbage.RunAsync(Options, Token)).AbandonedBlocks);
        Time.Advance(Options.AbandonedAfter);
        Assert.Equal(1, (await place.Garbage.RunAsync(Options, Token)).AbandonedBlocks);
        Assert.Equal(2, (await place.NamesAsync("blocks/")).Count);
        Assert.False((await place.Writer.CommitAsync(place.Adding(plannedOn, block), Token)).IsCommitted);
        Time.Advance(Options.DeletionDelay);
        Assert.Equal(1, (await place.Garbage.RunAsync(Options, Token)).Blocks);
        Assert.Empty(await place.NamesAsync("blocks/"));
    }

    [Fact]
    public async Task ConsumedLogFile_GoesAfterTheDeletionDelay_AndWhenNobodyHoldsIt()
    {
        var (gone, held, grown) = (
            await place.LogAsync(0, 10),
            await place.LogAsync(0, 10),
            await place.LogAsync(0, 10)
        );
        var other = await place.LogAsync(0, 10);
        await place.AddAsync(0, 2, new(gone.Name, 10), new(held.Name, 10), new(grown.Name, 9));
        var options = Options with
        {
            Holds = (_, _) => Task.FromResult<Func<PlannedLogFile, bool>>(file => file.Name == held.Name),
        };
        Time.Advance(Options.DeletionDelay - Little);
        Assert.Equal(0, (await place.Garbage.RunAsync(options, Token)).LogFiles);
        Time.Advance(Little);
        Assert.Equal(1, (await place.Garbage.RunAsync(options, Token)).LogFiles);
        Assert.Equal(
            new[] { held, grown, other }.Select(file => file.Name.ToString()).Order(StringComparer.Ordinal),
            await place.NamesAsync("log/")
        );
        var manifest = await place.Reader.ReloadAsync(Token);
        Assert.False(manifest.IsConsumed(gone.Name, 10));
        Assert.True(manifest.IsConsumed(held.Name, 10));
        // The row was written just now, so what it still names waits again.
        Time.Advance(Options.DeletionDelay);
        Assert.Equal(1, (await place.Garbage.RunAsync(Options, Token)).LogFiles);
    }

    [Fact]
    public async Task WindowRow_OfFilesThatAreGone_Goes()
    {
        var file = await place.LogAsync(0, 10);
        await place.AddAsync(0, 2, new ConsumedLogFile(file.Name, 10));
        Time.Advance(Options.DeletionDelay);
        await place.Garbage.RunAsync(Options, Token);
        Assert.Empty((await place.Reader.ReloadAsync(Token)).Windows);
        var next = await place.AddAsync(0, 2);
        Assert.Equal(2, next.Number);
    }

    [Fact]
    public async Task Delete_ThatAppliesToNothingAnyMore_IsForgotten_AndItsBlobGoesLater()
    {
        var block = await place.AddAsync(0, 2);
        var log = await place.LogAsync(0, 10);
        var deletion = new SeriesDeletion(place.Blobs, place.Reader, place.Writer, Time, place.NewUlid);
        Time.Advance(Little);
        await deletion.DeleteAsync(new TimeRange(0, 100), ["up"], Token);
        await DeleteAsync(block.Ulid);
        Time.Advance(Options.DeletionDelay);
        Assert.Equal(0, (await place.Garbage.RunAsync(Options, Token)).Deletes);
        await place.Blobs.DeleteAsync(log.Name.ToString(), null, Token);
        Assert.Equal(1, (await place.Garbage.RunAsync(Options, Token)).Deletes);
        Assert.Empty((await place.Reader.ReloadAsync(Token)).Deletes);
        Assert.Equal(0, (await place.Sweep.RunAsync(Options, Token)).Deletes);
        Time.Advance(Options.OrphanAge);
        Assert.Equal(1, (await place.Sweep.RunAsync(Options, Token)).Deletes);
        Assert.Empty(await place.NamesAsync("deletes/"));
    }

    [Fact]
    public async Task OrphanFiles_GoAfterADay()
    {
        await place.AddAsync(0, 2);
        Time.Advance(Little);
        var orphan = place.Block(await place.Reader.RefreshAsync(Token), 0, 2);
        await place.UploadAsync(orphan);
        Time.Advance(Options.OrphanAge - Little);
        Assert.Equal(0, (await place.Sweep.RunAsync(Options, Token)).Blocks);
        Time.Advance(Little);
        Assert.Equal(1, (await place.Sweep.RunAsync(Options, Token)).Blocks);
        Assert.Equal(2, (await place.NamesAsync("blocks/")).Count);
    }

    [Fact]
    public async Task OrphanFiles_OfAStoreInWhichNothingWasEverCommitted_GoAfterADay()
    {
        var orphan = place.Block(await place.Reader.RefreshAsync(Token), 0, 2);
        var name = BlockDescription.PrefixOf(orphan.Ulid) + "chunks/000001";
        await place.Blobs.WriteAsync(name, new byte[5], WriteCondition.Create, Token);
        Assert.Equal(0, (await place.Sweep.RunAsync(Options, Token)).Blocks);
        Time.Advance(Options.OrphanAge);
        Assert.Equal(1, (await place.Sweep.RunAsync(Options, Token)).Blocks);
        Assert.Empty(await place.NamesAsync("blocks/"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task WholeBlocks_OfALostManifest_AreNeverSwept(int newCommits)
    {
        var block = await place.AddAsync(0, 2);
        await LoseAsync();
        Time.Advance(Options.OrphanAge);
        for (var n = 0; n < newCommits; n++)
        {
            await place.AddAsync(2, 4);
        }
        Time.Advance(Options.OrphanAge * 5);
        var result = await place.Sweep.RunAsync(Options, Token);
        Assert.Equal([block.Ulid], result.UnknownBlocks);
        Assert.Equal(0, result.Blocks);
        Assert.Equal(2 * (1 + newCommits), (await place.NamesAsync("blocks/")).Count);
    }

    [Fact]
    public async Task ClosedManifest_IsLeftAlone()
    {
        var block = await place.AddAsync(0, 2);
        await DeleteAsync(block.Ulid);
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            place.Rebuild.RunAsync(_ => throw new InvalidOperationException("interrupted"), Token)
        );
        Time.Advance(Options.OrphanAge * 2);
        Assert.Equal(0, (await place.Garbage.RunAsync(Options, Token)).Blocks);
        Assert.Equal(0, (await place.Sweep.RunAsync(Options, Token)).Blocks);
        Assert.Equal(2, (await place.NamesAsync("blocks/")).Count);
    }

    [Fact]
    public async Task EmptyPass_CostsSixOperations()
    {
        var before = place.TableOperations + place.Blobs.Operations.Total;
        await place.Garbage.RunAsync(Options, Token);
        Assert.Equal(6, place.TableOperations + place.Blobs.Operations.Total - before);
    }

    private async Task DeleteAsync(Ulid block)
    {
        var change = new ManifestChange
        {
            Id = place.NewUlid(),
            PlannedOn = await place.Reader.RefreshAsync(Token),
            Changed = [new BlockStateChange(block, BlockState.Deleted, "test")],
        };
        Assert.True((await place.Writer.CommitAsync(change, Token)).IsCommitted);
    }

    private async Task LoseAsync()
    {
        var rows = new List<TableRow>();
        await foreach (var row in place.Tables.QueryAsync("manifest", "main", null, null, Token))
        {
            rows.Add(row);
        }
        await place.Tables.CommitAsync(
            "manifest",
            "main",
            [.. rows.Select(row => new TableWrite(TableAction.Delete, row.Row))],
            Token
        );
    }
}
