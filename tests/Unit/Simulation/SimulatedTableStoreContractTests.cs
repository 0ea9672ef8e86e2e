using Tributary.Stores;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The simulated tables do what every table store does.</summary>
public sealed class SimulatedTableStoreContractTests : TableStoreContract
{
    private readonly SimulatedStorage storage = new(new ManualTime());

    protected override Task<ITableStore> CreateAsync() => OpenAgainAsync();

    protected override Task<ITableStore> OpenAgainAsync() => Task.FromResult<ITableStore>(storage.ImmediateTables());
}
