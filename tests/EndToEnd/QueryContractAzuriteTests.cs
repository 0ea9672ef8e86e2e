using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Standalone over Azurite.</summary>
public sealed class QueryContractAzuriteTests(QueryContractAzuriteTests.Fixture fixture)
    : QueryContract(fixture),
        IClassFixture<QueryContractAzuriteTests.Fixture>
{
    /// <summary>The server.</summary>
    public sealed class Fixture(TributaryExecutable executable, AzuriteFixture azurite)
        : FederateFixture(Form.StandaloneAzurite, executable, azurite);
}
