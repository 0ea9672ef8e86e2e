namespace Tributary.Stores;

/// <summary>The port to object storage: named byte sequences, with conditions that make concurrent writers safe.</summary>
/// <remarks>
/// <para>Names are <c>/</c>-separated, of <c>[A-Za-z0-9._-]</c>, relative to the store's root; the first segment is the
/// container (<c>log/…</c>, <c>blocks/…</c>). Containers are made by the store when first written to.</para>
/// <para>Everything that fails throws <see cref="StoreException"/>; its <see cref="StoreError"/> says what a caller may
/// conclude. Writes, appends, seals and deletes are tried once: after <see cref="StoreError.Unknown"/> they may have
/// happened or may still happen. Reads and lists are retried inside.</para>
/// </remarks>
public interface IBlobStore
{
    /// <summary>How often each class of operation was used.</summary>
    StoreOperations Operations { get; }

    /// <summary>Length, ETag, time and kind of a blob, or null when there is none.</summary>
    Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken);

    /// <summary>Reads from <paramref name="offsetBytes"/> until <paramref name="destination"/> is full or the blob ends.</summary>
    /// <returns>The bytes read; 0 at or behind the end.</returns>
    /// <param name="name">The blob.</param>
    /// <param name="offsetBytes">Where to begin.</param>
    /// <param name="destination">Where to put the bytes.</param>
    /// <param name="ifMatch">The ETag that the blob must have, or null.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">NotFound; ConditionNotMet.</exception>
    Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    );

    /// <summary>Writes a whole blob. A failed write leaves what was there before.</summary>
    /// <returns>The blob after the write.</returns>
    /// <exception cref="StoreException">ConditionNotMet; LeaseConflict (a lease is held and the condition has another).</exception>
    Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    );

    /// <summary>Brings one piece of a large whole write to the store; nobody sees it before <see cref="CommitStagedAsync"/>.</summary>
    /// <remarks>
    /// The same piece with the same bytes may be staged again, so this is repeated inside. Pieces may come in any order
    /// and at once. What is never committed is removed by the store, an hour (local) or a week (Azure) later at the
    /// earliest; a commit of this name by anybody else may remove it too.
    /// </remarks>
    /// <param name="name">The blob.</param>
    /// <param name="upload">The write that the piece belongs to: a random number, another for each try.</param>
    /// <param name="offsetBytes">Where the piece begins: a multiple of <see cref="StoreLimits.PieceBytes"/>.</param>
    /// <param name="content"><see cref="StoreLimits.PieceBytes"/> bytes; the last piece has 1 to as many.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">Rejected: another offset or length.</exception>
    Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    );

    /// <summary>Makes the staged pieces of one upload the whole blob, as <see cref="WriteAsync"/> would have.</summary>
    /// <returns>The blob after the write.</returns>
    /// <param name="name">The blob.</param>
    /// <param name="upload">The upload.</param>
    /// <param name="lengthBytes">The length of all its pieces together, more than 0.</param>
    /// <param name="condition">What must hold.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">
    /// As <see cref="WriteAsync"/>; Rejected: the staged pieces do not make this length. (A store need not see a gap
    /// between pieces: commit what was staged.)
    /// </exception>
    Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    );

    /// <summary>Creates an empty append blob that must not exist yet.</summary>
    /// <exception cref="StoreException">ConditionNotMet: there is a blob of this name.</exception>
    Task CreateAppendAsync(string name, CancellationToken cancellationToken);

    /// <summary>Appends bytes (at most <see cref="StoreLimits.AppendBytes"/>) if the blob is exactly as long as expected.</summary>
    /// <returns>The length after the append.</returns>
    /// <exception cref="StoreException">ConditionNotMet (another length); Sealed; NotFound.</exception>
    Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    );

    /// <summary>Ends appending for ever; sealing a sealed blob is nothing. Returns the blob as it is now.</summary>
    /// <exception cref="StoreException">NotFound.</exception>
    Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken);

    /// <summary>The blobs whose names begin with <paramref name="prefix"/>, in the order of their names (bytes).</summary>
    IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Deletes a blob.</summary>
    /// <returns>False when there was none.</returns>
    /// <exception cref="StoreException">ConditionNotMet: the ETag is another. LeaseConflict: a lease is held.</exception>
    Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken);

    /// <summary>Takes the lease of an existing blob, for 15 to 60 s.</summary>
    /// <returns>The lease's identifier.</returns>
    /// <exception cref="StoreException">LeaseConflict: somebody else holds it. NotFound.</exception>
    Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Extends a lease by its duration, counted from now.</summary>
    /// <exception cref="StoreException">LeaseConflict: the lease is lost.</exception>
    Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken);

    /// <summary>Gives a lease back.</summary>
    /// <exception cref="StoreException">LeaseConflict: it was lost before.</exception>
    Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken);
}
