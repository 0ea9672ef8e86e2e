using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Tributary.Stores.Local;

/// <summary>Tables in a folder: safe against being killed at any moment, and for several processes at once.</summary>
/// <remarks>
/// A partition is one file, and its rows are kept in memory once it was read. Layout and protocol:
/// <c>docs/formats/local-store.md</c>.
/// </remarks>
public sealed class LocalTableStore : ITableStore
{
    /// <summary>Partitions whose rows are kept in memory.</summary>
    private const int KeptPartitions = 500;

    private readonly StoreFolder root;
    private readonly FolderLocks locks;
    private readonly TimeProvider time;
    private readonly long? compactFromBytes;
    private readonly ConcurrentDictionary<(string Table, string Partition), TablePartition> partitions = new();

    /// <summary>A store in a folder, which is made with the first write; the folder may be a blob store's, too.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">The store's clock; all processes on one folder need the same.</param>
    public LocalTableStore(string folder, TimeProvider time)
        : this(folder, time, null) { }

    internal LocalTableStore(string folder, TimeProvider time, long? compactFromBytes)
    {
        root = new StoreFolder(folder);
        locks = new FolderLocks(root, time);
        this.time = time;
        this.compactFromBytes = compactFromBytes;
    }

    /// <inheritdoc/>
    public StoreOperations Operations { get; } = new();

    /// <inheritdoc/>
    public Task<TableRow?> GetAsync(string table, string partition, string row, CancellationToken cancellationToken)
    {
        TableRules.Check(table, partition);
        TableRules.CheckKey(row);
        cancellationToken.ThrowIfCancellationRequested();
        Operations.Count(OperationClass.TableRead);
        var file = Partition(table, partition);
        return root.LookAsync(
            "read",
            file.Name,
            () =>
            {
                var (rows, origin) = file.Read();
                return rows.Find(row) is { } found ? file.ToRow(found, origin) : null;
            }
        );
    }

    /// <inheritdoc/>
    /// <remarks>The rows are those of one moment, also when commits happen meanwhile.</remarks>
    public async IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        TableRules.Check(table, partition);
        cancellationToken.ThrowIfCancellationRequested();
        Operations.Count(OperationClass.TableRead);
        var file = Partition(table, partition);
        var (rows, origin) = await root.RunAsync("read", file.Name, file.Read, cancellationToken).ConfigureAwait(false);
        foreach (var row in rows.Range(from, to))
        {
            yield return file.ToRow(row, origin);
        }
    }

    /// <inheritdoc/>
    public async Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        TableRules.Check(table, partition);
        var encoded = TableRules.CheckAndEncode(writes);
        cancellationToken.ThrowIfCancellationRequested();
        Operations.Count(OperationClass.TableWrite);
        var file = Partition(table, partition);
        using (await locks.TakeAsync("commit to", file.Name, cancellationToken).ConfigureAwait(false))
        {
            // Once begun, it is not cancelled.
            await root.RunAsync(
                    "commit to",
                    file.Name,
                    () =>
                    {
                        file.Commit(writes, encoded, time.GetUtcNow().UtcTicks);
                        return true;
                    },
                    CancellationToken.None
                )
                .ConfigureAwait(false);
        }
    }

    private TablePartition Partition(string table, string partition)
    {
        if (partitions.Count >= KeptPartitions)
        {
            // What they know is read again when it is needed.
            partitions.Clear();
        }
        return partitions.GetOrAdd(
            (table, partition),
            static (key, store) =>
                store.compactFromBytes is { } bytes
                    ? new TablePartition(store.root, key.Table, key.Partition, bytes)
                    : new TablePartition(store.root, key.Table, key.Partition),
            this
        );
    }
}
