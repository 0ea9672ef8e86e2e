using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd;

/// <summary>Half of the kills; the other half has a class of its own, so that the two run beside each other.</summary>
public sealed class KilledServerLocalTests(TributaryExecutable executable)
{
    [Fact]
    public async Task Kill_DuringCollection_LosesAndDoublesNothing()
    {
        using var folder = new TemporaryFolder();
        await KilledServer.RunAsync(await executable.PathAsync(), folder, $"local:{folder.Folder("data")}", seed: 1);
    }
}
