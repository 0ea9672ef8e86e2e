namespace Tributary.Stores;

/// <summary>The port to table storage: rows in partitions, with ETags and transactions over one partition.</summary>
/// <remarks>
/// Table names are letters and digits; partition and row keys are texts of up to 512 characters without <c>/ \ # ?</c> and
/// control characters, ordered by UTF-16 units (ordinal). Tables are made by the store when first written to; reading a
/// table that is not there finds nothing. Failures as in <see cref="IBlobStore"/>: writes are tried once.
/// </remarks>
public interface ITableStore
{
    /// <summary>How often each class of operation was used.</summary>
    StoreOperations Operations { get; }

    /// <summary>One row, or null.</summary>
    Task<TableRow?> GetAsync(string table, string partition, string row, CancellationToken cancellationToken);

    /// <summary>The rows of a partition with <c>from ≤ key &lt; to</c>, in key order; null bounds are open.</summary>
    IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        CancellationToken cancellationToken
    );

    /// <summary>Commits all writes or none. Each row at most once, at most <see cref="StoreLimits.RowsPerTransaction"/>.</summary>
    /// <exception cref="StoreException">ConditionNotMet (a row exists, is missing, or has another ETag); the message names the row.</exception>
    Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    );
}
