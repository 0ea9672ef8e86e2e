using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Over a folder.</summary>
public sealed class FederateContractLocalTests(FederateContractLocalTests.Fixture fixture)
    : FederateContract(fixture),
        IClassFixture<FederateContractLocalTests.Fixture>
{
    /// <summary>The server.</summary>
    public sealed class Fixture(TributaryExecutable executable, AzuriteFixture azurite)
        : FederateFixture(Form.StandaloneLocal, executable, azurite);
}
