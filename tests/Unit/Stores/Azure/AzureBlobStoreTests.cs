using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>The contract of blob stores, on Azurite.</summary>
public sealed class AzureBlobStoreTests(AzuriteFixture azurite) : BlobStoreContract
{
    protected override string? CannotAdvance => "Azurite's clock is the machine's";

    protected override async Task<IBlobStore> CreateAsync() =>
        new AzureBlobStore(await azurite.AccountAsync(), TimeProvider.System);

    protected override Task<IBlobStore> OpenAgainAsync() => CreateAsync();

    protected override Task AdvanceAsync(TimeSpan time) => throw new NotSupportedException(CannotAdvance);

    [Fact]
    public async Task FirstWrite_MakesTheContainer_AndCountsIt()
    {
        await WriteAsync("a", "x");
        await WriteAsync("b", "x");
        Assert.Equal(1, Store.Operations[OperationClass.Create]);
        Assert.Equal(3, Store.Operations[OperationClass.BlobWrite]);
    }

    [Fact]
    public async Task List_WithSmallPages_GivesEachOnceInOrder()
    {
        var options = new AzureRequestOptions { PageSize = 3 };
        var paged = new AzureBlobStore(await azurite.AccountAsync(), TimeProvider.System, null, options);
        string[] names = ["a/1", "a/2", "a-1", "b", "c", "d/e/f", "e", "g"];
        foreach (var name in names)
        {
            await WriteAsync(name, name);
        }
        var listed = await paged.ListAsync(Name(""), Token).Select(info => info.Name).ToListAsync(Token);
        Assert.Equal(names.Select(Name).Order(StringComparer.Ordinal), listed);
        Assert.Equal(3, paged.Operations[OperationClass.BlobList]);
    }

    [Fact]
    public async Task List_WithoutContainer_FindsThoseOfAllContainers()
    {
        await WriteAsync("b", "x");
        await Store.WriteAsync(Container + "-2/a", Text("y"), WriteCondition.None, Token);
        var listed = await Store.ListAsync(Container, Token).Select(info => info.Name).ToListAsync(Token);
        Assert.Equal([Container + "-2/a", Name("b")], listed);
    }
}
