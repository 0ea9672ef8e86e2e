using System.Runtime.CompilerServices;
using Tributary.Model;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Stores as a careless ledger would use them.</summary>
internal static class WrongLedger
{
    /// <summary>Says that an append is done before it is: rows that say so are saved first.</summary>
    public sealed class LateAppends(SimulatedInstance instance) : PassingBlobs(instance.Blobs)
    {
        private readonly Dictionary<string, Task> last = new(StringComparer.Ordinal);

        public override Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            last[name] = AppendLaterAsync(
                last.GetValueOrDefault(name) ?? Task.CompletedTask,
                name,
                expectedLengthBytes,
                content.ToArray()
            );
            return Task.FromResult(expectedLengthBytes + content.Length);
        }

        private async Task AppendLaterAsync(Task before, string name, long expectedLengthBytes, byte[] content)
        {
            await before;
            await Task.Delay(TimeSpan.FromSeconds(1), instance.Time, CancellationToken.None);
            try
            {
                await Inner.AppendAsync(name, expectedLengthBytes, content, CancellationToken.None);
            }
            catch (StoreException exception)
            {
                instance.World.Note($"{instance.Name} lost an append: {exception.Error}");
            }
        }
    }

    /// <summary>Of what a row says and what a process knows the smaller cursor is taken.</summary>
    public sealed class Smaller(ITableStore inner, SimulatedStorage storage) : EditingTables(inner, LedgerRows.Table)
    {
        protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) => writes.Select(Shorten);

        /// <summary>A process that had to read again merges; one that had not goes on.</summary>
        private TableWrite Shorten(TableWrite write)
        {
            var stored = storage.Tables.Get(LedgerRows.Table, LedgerRows.Partition, write.Row);
            if (stored is null || write.Properties is null || IsOfGaps(write) || stored.ETag == write.IfMatch)
            {
                return write;
            }
            var (old, own) = (SourceMemory.Decode(stored, write.Row), Memory(write));
            var lesser = own.CompleteUntilMs <= old.CompleteUntilMs ? own : old;
            return write with { Properties = lesser.Encode(), IfMatch = stored.ETag };
        }
    }

    /// <summary>Does not save gaps.</summary>
    public sealed class WithoutGaps(ITableStore inner) : EditingTables(inner, LedgerRows.Table)
    {
        protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) =>
            writes.Where(write => !IsOfGaps(write));
    }

    /// <summary>Marks gaps as filled as soon as they are found.</summary>
    public sealed class FilledAtOnce(ITableStore inner) : EditingTables(inner, LedgerRows.Table)
    {
        protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) => writes.Select(Fill);

        private static TableWrite Fill(TableWrite write) =>
            write.Properties is { } properties && IsOfGaps(write)
                ? write with
                {
                    Properties = SourceGaps
                        .Decode(new TableRow(write.Row, "", default, properties), write.Row)
                        .Raise(long.MinValue, long.MaxValue, GapState.Filled, "")
                        .Encode(),
                }
                : write;
    }

    /// <summary>Takes the tick of a pull for how far it came: what comes to light behind that is not asked for again.</summary>
    public sealed class WithoutOverlap(ITableStore inner) : EditingTables(inner, LedgerRows.Table)
    {
        protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) => writes.Select(Raise);

        private static TableWrite Raise(TableWrite write)
        {
            if (write.Properties is null || IsOfGaps(write))
            {
                return write;
            }
            var memory = Memory(write);
            if (memory.LastVerdict is not Verdict.Complete || memory.Pull.CursorMs == 0)
            {
                return write;
            }
            var pull = memory.Pull with { CursorMs = Math.Max(memory.Pull.CursorMs, memory.LastTickMs) };
            return write with
            {
                Properties = (
                    memory with
                    {
                        Pull = pull,
                        CompleteUntilMs = Math.Max(memory.CompleteUntilMs, memory.LastTickMs),
                    }
                ).Encode(),
            };
        }
    }

    /// <summary>Does not see what others have saved.</summary>
    public sealed class Forgetting(ITableStore inner) : PassingTables(inner)
    {
        public override async IAsyncEnumerable<TableRow> QueryAsync(
            string table,
            string partition,
            string? from,
            string? to,
            [EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await foreach (var row in base.QueryAsync(table, partition, from, to, cancellationToken))
            {
                if (table != LedgerRows.Table || IsOfGaps(new TableWrite(TableAction.Replace, row.Row)))
                {
                    yield return row;
                    continue;
                }
                var memory = SourceMemory.Decode(row, row.Row);
                yield return row with
                {
                    Properties = new SourceMemory(memory.Source) { Job = memory.Job }.Encode(),
                };
            }
        }
    }

    private static bool IsOfGaps(TableWrite write) => write.Row.EndsWith("-gaps", StringComparison.Ordinal);

    private static SourceMemory Memory(TableWrite write) =>
        SourceMemory.Decode(new TableRow(write.Row, "", default, write.Properties!), write.Row);
}
