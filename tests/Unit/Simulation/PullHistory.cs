using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What took place at the store, in its order: appends, and what rows of the ledger said from when on.</summary>
internal sealed class PullHistory
{
    private readonly SimulatedWorld world;
    private readonly Dictionary<string, List<(long Length, int Moment)>> appends = new(StringComparer.Ordinal);
    private readonly List<LedgerMoment> moments = [];
    private int now;

    public PullHistory(SimulatedWorld world)
    {
        this.world = world;
        world.Storage.Blobs.Appended = Append;
        world.Storage.Tables.Committed = Commit;
    }

    /// <summary>Every state of the ledger, in order.</summary>
    public IReadOnlyList<LedgerMoment> Moments => moments;

    /// <summary>When the byte at an offset of a file came.</summary>
    public int LandedAt(string file, long offset) =>
        appends[file].First(append => append.Length > offset).Moment;

    private void Append(string file, long length)
    {
        if (!appends.TryGetValue(file, out var lengths))
        {
            appends.Add(file, lengths = []);
        }
        lengths.Add((length, ++now));
    }

    private void Commit(string table, string partition, IReadOnlyList<TableWrite> writes)
    {
        if (table != SourceLedger.Table)
        {
            return;
        }
        var memories = world
            .Storage.Tables.Query(table, SourceLedger.Partition, null, null, null, int.MaxValue)
            .ConvertAll(row => SourceMemory.Decode(row, row.Row));
        var atMs = world.Time.GetUtcNow().ToUnixTimeMilliseconds();
        moments.Add(new LedgerMoment(++now, atMs, memories, []));
    }
}

/// <summary>What the ledger says from a moment on.</summary>
/// <param name="Moment">The place in the order of all that took place.</param>
/// <param name="AtMs">When that was.</param>
/// <param name="Memories">The rows of the sources.</param>
/// <param name="Gaps">What it says is not there, by source.</param>
internal sealed record LedgerMoment(
    int Moment,
    long AtMs,
    IReadOnlyList<SourceMemory> Memories,
    IReadOnlyList<(string Source, long FromMs, long ToMs, bool IsOpen)> Gaps
);
