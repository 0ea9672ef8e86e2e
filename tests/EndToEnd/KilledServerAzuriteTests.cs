using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>The kills have a class for each form, so that they run beside each other.</summary>
public sealed class KilledServerAzuriteTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Fact]
    public async Task Kill_DuringCollection_LosesAndDoublesNothing()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneAzurite, executable, azurite);
        await KilledServer.RunAsync(installation, seed: 2);
    }
}
