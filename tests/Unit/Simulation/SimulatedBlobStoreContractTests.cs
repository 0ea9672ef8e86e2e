using Tributary.Stores;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The simulated blobs do what every blob store does.</summary>
public sealed class SimulatedBlobStoreContractTests : BlobStoreContract
{
    private readonly ManualTime clock = new();
    private readonly SimulatedStorage storage;

    public SimulatedBlobStoreContractTests()
    {
        storage = new SimulatedStorage(clock);
    }

    protected override Task<IBlobStore> CreateAsync() => OpenAgainAsync();

    protected override Task<IBlobStore> OpenAgainAsync() => Task.FromResult<IBlobStore>(storage.ImmediateBlobs());

    protected override Task AdvanceAsync(TimeSpan time)
    {
        clock.Advance(time);
        return Task.CompletedTask;
    }
}
