using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>The kills have a class for each store, so that they run beside each other.</summary>
public sealed class KilledCompactionAzuriteTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Fact]
    public Task Kill_DuringCompaction_LosesAndDoublesNothing() =>
        KilledCompaction.RunAsync(executable, azurite, seed: 2);
}
