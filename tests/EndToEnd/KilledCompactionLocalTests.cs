using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd;

/// <summary>The kills have a class for each store, so that they run beside each other.</summary>
public sealed class KilledCompactionLocalTests(TributaryExecutable executable)
{
    [Fact]
    public Task Kill_DuringCompaction_LosesAndDoublesNothing() =>
        KilledCompaction.RunAsync(executable, azurite: null, seed: 1);
}
