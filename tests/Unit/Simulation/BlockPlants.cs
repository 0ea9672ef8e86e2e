namespace Tributary.Tests.Unit.Simulation;

/// <summary>The bugs of the manifest's protocol that the simulation has to find, over texts and over real blocks alike.</summary>
/// <remarks>
/// All of them sit in the ports, which both share; <see cref="OverRealBlocks"/> says which one is left out there. A compaction
/// that never comes to an end is a finding, too: a process that goes on committing serves nobody.
/// </remarks>
internal static class BlockPlants
{
    private const string TornPages = "believes pages of different commits";

    public static readonly IReadOnlyList<BlockPlant> All =
    [
        new("writes a block without a pending row")
        {
            Stores = instance => (instance.Blobs, new WrongManifest.NotAnnouncing(instance.Tables)),
        },
        new("commits without conditions")
        {
            Stores = instance => (instance.Blobs, new UnconditionalTables(instance.Tables)),
        },
        new("takes an unknown commit for done")
        {
            Stores = instance => (instance.Blobs, new WrongManifest.Believing(instance.Tables)),
        },
        new("forgets the consumed log files")
        {
            Stores = instance => (instance.Blobs, new WrongManifest.NotConsuming(instance.Tables)),
        },
        new("leaves replaced blocks live")
        {
            Stores = instance => (instance.Blobs, new WrongManifest.NotReplacing(instance.Tables)),
        },
        new("collects garbage by its own clock")
        {
            Stores = instance => (instance.Blobs, new WrongManifest.OwnClock(instance.Tables, instance.Time)),
        },
        new("touches files of pending blocks before their rows")
        {
            Stores = instance => (instance.Blobs, new WrongManifest.PendingAsDeleted(instance.Tables)),
        },
        new(TornPages) { Stores = instance => (instance.Blobs, new WrongManifest.TornPages(instance.Tables)) },
        new("reads the manifest before it lists the log")
        {
            Stores = instance =>
            {
                var tables = new WrongManifest.ManifestFirst(instance.Tables);
                return (new WrongManifest.ListAfterwards(instance.Blobs, tables, instance), tables);
            },
        },
        new("takes a blob that is gone for an empty one")
        {
            Stores = instance => (new WrongManifest.GoneIsEmpty(instance.Blobs), instance.Tables),
        },
        new("deletes the meta file last")
        {
            Stores = instance => (new WrongManifest.MetaLast(instance.Blobs), instance.Tables),
        },
    ];

    /// <summary>
    /// Those that a thousand worlds with real blocks show. Not torn pages: the job reads the manifest anew and commits on
    /// conditions, so a tear does harm only when a reader meets it in the milliseconds between two pages. The reading of pages
    /// is the same code over texts, where it is found.
    /// </summary>
    public static IEnumerable<BlockPlant> OverRealBlocks => All.Where(plant => plant.Name != TornPages);
}
