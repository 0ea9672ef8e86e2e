using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>The contract, kept by a folder; two clients are two stores with their own locks, as two processes have.</summary>
public sealed class LocalTableStoreTests : TableStoreContract
{
    private readonly TestFolder folder = new();
    private readonly ManualTime time = new();

    protected override Task<ITableStore> CreateAsync() => OpenAgainAsync();

    protected override Task<ITableStore> OpenAgainAsync() =>
        Task.FromResult<ITableStore>(new LocalTableStore(folder.Path, time));

    protected override int Steps => 100;

    public override ValueTask DisposeAsync()
    {
        folder.Dispose();
        return base.DisposeAsync();
    }
}
