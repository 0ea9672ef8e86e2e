using Tributary.Storage.Ledger;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The bugs in pulling that the simulation has to find.</summary>
internal static class PullPlants
{
    public static readonly IReadOnlyList<PullPlant> All =
    [
        new("saves the cursor before the append") { Blobs = (_, instance) => new WrongLedger.LateAppends(instance) },
        new("saves rows without condition")
        {
            Tables = (_, instance) => new UnconditionalTables(instance.Tables, LedgerRows.Table),
        },
        new("a merge takes the smaller cursor")
        {
            Tables = (_, instance) =>
                new WrongLedger.Smaller(
                    new UnconditionalTables(instance.Tables, LedgerRows.Table),
                    instance.World.Storage
                ),
        },
        new("drops gaps") { Tables = (_, instance) => new WrongLedger.WithoutGaps(instance.Tables) },
        new("marks a gap as filled before it is")
        {
            Tables = (_, instance) => new WrongLedger.FilledAtOnce(instance.Tables),
        },
        new("leaves the overlap out") { Tables = (_, instance) => new WrongLedger.WithoutOverlap(instance.Tables) },
        new("forgets where it was") { Tables = (_, instance) => new WrongLedger.Forgetting(instance.Tables) },
    ];
}
