using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Compaction;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Storage.Blocks;
using Tributary.Tests.Unit.Storage.Compaction;
using Tributary.Tests.Unit.Storage.Manifest;
using Tributary.Tests.Unit.Storage.Selection;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Jobs;

public sealed class SnapshotJobTests
{
    private readonly SelectionPlace place = new();

    private static CancellationToken Token => CompactionPlace.Token;

    private ManifestPlace Manifest => place.Store.Manifest;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Snapshot_IsADataDirectory_WithoutWhatIsDeleted(bool skipHead)
    {
        await FillAsync();
        var deletion = new SeriesDeletion(
            Manifest.Blobs,
            Manifest.Reader,
            Manifest.Writer,
            Manifest.Time,
            Manifest.NewUlid
        );
        var from = SelectionPlace.WindowAt(-2).StartMs + 1_800_000;
        await deletion.DeleteAsync(new(from, long.MaxValue / 2), ["m1"], Token);
        var before = await Manifest.NamesAsync("");
        var snapshot = await Job(Manifest.Blobs).RunAsync(skipHead, new CompactionOptions(), Token);
        Assert.Empty(snapshot.Warnings);
        Assert.Matches("^20[0-9]{6}T[0-9]{6}Z-[0-9a-f]{16}$", snapshot.Name);
        var added = (await Manifest.NamesAsync("")).Except([.. before, "store/id"]).ToList();
        Assert.All(added, name => Assert.StartsWith($"snapshots/{snapshot.Name}/", name, StringComparison.Ordinal));

        var m1 = SelectorParser.Parse("m1");
        var end = SelectionPlace.WindowAt(skipHead ? -2 : 0).EndMs;
        foreach (var (series, at) in place.Written.Keys.ToList())
        {
            if ((at >= from && m1.Matches(series)) || at >= end)
            {
                place.Written.Remove((series, at));
            }
        }
        var expected = place.Expected(SelectionPlace.Everything, SelectionPlace.Always);
        using var folder = new TestFolder();
        await DownloadAsync($"snapshots/{snapshot.Name}/", folder.Path);
        Assert.Equal(
            BlockSamples.Dump(expected).Order(StringComparer.Ordinal),
            await BlocksPlace.PromtoolDumpAsync(folder.Path)
        );
    }

    [Fact]
    public async Task Snapshot_ThatFails_LeavesNothing()
    {
        await FillAsync();
        var blobs = new FullStore(Manifest.Blobs);
        await Assert.ThrowsAsync<StoreException>(() =>
            Job(blobs).RunAsync(skipHead: false, new CompactionOptions(), Token)
        );
        Assert.True(blobs.Written > 5);
        Assert.Empty(await Manifest.NamesAsync("snapshots/"));
    }

    [Fact]
    public async Task Snapshot_OfADamagedLogFile_HasTheOthers_AndSaysSo()
    {
        await FillAsync();
        var file = (await place.LogFilesAsync())[^1].ToString();
        var length = (await Manifest.Blobs.GetInfoAsync(file, Token))!.LengthBytes;
        await Manifest.Blobs.AppendAsync(file, length, new byte[40], Token);
        var snapshot = await Job(Manifest.Blobs).RunAsync(skipHead: false, new CompactionOptions(), Token);
        Assert.Contains(file, Assert.Single(snapshot.Warnings), StringComparison.Ordinal);
        var blocks = (await Manifest.NamesAsync("snapshots/")).Count(name =>
            name.EndsWith("/meta.json", StringComparison.Ordinal)
        );
        Assert.Equal(4, blocks);
    }

    [Fact]
    public async Task Snapshot_OfAnEmptyStore_IsAnEmptyDataDirectory()
    {
        var snapshot = await Job(Manifest.Blobs).RunAsync(skipHead: false, new CompactionOptions(), Token);
        Assert.Equal([$"snapshots/{snapshot.Name}/wal/00000000"], await Manifest.NamesAsync("snapshots/"));
    }

    private SnapshotJob Job(IBlobStore blobs) =>
        new(blobs, Manifest.Tables, Manifest.Time, () => Ulid.New(Manifest.Time, Random.Shared));

    /// <summary>Two blocks, and two windows that are in none.</summary>
    private async Task FillAsync()
    {
        for (var offset = -3; offset <= 0; offset++)
        {
            await place.FillAsync(new Random(offset + 9), SelectionPlace.WindowAt(offset));
        }
        await place.Store.CompactLogAsync(SelectionPlace.WindowAt(-3));
        await place.Store.CompactLogAsync(SelectionPlace.WindowAt(-2));
    }

    private async Task DownloadAsync(string prefix, string folder)
    {
        foreach (var name in await Manifest.NamesAsync(prefix))
        {
            var path = Path.Combine(folder, name[prefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var bytes = new byte[(await Manifest.Blobs.GetInfoAsync(name, Token))!.LengthBytes];
            await Manifest.Blobs.ReadAsync(name, 0, bytes, null, Token);
            await File.WriteAllBytesAsync(path, bytes, Token);
        }
    }

    /// <summary>The last file of a snapshot has no room.</summary>
    private sealed class FullStore(IBlobStore inner) : PassingBlobs(inner)
    {
        public int Written { get; private set; }

        public override Task<BlobInfo> WriteAsync(
            string name,
            ReadOnlyMemory<byte> content,
            WriteCondition condition,
            CancellationToken cancellationToken
        )
        {
            Written++;
            return name.EndsWith("/wal/00000000", StringComparison.Ordinal)
                ? throw new StoreException(StoreError.Unusable, "no room")
                : base.WriteAsync(name, content, condition, cancellationToken);
        }
    }
}
