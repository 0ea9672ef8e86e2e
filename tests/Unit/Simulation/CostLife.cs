using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A life of a process, with what its stores had counted whenever it wrote what it had used.</summary>
internal sealed class CostLife
{
    private readonly SimulatedInstance instance;
    private readonly List<Attempt> attempts = [];
    private readonly string partition;

    public CostLife(
        SimulatedInstance instance,
        IReadOnlyDictionary<string, ModelSource> sources,
        bool forgetsGenerations
    )
    {
        this.instance = instance;
        partition = CostRow.PartitionOf(CostLedger.DayOf(instance.Time.GetUtcNow()));
        Process = new CostProcess(instance, sources, new Tables(this, instance.Tables, forgetsGenerations));
    }

    public CostProcess Process { get; }

    /// <summary>When it ended or was killed.</summary>
    public DateTimeOffset EndedAt { get; set; }

    /// <summary>What is kept of this process is what it had used at one of its writes, and none that was acknowledged later.</summary>
    public async Task CheckAsync(SimulatedStorage storage, bool hasFaults)
    {
        var row = attempts.Count == 0 ? null : await RowAsync(storage);
        var acknowledged = attempts.FindLastIndex(attempt => attempt.IsAcknowledged);
        if (row is null)
        {
            Require(acknowledged < 0, "what was written is not there");
        }
        else
        {
            var kept = Usage.Sum(row.Usages.Values).Operations;
            var at = attempts.FindLastIndex(attempt => attempt.Counted == kept);
            Require(at >= 0, $"kept is {kept}, which is none of its writes");
            Require(at >= acknowledged, "an older write counts");
        }
        if (!instance.IsKilled && !hasFaults)
        {
            Require(attempts.Count > 0 && attempts[^1].Counted == Process.Counted, "its end was not kept");
        }
        if (instance.IsKilled && !hasFaults && acknowledged >= 0)
        {
            // The write that was due by then may have been the call that it was killed at.
            var since = EndedAt - attempts[acknowledged].Time;
            Require(since <= CostLedger.Every + TimeSpan.FromMinutes(2), $"nothing was kept for {since}");
        }
    }

    private async Task<CostRow?> RowAsync(SimulatedStorage storage)
    {
        CostRow? row = null;
        var tables = storage.ImmediateTables();
        await foreach (var stored in tables.QueryAsync(CostRow.Table, partition, null, null, CancellationToken.None))
        {
            var one = CostRow.Decode(stored, partition);
            if (
                attempts.Exists(attempt => attempt.Row == stored.Row)
                && (row is null || row.Generation < one.Generation)
            )
            {
                row = one;
            }
        }
        return row;
    }

    private void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"{instance.Name}: {what}");
        }
    }

    private sealed class Attempt(string row, OperationCounts counted, DateTimeOffset time)
    {
        public string Row => row;

        public OperationCounts Counted => counted;

        public DateTimeOffset Time => time;

        public bool IsAcknowledged { get; set; }
    }

    /// <summary>Notes every write of a row.</summary>
    private sealed class Tables(CostLife life, ITableStore inner, bool forgetsGenerations) : PassingTables(inner)
    {
        public override async Task CommitAsync(
            string table,
            string partition,
            IReadOnlyList<TableWrite> writes,
            CancellationToken cancellationToken
        )
        {
            if (forgetsGenerations)
            {
                var first = string.Concat(writes[0].Row.AsSpan(0, Ulid.TextLength), "-0000");
                writes = [writes[0] with { Row = first }];
            }
            var committing = base.CommitAsync(table, partition, writes, cancellationToken);
            var attempt = new Attempt(writes[0].Row, life.Process.Counted, life.instance.World.Time.GetUtcNow());
            life.attempts.Add(attempt);
            await committing;
            attempt.IsAcknowledged = true;
        }
    }
}
