using System.Security.Cryptography;
using System.Text;
using Tributary.Stores;

namespace Tributary.Storage.Ledger;

/// <summary>The memories of all sources: read once, saved when they change.</summary>
/// <remarks>Several processes may save the same source: the one that comes second reads again, and takes what is further.</remarks>
/// <param name="tables">Where the rows are.</param>
public sealed class SourceLedger(ITableStore tables)
{
    internal const string Table = "sources";
    internal const string Partition = "memory";

    private readonly Lock gate = new();
    private readonly Dictionary<string, SourceMemory> memories = new(StringComparer.Ordinal);

    /// <summary>Reads all rows.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        var rows = new List<SourceMemory>();
        await foreach (var row in tables.QueryAsync(Table, Partition, null, null, cancellationToken))
        {
            rows.Add(SourceMemory.Decode(row, $"{Table}/{Partition}/{row.Row}"));
        }
        lock (gate)
        {
            rows.ForEach(row => memories[row.Source] = row);
        }
    }

    /// <summary>What is remembered of a source; of one that is not known, nothing.</summary>
    public SourceMemory Of(string source)
    {
        lock (gate)
        {
            return memories.GetValueOrDefault(source) ?? new SourceMemory(source);
        }
    }

    /// <summary>Remembers in this process; <see cref="SaveAsync"/> does for all.</summary>
    public void Note(SourceMemory memory)
    {
        lock (gate)
        {
            memories[memory.Source] = memory;
        }
    }

    /// <summary>Saves what is remembered of sources.</summary>
    /// <exception cref="StoreException">The store cannot be written.</exception>
    public async Task SaveAsync(IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        foreach (var group in sources.Chunk(StoreLimits.RowsPerTransaction))
        {
            var writes = group
                .Select(Of)
                .Select(memory => new TableWrite(TableAction.Replace, RowOf(memory.Source), memory.Encode()));
            await tables.CommitAsync(Table, Partition, [.. writes], cancellationToken);
        }
    }

    /// <summary>A source's row: keys of sources have characters that keys of rows may not have.</summary>
    internal static string RowOf(string source) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(source)))[..32];
}
