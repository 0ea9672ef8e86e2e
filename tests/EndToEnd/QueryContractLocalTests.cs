using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Standalone over a folder.</summary>
public sealed class QueryContractLocalTests(QueryContractLocalTests.Fixture fixture)
    : QueryContract(fixture),
        IClassFixture<QueryContractLocalTests.Fixture>
{
    /// <summary>The server.</summary>
    public sealed class Fixture(TributaryExecutable executable, AzuriteFixture azurite)
        : FederateFixture(Form.StandaloneLocal, executable, azurite);
}
