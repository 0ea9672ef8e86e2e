using Tributary.Stores;
using Tributary.Stores.Azure;

namespace Tributary.Tests.Unit.Stores.Azure;

/// <summary>The contract of table stores, on Azurite.</summary>
public sealed class AzureTableStoreTests(AzuriteFixture azurite) : TableStoreContract
{
    protected override async Task<ITableStore> CreateAsync() =>
        new AzureTableStore(await azurite.AccountAsync(), TimeProvider.System);

    protected override Task<ITableStore> OpenAgainAsync() => CreateAsync();

    [Fact]
    public async Task FirstCommit_MakesTheTable_AndCountsIt()
    {
        var row = new Dictionary<string, object> { ["n"] = 1L };
        await Store.CommitAsync(Table, "p", [new(TableAction.Insert, "a", row)], Token);
        await Store.CommitAsync(Table, "p", [new(TableAction.Insert, "b", row)], Token);
        Assert.Equal(1, Store.Operations[OperationClass.Create]);
        Assert.Equal(3, Store.Operations[OperationClass.TableWrite]);
    }

    [Fact]
    public async Task Query_WithSmallPages_GivesEachOnceInOrder()
    {
        var options = new AzureRequestOptions { PageSize = 2 };
        var paged = new AzureTableStore(await azurite.AccountAsync(), TimeProvider.System, null, options);
        var row = new Dictionary<string, object> { ["n"] = 1L };
        string[] keys = ["d", "a", "c", "e", "b"];
        await Store.CommitAsync(Table, "p", [.. keys.Select(k => new TableWrite(TableAction.Insert, k, row))], Token);
        var rows = await paged.QueryAsync(Table, "p", null, null, Token).Select(r => r.Row).ToListAsync(Token);
        Assert.Equal(["a", "b", "c", "d", "e"], rows);
        Assert.True(paged.Operations[OperationClass.TableRead] >= 3);
    }
}
