using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Over Azurite.</summary>
public sealed class FederateContractAzuriteTests(FederateContractAzuriteTests.Fixture fixture)
    : FederateContract(fixture),
        IClassFixture<FederateContractAzuriteTests.Fixture>
{
    /// <summary>The server.</summary>
    public sealed class Fixture(TributaryExecutable executable, AzuriteFixture azurite)
        : FederateFixture(Form.StandaloneAzurite, executable, azurite);
}
