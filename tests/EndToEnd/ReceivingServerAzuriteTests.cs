using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>Receiving has a class for each form, so that they run beside each other.</summary>
public sealed class ReceivingServerAzuriteTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Fact]
    public async Task RemoteWrite_ToAServerThatIsKilled_LosesAndDoublesNothing()
    {
        using var installation = await Installation.CreateAsync(Form.StandaloneAzurite, executable, azurite);
        await ReceivingServer.RunAsync(installation, seed: 2);
    }
}
