using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Writes rows whatever they say by now: drops the conditions of every transaction.</summary>
internal sealed class UnconditionalTables(ITableStore inner, string? only = null) : EditingTables(inner, only)
{
    protected override IEnumerable<TableWrite> Edit(IReadOnlyList<TableWrite> writes) =>
        writes.Select(write =>
            write.Action == TableAction.Delete
                ? write with
                {
                    IfMatch = null,
                }
                : write with
                {
                    Action = TableAction.Replace,
                    IfMatch = null,
                }
        );
}
