using Tributary.Binary;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Reads the manifest and keeps it; looking again costs one table operation while nothing was committed.</summary>
/// <param name="tables">Where it lies.</param>
public sealed class ManifestReader(ITableStore tables)
{
    private const int MaxReads = 10;
    private const int LongestPartition = 64;
    private const string PointerProperty = "partition";

    private volatile ManifestSnapshot? known;

    /// <summary>The manifest as it was when it was last read; null before that.</summary>
    internal ManifestSnapshot? Known => known;

    /// <summary>The manifest, at least as new as this call; the kept one when its <c>state</c> is still the same.</summary>
    /// <remarks>Pending rows come and go without a commit, so a kept manifest says nothing of them.</remarks>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<ManifestSnapshot> RefreshAsync(CancellationToken cancellationToken)
    {
        if (known is { State.IsClosed: false } kept)
        {
            var state = await GetStateAsync(kept.Partition, cancellationToken);
            if (state?.ETag == kept.StateETag)
            {
                return kept;
            }
            if (state is not null)
            {
                return await LoadAsync(kept.Partition, state.ETag, cancellationToken);
            }
        }
        return await ReloadAsync(cancellationToken);
    }

    /// <summary>The manifest with every row as it is now.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt.</exception>
    public async Task<ManifestSnapshot> ReloadAsync(CancellationToken cancellationToken)
    {
        // Side by side: the pointer names another partition only behind a rebuild.
        var likely = known?.Partition ?? ManifestKeys.FirstPartition;
        var pointer = GetPointerAsync(cancellationToken);
        var state = GetStateAsync(likely, cancellationToken);
        await Task.WhenAll(pointer, state);
        var (partition, _) = await pointer;
        var found = partition == likely ? await state : await GetStateAsync(partition, cancellationToken);
        return await LoadAsync(partition, found?.ETag, cancellationToken);
    }

    /// <summary>Whether the partition is still the one that counts, and takes commits.</summary>
    internal async Task<bool> IsCurrentAsync(string partition, CancellationToken cancellationToken)
    {
        var (current, _) = await GetPointerAsync(cancellationToken);
        if (current != partition)
        {
            return false;
        }
        // Without a row nothing was committed yet: who rebuilds puts one there first.
        var row = await GetStateAsync(partition, cancellationToken);
        return row is null || !StateRow.Decode(row, RowBytes.PlaceOf(partition, row.Row)).IsClosed;
    }

    /// <summary>The current partition, and the ETag of the row that says so; null when there is none yet.</summary>
    internal async Task<(string Partition, string? ETag)> GetPointerAsync(CancellationToken cancellationToken)
    {
        var row = await tables.GetAsync(
            ManifestKeys.Table,
            ManifestKeys.PointerPartition,
            ManifestKeys.PointerRow,
            cancellationToken
        );
        if (row is null)
        {
            return (ManifestKeys.FirstPartition, null);
        }
        return
            row.Properties.TryGetValue(PointerProperty, out var value)
            && value is string { Length: > 0 and <= LongestPartition } partition
            && partition.All(char.IsAsciiLetterOrDigit)
            ? (partition, row.ETag)
            : throw new CorruptDataException(
                RowBytes.PlaceOf(ManifestKeys.PointerPartition, row.Row),
                0,
                "it names no partition: run 'tributary blocks rebuild-manifest'"
            );
    }

    internal static Dictionary<string, object> Pointer(string partition) =>
        new(StringComparer.Ordinal) { [PointerProperty] = partition };

    /// <summary>All rows of a partition, as they were between two commits.</summary>
    internal async Task<ManifestSnapshot> LoadAsync(
        string partition,
        string? stateETag,
        CancellationToken cancellationToken
    )
    {
        for (var read = 0; read < MaxReads; read++)
        {
            var rows = new List<TableRow>();
            var query = tables.QueryAsync(ManifestKeys.Table, partition, from: null, to: null, cancellationToken);
            await foreach (var row in query)
            {
                rows.Add(row);
            }
            var snapshot = new ManifestSnapshot(partition, rows);
            // 'state' is the last row: the same ETag before and behind all pages means that no commit came between them.
            if (snapshot.StateETag == stateETag)
            {
                return await KeepAsync(snapshot, cancellationToken);
            }
            stateETag = snapshot.StateETag;
        }
        throw new StoreException(
            StoreError.Unknown,
            $"manifest: partition '{partition}' changed during each of {MaxReads} reads; try again"
        );
    }

    private async Task<ManifestSnapshot> KeepAsync(ManifestSnapshot snapshot, CancellationToken cancellationToken)
    {
        if (snapshot.State.IsClosed)
        {
            var (current, _) = await GetPointerAsync(cancellationToken);
            if (current != snapshot.Partition)
            {
                var state = await GetStateAsync(current, cancellationToken);
                return await LoadAsync(current, state?.ETag, cancellationToken);
            }
        }
        return known = snapshot;
    }

    private Task<TableRow?> GetStateAsync(string partition, CancellationToken cancellationToken) =>
        tables.GetAsync(ManifestKeys.Table, partition, ManifestKeys.State, cancellationToken);
}
