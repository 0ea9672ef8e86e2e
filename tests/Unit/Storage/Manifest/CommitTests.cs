using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>What may come between plan and commit, and what not.</summary>
public sealed class CommitTests
{
    private readonly ManifestPlace place = new();

    private static CancellationToken Token => ManifestPlace.Token;

    [Theory]
    [InlineData("nothing", null)]
    [InlineData("a block of another time", null)]
    [InlineData("a block of the same time", "a block of the same time came in between")]
    [InlineData("a delete", "a delete came in between")]
    [InlineData("the input is deleted", "block * is no longer what it was")]
    [InlineData("the input is in quarantine", "block * is no longer what it was")]
    [InlineData("another block is deleted", null)]
    [InlineData("it was given up", "a block that was written is no longer pending")]
    public async Task Merge_WithSomethingInBetween(string between, string? refusal)
    {
        var input = await place.AddAsync(0, 2);
        var other = await place.AddAsync(10, 12);
        var plannedOn = await place.Reader.RefreshAsync(Token);
        var merged = place.Block(plannedOn, 0, 2) with { Level = 2 };
        await place.Writer.BeginAsync(plannedOn, merged, Token);
        await HappenAsync(between, input.Ulid, other.Ulid, merged.Ulid, plannedOn);
        var change = place.Adding(plannedOn, merged) with
        {
            Changed = [new BlockStateChange(input.Ulid, BlockState.Deleted, "replaced")],
        };
        var result = await place.Writer.CommitAsync(change, Token);
        Assert.Equal(refusal?.Replace("*", $"{input.Ulid}", StringComparison.Ordinal) ?? "", result.Refusal);
        var manifest = await place.Reader.ReloadAsync(Token);
        Assert.Equal(result.IsCommitted ? BlockState.Live : null, LiveOrNull(manifest, merged.Ulid));
        if (result.IsCommitted)
        {
            Assert.Equal(result.Number, manifest.State.Number);
            Assert.Equal(BlockState.Deleted, manifest.Blocks[input.Ulid].State);
        }
    }

    [Fact]
    public async Task Delete_WithAnyCommitInBetween_IsRefused()
    {
        var plannedOn = await place.Reader.RefreshAsync(Token);
        await place.AddAsync(0, 2);
        var change = new ManifestChange
        {
            Id = place.NewUlid(),
            PlannedOn = plannedOn,
            Delete = new DeleteRow(place.NewUlid(), new TimeRange(100, 200), 1),
        };
        Assert.Equal("a commit came in between", (await place.Writer.CommitAsync(change, Token)).Refusal);
    }

    [Fact]
    public async Task SameCommitAgain_IsCommittedOnce()
    {
        var plannedOn = await place.Reader.RefreshAsync(Token);
        var block = place.Block(plannedOn, 0, 2);
        await place.Writer.BeginAsync(plannedOn, block, Token);
        var change = place.Adding(plannedOn, block);
        Assert.Equal(1, (await place.Writer.CommitAsync(change, Token)).Number);
        Assert.False((await place.Writer.CommitAsync(change, Token)).IsCommitted);
        Assert.Equal(1, (await place.Reader.RefreshAsync(Token)).State.Number);
    }

    [Fact]
    public async Task BlockOfAnotherNumber_IsTheCallersMistake()
    {
        var plannedOn = await place.Reader.RefreshAsync(Token);
        var block = place.Block(plannedOn, 0, 2) with { Number = 2 };
        await place.Writer.BeginAsync(plannedOn, block, Token);
        await Assert.ThrowsAsync<ArgumentException>(() =>
            place.Writer.CommitAsync(place.Adding(plannedOn, block), Token)
        );
    }

    private static BlockState? LiveOrNull(ManifestSnapshot manifest, Ulid ulid) =>
        manifest.Blocks.GetValueOrDefault(ulid)?.State is BlockState.Live ? BlockState.Live : null;

    private async Task HappenAsync(string what, Ulid input, Ulid other, Ulid merged, ManifestSnapshot plannedOn)
    {
        switch (what)
        {
            case "nothing":
                break;
            case "a block of another time":
                await place.AddAsync(2, 4);
                break;
            case "a block of the same time":
                await place.AddAsync(1, 2);
                break;
            case "a delete":
                await new SeriesDeletion(
                    place.Blobs,
                    place.Reader,
                    place.Writer,
                    place.Time,
                    place.NewUlid
                ).DeleteAsync(new TimeRange(long.MaxValue - 1, long.MaxValue), ["up"], Token);
                break;
            case "the input is deleted":
                await ChangeAsync(input, BlockState.Deleted);
                break;
            case "the input is in quarantine":
                await ChangeAsync(input, BlockState.Quarantined);
                break;
            case "another block is deleted":
                await ChangeAsync(other, BlockState.Deleted);
                break;
            default:
                Assert.True(await place.Writer.AbandonAsync(plannedOn, merged, "test", Token));
                break;
        }
    }

    private async Task ChangeAsync(Ulid block, BlockState state)
    {
        var change = new ManifestChange
        {
            Id = place.NewUlid(),
            PlannedOn = await place.Reader.RefreshAsync(Token),
            Changed = [new BlockStateChange(block, state, "test")],
        };
        Assert.True((await place.Writer.CommitAsync(change, Token)).IsCommitted);
    }
}
