using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>As a function app.</summary>
public sealed class QueryContractFunctionsTests(QueryContractFunctionsTests.Fixture fixture)
    : QueryContract(fixture),
        IClassFixture<QueryContractFunctionsTests.Fixture>
{
    /// <summary>The server.</summary>
    public sealed class Fixture(TributaryExecutable executable, AzuriteFixture azurite)
        : FederateFixture(Form.FunctionsAzurite, executable, azurite);
}
