using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>The contract, kept by a folder; two clients are two stores with their own locks, as two processes have.</summary>
public sealed class LocalBlobStoreTests : BlobStoreContract
{
    private readonly TestFolder folder = new();
    private readonly ManualTime time = new();

    protected override Task<IBlobStore> CreateAsync() => OpenAgainAsync();

    protected override Task<IBlobStore> OpenAgainAsync() =>
        Task.FromResult<IBlobStore>(new LocalBlobStore(folder.Path, time));

    protected override Task AdvanceAsync(TimeSpan by)
    {
        time.Advance(by);
        return Task.CompletedTask;
    }

    protected override int Steps => 100;

    public override ValueTask DisposeAsync()
    {
        folder.Dispose();
        return base.DisposeAsync();
    }
}
