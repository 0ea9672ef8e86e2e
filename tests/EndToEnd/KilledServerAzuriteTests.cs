using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

public sealed class KilledServerAzuriteTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    [Fact]
    public async Task Kill_DuringCollection_LosesAndDoublesNothing()
    {
        using var folder = new TemporaryFolder();
        var storage = await azurite.ConnectionStringAsync();
        await KilledServer.RunAsync(await executable.PathAsync(), folder, storage, seed: 2);
    }
}
