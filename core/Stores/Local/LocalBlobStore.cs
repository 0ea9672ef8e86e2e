using System.Runtime.CompilerServices;

namespace Tributary.Stores.Local;

/// <summary>Blobs in a folder: safe against being killed at any moment, and for several processes at once.</summary>
/// <remarks>The layout and the protocol are described in <c>docs/formats/local-store.md</c>.</remarks>
public sealed class LocalBlobStore : IBlobStore
{
    private static readonly TimeSpan ShortestLease = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestLease = TimeSpan.FromSeconds(60);

    private readonly StoreFolder root;
    private readonly BlobFiles files;
    private readonly FolderLocks locks;
    private readonly BlobListing listing;

    /// <summary>A store in a folder, which is made with the first write.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="time">The store's clock; all processes on one folder need the same.</param>
    public LocalBlobStore(string folder, TimeProvider time)
    {
        root = new StoreFolder(folder);
        files = new BlobFiles(root, time);
        locks = new FolderLocks(root, time);
        listing = new BlobListing(root, files, locks, time);
    }

    /// <inheritdoc/>
    public StoreOperations Operations { get; } = new();

    /// <inheritdoc/>
    public Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken)
    {
        Begin(OperationClass.BlobRead, name, cancellationToken);
        return root.LookAsync("read", name, () => files.Find(name)?.ToInfo(name));
    }

    /// <inheritdoc/>
    public async Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offsetBytes);
        Begin(OperationClass.BlobRead, name, cancellationToken);
        var bytes = await root.RunAsync(
            "read",
            name,
            () => files.Read(name, offsetBytes, destination.Span, ifMatch),
            cancellationToken
        );
        Operations.CountRead(bytes);
        return bytes;
    }

    /// <inheritdoc/>
    public async Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        Begin(OperationClass.BlobWrite, name, cancellationToken, content.Length);
        // The condition is looked at before the bytes are written, for speed; what counts is the look under the lock.
        var generation = await root.RunAsync(
            "write",
            name,
            () =>
            {
                files.CheckWrite(name, condition, files.Find(name));
                return files.Stage(name, content.Span);
            },
            cancellationToken
        );
        try
        {
            return await LockedAsync(
                "write",
                name,
                () => files.CommitWrite(name, generation, content.Length, condition),
                cancellationToken
            );
        }
        catch (Exception exception) when (IsBeforeCommit(exception))
        {
            files.Unstage(name, generation);
            throw;
        }
    }

    /// <inheritdoc/>
    public Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (StoreLimits.ProblemOfPiece(offsetBytes, content.Length) is { } problem)
        {
            throw root.Error(StoreError.Rejected, "stage", name, problem);
        }
        Begin(OperationClass.BlobWrite, name, cancellationToken, content.Length);
        return root.RunAsync(
            "stage",
            name,
            () =>
            {
                files.StagePiece(name, upload, offsetBytes, content.Span);
                return true;
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        Begin(OperationClass.BlobWrite, name, cancellationToken);
        return LockedAsync(
            "write",
            name,
            () =>
            {
                files.CheckStaged(name, upload, lengthBytes);
                return files.CommitWrite(name, upload, lengthBytes, condition);
            },
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task CreateAppendAsync(string name, CancellationToken cancellationToken)
    {
        Begin(OperationClass.BlobWrite, name, cancellationToken);
        return LockedAsync("create", name, () => files.CreateAppend(name), cancellationToken);
    }

    /// <inheritdoc/>
    public Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    )
    {
        if (content.Length is 0 or > StoreLimits.AppendBytes)
        {
            throw root.Error(
                StoreError.Rejected,
                "append to",
                name,
                $"{content.Length} bytes; one append has 1 to {StoreLimits.AppendBytes}"
            );
        }
        Begin(OperationClass.BlobWrite, name, cancellationToken, content.Length);
        return LockedAsync(
            "append to",
            name,
            () => files.Append(name, expectedLengthBytes, content.Span),
            cancellationToken
        );
    }

    /// <inheritdoc/>
    public Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken)
    {
        Begin(OperationClass.BlobWrite, name, cancellationToken);
        return LockedAsync("seal", name, () => files.Seal(name), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        BlobNames.CheckPrefix(prefix);
        cancellationToken.ThrowIfCancellationRequested();
        Operations.Count(OperationClass.BlobList);
        await foreach (var info in listing.WalkAsync(prefix, cancellationToken))
        {
            yield return info;
        }
    }

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken)
    {
        Begin(OperationClass.BlobDelete, name, cancellationToken);
        return LockedAsync("delete", name, () => files.Delete(name, ifMatch), cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken)
    {
        if (duration < ShortestLease || duration > LongestLease)
        {
            throw root.Error(StoreError.Rejected, "lease", name, $"{duration.TotalSeconds} s; 15 to 60 s are allowed");
        }
        var taken = await ChangeLeaseAsync(
            "lease",
            name,
            (sidecar, now) =>
                sidecar.IsLeased(now)
                    ? null
                    : sidecar with
                    {
                        Lease = Guid.NewGuid(),
                        LeaseTicks = duration.Ticks,
                        LeaseEndTicks = now.UtcTicks + duration.Ticks,
                    },
            cancellationToken
        );
        return taken.Lease.ToString();
    }

    /// <inheritdoc/>
    /// <remarks>A lease that ran out can be renewed until somebody else takes it or writes the blob, as on Azure.</remarks>
    public Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        ChangeLeaseAsync(
            "renew the lease of",
            name,
            (sidecar, now) =>
                IsLease(sidecar, leaseId) ? sidecar with { LeaseEndTicks = now.UtcTicks + sidecar.LeaseTicks } : null,
            cancellationToken
        );

    /// <inheritdoc/>
    public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        ChangeLeaseAsync(
            "release the lease of",
            name,
            (sidecar, _) => IsLease(sidecar, leaseId) ? sidecar with { Lease = Guid.Empty, LeaseEndTicks = 0 } : null,
            cancellationToken
        );

    private static bool IsLease(Sidecar sidecar, string leaseId) =>
        sidecar.Lease != Guid.Empty && sidecar.Lease.ToString() == leaseId;

    /// <summary>After these nothing of a whole write counts; after all others it may be committed.</summary>
    private static bool IsBeforeCommit(Exception exception) =>
        exception
            is OperationCanceledException
                or StoreException
                {
                    Error: StoreError.ConditionNotMet or StoreError.LeaseConflict or StoreError.Rejected
                };

    private void Begin(
        OperationClass operation,
        string name,
        CancellationToken cancellationToken,
        long bytesWritten = 0
    )
    {
        BlobNames.Check(name);
        cancellationToken.ThrowIfCancellationRequested();
        Operations.Count(operation, bytesWritten);
    }

    private Task<Sidecar> ChangeLeaseAsync(
        string operation,
        string name,
        Func<Sidecar, DateTimeOffset, Sidecar?> change,
        CancellationToken cancellationToken
    )
    {
        Begin(OperationClass.BlobLease, name, cancellationToken);
        return LockedAsync(operation, name, () => files.ChangeLease(operation, name, change), cancellationToken);
    }

    /// <summary>Runs a change under the blob's lock; once it has begun, it is not cancelled.</summary>
    private async Task<T> LockedAsync<T>(
        string operation,
        string name,
        Func<T> work,
        CancellationToken cancellationToken
    )
    {
        using (await locks.TakeAsync(operation, name, cancellationToken))
        {
            return await root.RunAsync(operation, name, work, CancellationToken.None);
        }
    }
}
