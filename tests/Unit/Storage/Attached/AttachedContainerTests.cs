using Tributary.Model;
using Tributary.Storage.Attached;
using Tributary.Storage.Blocks;
using Tributary.Stores.Local;
using static Tributary.Tests.Unit.Storage.Attached.AttachedPlace;

namespace Tributary.Tests.Unit.Storage.Attached;

public sealed class AttachedContainerTests : IDisposable
{
    private readonly AttachedPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task List_OfAllKinds_CountsWhatThanosWouldRead()
    {
        var now = place.Time.GetUtcNow();
        await place.AddAsync(1, One("__name__=x", 1), null, "cluster", "a", "tributary_store", "other");
        await place.AddAsync(2, One("__name__=x", 2));
        await place.MarkAsync(2, now.AddHours(-25));
        await place.AddAsync(3, One("__name__=x", 3));
        await place.MarkAsync(3, now.AddHours(-23));
        await place.AddAsync(4, One("__name__=x", 4), meta => meta with { ResolutionMs = 300_000 });
        await place.AddAsync(5, One("__name__=x", 5));
        File.Delete(place.PathOf(5, "meta.json"));
        await place.AddAsync(6, One("__name__=x", 6));
        await File.WriteAllTextAsync(place.PathOf(6, "meta.json"), "{", Token);
        await place.AddAsync(7, One("__name__=x", 7));
        await File.WriteAllTextAsync(place.PathOf(7, "deletion-mark.json"), "{\"deletion_time\":\"soon\"}", Token);
        await place.AddAsync(8, One("__name__=x", 8));
        await File.WriteAllTextAsync(place.PathOf(8, "no-compact-mark.json"), "{}", Token);
        Directory.CreateDirectory(Path.Combine(place.Root, "debug", "metas"));
        await File.WriteAllTextAsync(Path.Combine(place.Root, "debug", "metas", "x.json"), "{}", Token);

        var list = await place.Container.ListAsync(Token);
        Assert.Equal("", list.Problem);
        var blocks = list.Blocks.ToDictionary(block => block.Ulid);
        Assert.Equal(8, blocks.Count);
        foreach (var live in (int[])[1, 3, 8])
        {
            Assert.True(blocks[UlidOf(live)].IsLive, blocks[UlidOf(live)].Reason);
        }
        Assert.Equal("{cluster=\"a\"}", blocks[UlidOf(1)].Labels.ToString());
        foreach (
            var (number, reason, isDamaged) in new[]
            {
                (2, "marked for deletion at", false),
                (4, "downsampled", false),
                (5, "no meta.json", false),
                (6, "meta.json", true),
                (7, "deletion-mark.json", true),
            }
        )
        {
            var block = blocks[UlidOf(number)];
            Assert.False(block.IsLive);
            Assert.Contains(reason, block.Reason, StringComparison.Ordinal);
            Assert.Equal(isDamaged, block.IsDamaged);
        }
    }

    [Theory]
    [InlineData(new[] { 1, 2 }, new[] { 1 }, "a", "a", true)]
    [InlineData(new[] { 1, 2 }, new[] { 1 }, "a", "b", false)]
    [InlineData(new[] { 1, 2 }, new[] { 3 }, "a", "a", false)]
    [InlineData(new[] { 1, 2 }, new[] { 1, 2 }, "a", "a", true)]
    public async Task List_ABlockWhoseSourcesAnotherHas_DoesNotCount(
        int[] sources,
        int[] others,
        string label,
        string otherLabel,
        bool isLeftOut
    )
    {
        await place.AddAsync(
            9,
            One("__name__=x", 1),
            meta => meta with { Sources = [.. sources.Select(UlidOf)], Level = 2 },
            "l",
            label
        );
        await place.AddAsync(
            8,
            One("__name__=x", 1),
            meta => meta with { Sources = [.. others.Select(UlidOf)] },
            "l",
            otherLabel
        );
        var list = await place.Container.ListAsync(Token);
        Assert.True(list.Blocks.Single(block => block.Ulid == UlidOf(9)).IsLive);
        Assert.Equal(!isLeftOut, list.Blocks.Single(block => block.Ulid == UlidOf(8)).IsLive);
    }

    [Fact]
    public async Task List_IsReadAnewAfterTheInterval()
    {
        var empty = await place.Container.ListAsync(Token);
        Assert.Contains("no block in it", empty.Problem, StringComparison.Ordinal);
        await place.AddAsync(1, One("__name__=x", 1));
        Assert.Empty((await place.Container.ListAsync(Token)).Blocks);
        place.Time.Advance(Refresh);
        var list = await place.Container.ListAsync(Token);
        Assert.Equal(("", 1), (list.Problem, list.Blocks.Count));
        Directory.Delete(Path.GetDirectoryName(place.PathOf(1, "x"))!, recursive: true);
        Assert.Single((await place.Container.ListAsync(Token)).Blocks);
        place.Container.Expire();
        Assert.Empty((await place.Container.ListAsync(Token)).Blocks);
    }

    [Fact]
    public async Task List_WhileTheStoreDoesNotAnswer_StaysAndSaysSo()
    {
        await place.AddAsync(1, One("__name__=x", 1));
        var blobs = new FailingBlobs(new FolderBlobs(place.Root));
        using var container = new AttachedContainer("thanos", blobs, "", Refresh, place.Time);
        Assert.Single((await container.ListAsync(Token)).Blocks);
        blobs.Fails = true;
        place.Time.Advance(Refresh);
        var list = await container.ListAsync(Token);
        Assert.Equal(("down", 1), (list.Problem, list.Blocks.Count));
        blobs.Fails = false;
        place.Time.Advance(Refresh);
        Assert.Equal("", (await container.ListAsync(Token)).Problem);
    }

    [Fact]
    public void Labels_OfTheBlock_WinOverThoseOfTheSeries()
    {
        var labels = new BlockLabels(LabelSet.Of("cluster", "a", "zone", "z"));
        Assert.Equal(
            LabelSet.Of("__name__", "x", "cluster", "a", "n", "1", "zone", "z"),
            labels.Extend(LabelSet.Of("__name__", "x", "cluster", "own", "n", "1"))
        );
    }
}
