using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

/// <summary>The contract of large writes in pieces.</summary>
public abstract partial class BlobStoreContract
{
    [Theory]
    [InlineData(1)]
    [InlineData(StoreLimits.PieceBytes)]
    [InlineData((2 * StoreLimits.PieceBytes) + 7)]
    public async Task Stage_ThenCommit_IsAWholeWrite(int length)
    {
        var content = Bytes(length, 1);
        await StageAsync("large", 1, content);
        Assert.Null(await Other.GetInfoAsync(Name("large"), Token));
        var info = await Store.CommitStagedAsync(Name("large"), 1, length, WriteCondition.Create, Token);
        Assert.Equal((Name("large"), length, false), (info.Name, info.LengthBytes, info.IsSealed));
        Assert.Equal(info, await Other.GetInfoAsync(Name("large"), Token));
        Assert.Equal(content, await ReadAllAsync(Other, "large"));
        Assert.Equal(["large"], await ListAsync(""));
    }

    [Fact]
    public async Task Stage_AgainAndInAnyOrder_IsTheSame()
    {
        var content = Bytes(StoreLimits.PieceBytes + 9, 2);
        await Store.StageAsync(Name("a"), 5, StoreLimits.PieceBytes, content.AsMemory(StoreLimits.PieceBytes), Token);
        await Store.StageAsync(Name("a"), 5, 0, content.AsMemory(0, StoreLimits.PieceBytes), Token);
        await Other.StageAsync(Name("a"), 5, 0, content.AsMemory(0, StoreLimits.PieceBytes), Token);
        await Other.CommitStagedAsync(Name("a"), 5, content.Length, WriteCondition.None, Token);
        Assert.Equal(content, await ReadAllAsync(Store, "a"));
    }

    [Fact]
    public async Task Commit_WhoseConditionFails_LeavesTheBlob()
    {
        var first = await WriteAsync("a", "first");
        await StageAsync("a", 3, Bytes(10, 3));
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Store.CommitStagedAsync(Name("a"), 3, 10, WriteCondition.Create, Token)
        );
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Store.CommitStagedAsync(Name("a"), 3, 10, new WriteCondition(IfMatch: "0x0"), Token)
        );
        Assert.Equal(first, await Store.GetInfoAsync(Name("a"), Token));
        await Store.CommitStagedAsync(Name("a"), 3, 10, new WriteCondition(IfMatch: first.ETag), Token);
        Assert.Equal(Bytes(10, 3), await ReadAllAsync(Store, "a"));
    }

    [Fact]
    public async Task Commit_OfPiecesThatAreNotThere_IsRejected()
    {
        await WriteAsync("warm", "so that the container is there");
        await FailsAsync(
            StoreError.Rejected,
            () => Store.CommitStagedAsync(Name("a"), 1, 10, WriteCondition.None, Token)
        );
        await StageAsync("a", 1, Bytes(10, 4));
        foreach (var (upload, length) in new[] { (1UL, 9), (1UL, 11), (2UL, 10), (1UL, 0), (1UL, -1) })
        {
            await FailsAsync(
                StoreError.Rejected,
                () => Store.CommitStagedAsync(Name("a"), upload, length, WriteCondition.None, Token)
            );
        }
        Assert.Null(await Store.GetInfoAsync(Name("a"), Token));
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 5)]
    [InlineData(-StoreLimits.PieceBytes, 5)]
    [InlineData(0, StoreLimits.PieceBytes + 1)]
    [InlineData((long)StoreLimits.PieceBytes * StoreLimits.PiecesPerBlob, 1)]
    public async Task Stage_OfAPieceOutsideTheRule_IsRejected(long offset, int length)
    {
        await FailsAsync(StoreError.Rejected, () => Store.StageAsync(Name("a"), 1, offset, new byte[length], Token));
        Assert.Equal(0, Store.Operations.Total);
    }

    [Fact]
    public async Task StageAndCommit_CountAsWrites()
    {
        await WriteAsync("warm", "so that the container is there");
        await CountsAsync(OperationClass.BlobWrite, () => Store.StageAsync(Name("a"), 1, 0, Bytes(3, 5), Token));
        await CountsAsync(
            OperationClass.BlobWrite,
            () => Store.CommitStagedAsync(Name("a"), 1, 3, WriteCondition.None, Token)
        );
    }

    private async Task StageAsync(string name, ulong upload, byte[] content)
    {
        for (var offset = 0; offset < content.Length; offset += StoreLimits.PieceBytes)
        {
            var length = Math.Min(StoreLimits.PieceBytes, content.Length - offset);
            await Store.StageAsync(Name(name), upload, offset, content.AsMemory(offset, length), Token);
        }
    }
}
