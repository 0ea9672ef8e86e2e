using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The bugs in evaluating rules that the simulation has to find.</summary>
internal static class RulePlants
{
    public static readonly IReadOnlyList<RulePlant> All =
    [
        new("takes an unknown outcome for success")
        {
            Blobs = instance => new WrongWriting.Believing(instance.Blobs, StoreError.Unknown),
        },
        new("lists what was there before") { Blobs = instance => new WrongReading.StaleList(instance.Blobs) },
        new("does not go on from the batches of others") { TakesBatches = false },
        new("tells nobody that an alert fires") { Arrives = alert => alert.IsResolved },
        new("tells nobody that an alert is over") { Arrives = alert => !alert.IsResolved },
    ];
}
