using Tributary.Binary;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Compaction;
using Tributary.Tests.Unit.Storage.Manifest;
using Tributary.Tests.Unit.Storage.Selection;

namespace Tributary.Tests.Unit.Jobs;

public sealed class CleanTombstonesJobTests
{
    private readonly SelectionPlace place = new();

    private static CancellationToken Token => CompactionPlace.Token;

    private ManifestPlace Manifest => place.Store.Manifest;

    private CleanTombstonesJob Job => new(Manifest.Blobs, Manifest.Tables, Manifest.Time, Manifest.NewUlid);

    [Fact]
    public async Task Clean_WritesAnewOnlyBlocksThatHaveSomethingDeleted()
    {
        var blocks = await FillAsync(-4, -3, -2);
        var (second, selector) = (SelectionPlace.WindowAt(-3), SelectorParser.Parse("m1"));
        await DeleteAsync(new TimeRange(second.StartMs, second.EndMs - 1), "m1");
        await DeleteAsync(SelectionPlace.Always, "there_is_none");
        Assert.Equal(1, await Job.RunAsync(new CompactionOptions(), Token));
        Assert.Equal(0, await Job.RunAsync(new CompactionOptions(), Token));

        var live = await LiveAsync();
        Assert.Equal([blocks[0], blocks[2]], live.Intersect(blocks));
        var cleaned = Assert.Single(live.Except(blocks));
        var read = await BlockSamples.ReadAsync(await place.Store.OpenAsync(cleaned));
        Assert.NotEmpty(read);
        Assert.DoesNotContain(read, series => selector.Matches(series.Labels));

        // What is deleted is gone from all blocks, and the deletes apply to nothing any more once the log has gone.
        foreach (var file in await place.LogFilesAsync())
        {
            await Manifest.Blobs.DeleteAsync(file.ToString(), null, Token);
        }
        Manifest.Time.Advance(TimeSpan.FromHours(2));
        await Manifest.Garbage.RunAsync(new GarbageOptions(), Token);
        await Manifest.Garbage.RunAsync(new GarbageOptions(), Token);
        var left = (await Manifest.Reader.ReloadAsync(Token)).Deletes.Values;
        // The other one selects nothing; it goes with the blocks that are older than it.
        Assert.Single(left);
    }

    [Fact]
    public async Task Clean_OfABlockOfWhichAllIsDeleted_LeavesNoBlock()
    {
        await FillAsync(-3);
        await DeleteAsync(SelectionPlace.Always, "{__name__=~\".+\"}");
        Assert.Equal(1, await Job.RunAsync(new CompactionOptions(), Token));
        Assert.Empty(await LiveAsync());
    }

    [Fact]
    public async Task Clean_WaitsForACompaction()
    {
        await FillAsync(-3);
        await DeleteAsync(SelectionPlace.Always, "m1");
        var lease = await JobLease.TryTakeAsync(Manifest.Blobs, CompactJob.LeaseName, Token);
        var cleaning = Job.RunAsync(new CompactionOptions(), Token);
        Assert.False(cleaning.IsCompleted);
        await lease!.ReleaseAsync(Token);
        Assert.Equal(1, await cleaning);
    }

    [Fact]
    public async Task Clean_OfADamagedBlock_CleansTheOthersAndNamesIt()
    {
        var blocks = await FillAsync(-4, -3);
        await DeleteAsync(SelectionPlace.Always, "m1");
        var name = $"blocks/{blocks[0]}/index";
        var index = (await Manifest.Blobs.GetInfoAsync(name, Token))!;
        var bytes = new byte[index.LengthBytes];
        await Manifest.Blobs.ReadAsync(name, 0, bytes, null, Token);
        bytes[^1] ^= 1;
        await Manifest.Blobs.WriteAsync(name, bytes, WriteCondition.None, Token);
        var error = await Assert.ThrowsAsync<CorruptDataException>(() => Job.RunAsync(new CompactionOptions(), Token));
        Assert.Equal(name, error.Blob);
        Assert.Equal([blocks[0]], (await LiveAsync()).Intersect(blocks));
    }

    private async Task<List<Ulid>> FillAsync(params int[] offsets)
    {
        var blocks = new List<Ulid>();
        foreach (var offset in offsets)
        {
            await place.FillAsync(new Random(offset + 9), SelectionPlace.WindowAt(offset));
            blocks.Add((await place.Store.CompactLogAsync(SelectionPlace.WindowAt(offset)))!.Value);
        }
        return blocks;
    }

    private async Task<List<Ulid>> LiveAsync() =>
        [.. (await Manifest.Reader.RefreshAsync(Token)).Live.Select(row => row.Block.Ulid)];

    private Task<DeleteDescription> DeleteAsync(TimeRange range, string selector) =>
        new SeriesDeletion(
            Manifest.Blobs,
            Manifest.Reader,
            Manifest.Writer,
            Manifest.Time,
            Manifest.NewUlid
        ).DeleteAsync(range, [selector], Token);
}
