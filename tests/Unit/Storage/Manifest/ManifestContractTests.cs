using Tributary.Stores;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Stores;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>The manifest in memory.</summary>
public sealed class ManifestContractTests : ManifestContract
{
    protected override Task<(IBlobStore Blobs, ITableStore Tables)> CreateAsync()
    {
        var storage = new SimulatedStorage(new ManualTime());
        return Task.FromResult<(IBlobStore, ITableStore)>((storage.ImmediateBlobs(), storage.ImmediateTables()));
    }
}

/// <summary>The manifest in a folder.</summary>
public sealed class LocalManifestTests : ManifestContract
{
    private readonly TestFolder folder = new();
    private readonly ManualTime time = new();

    protected override Task<(IBlobStore Blobs, ITableStore Tables)> CreateAsync() =>
        Task.FromResult<(IBlobStore, ITableStore)>(
            (new LocalBlobStore(folder.Path, time), new LocalTableStore(folder.Path, time))
        );

    public override ValueTask DisposeAsync()
    {
        folder.Dispose();
        return base.DisposeAsync();
    }
}
