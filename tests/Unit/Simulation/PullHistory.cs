using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What took place at the store, in its order: appends, and what rows of the ledger said from when on.</summary>
internal sealed class PullHistory
{
    private readonly SimulatedWorld world;
    private readonly Dictionary<string, List<Landing>> appends = new(StringComparer.Ordinal);
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
    public Landing LandedAt(string file, long offset) => appends[file].Find(append => append.Length > offset);

    private void Append(string file, long length)
    {
        if (!appends.TryGetValue(file, out var landings))
        {
            appends.Add(file, landings = []);
        }
        landings.Add(new Landing(length, ++now, NowMs()));
    }

    private void Commit(string table, string partition, IReadOnlyList<TableWrite> writes)
    {
        if (table != LedgerRows.Table)
        {
            return;
        }
        var (memories, gaps) = (new List<SourceMemory>(), new List<SourceGaps>());
        foreach (var row in world.Storage.Tables.Query(table, partition, null, null, null, int.MaxValue))
        {
            if (row.Row.EndsWith("-gaps", StringComparison.Ordinal))
            {
                gaps.Add(SourceGaps.Decode(row, row.Row));
            }
            else
            {
                memories.Add(SourceMemory.Decode(row, row.Row));
            }
        }
        moments.Add(new LedgerMoment(++now, NowMs(), memories, gaps));
        foreach (var memory in memories)
        {
            var open = string.Join(
                ' ',
                gaps.Where(one => one.Source == memory.Source)
                    .SelectMany(one => one.All)
                    .Select(gap => $"{Short(gap.FromMs)}-{Short(gap.ToMs)} {gap.StateName}")
            );
            world.Note(
                $"ledger {memory.Source}: tick {Short(memory.LastTickMs)}, complete until {Short(memory.CompleteUntilMs)}"
                    + $", cursor {Short(memory.Pull.CursorMs)} {open}"
            );
        }
    }

    /// <summary>Seconds since the beginning of the world, as the trace has them.</summary>
    public static string Short(long atMs) => $"{(atMs - SimulatedTime.Start.ToUnixTimeMilliseconds()) / 1000m:0.000}";

    private long NowMs() => world.Time.GetUtcNow().ToUnixTimeMilliseconds();
}

/// <summary>An append that took place.</summary>
/// <param name="Length">How long the file was then.</param>
/// <param name="Moment">The place in the order of all that took place.</param>
/// <param name="AtMs">When that was.</param>
internal readonly record struct Landing(long Length, int Moment, long AtMs);

/// <summary>What the ledger says from a moment on.</summary>
/// <param name="Moment">The place in the order of all that took place.</param>
/// <param name="AtMs">When that was.</param>
/// <param name="Memories">The rows of the sources.</param>
/// <param name="Gaps">The rows of their gaps.</param>
internal sealed record LedgerMoment(
    int Moment,
    long AtMs,
    IReadOnlyList<SourceMemory> Memories,
    IReadOnlyList<SourceGaps> Gaps
)
{
    /// <summary>The row of a source.</summary>
    public SourceMemory? Of(string source) => Memories.FirstOrDefault(memory => memory.Source == source);

    /// <summary>The gaps of a source.</summary>
    public IReadOnlyList<SourceGap> GapsOf(string source) =>
        Gaps.FirstOrDefault(gaps => gaps.Source == source)?.All ?? [];
}
