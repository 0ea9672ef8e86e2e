using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>A lease that keeps two instances from doing the same work. Nothing depends on it: who lost it only works in vain.</summary>
public sealed class JobLease
{
    private const string Prefix = "leases/";

    /// <summary>How many renewals one duration is long.</summary>
    private const int RenewalsPerDuration = 3;

    private static readonly TimeSpan DefaultDuration = TimeSpan.FromSeconds(60);

    private readonly IBlobStore blobs;
    private readonly string blob;
    private readonly string lease;
    private readonly TimeSpan duration;
    private volatile bool isLost;

    private JobLease(IBlobStore blobs, string blob, string lease, TimeSpan duration)
    {
        this.duration = duration;
        this.blobs = blobs;
        this.blob = blob;
        this.lease = lease;
    }

    /// <summary>Takes the lease of a job for 60 s; null when another instance has it.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static Task<JobLease?> TryTakeAsync(IBlobStore blobs, string job, CancellationToken cancellationToken) =>
        TryTakeAsync(blobs, job, DefaultDuration, cancellationToken);

    /// <summary>Takes the lease of a job; null when another instance has it.</summary>
    /// <param name="blobs">Where leases lie.</param>
    /// <param name="job">The job.</param>
    /// <param name="duration">How long it lasts without an extension: 15 to 60 s.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<JobLease?> TryTakeAsync(
        IBlobStore blobs,
        string job,
        TimeSpan duration,
        CancellationToken cancellationToken
    )
    {
        var blob = Prefix + job;
        for (var isMade = false; ; isMade = true)
        {
            try
            {
                var taken = await blobs.AcquireLeaseAsync(blob, duration, cancellationToken);
                return new JobLease(blobs, blob, taken, duration);
            }
            catch (StoreException exception) when (exception.Error == StoreError.LeaseConflict)
            {
                return null;
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound && !isMade)
            {
                await MakeAsync(blobs, blob, cancellationToken);
            }
        }
    }

    /// <summary>Whether another instance has it by now, or could have.</summary>
    public bool IsLost => isLost;

    /// <summary>Does something long, and extends the lease meanwhile; when it is lost, the work goes on, perhaps in vain.</summary>
    /// <param name="work">The work; it looks at <see cref="IsLost"/> before it begins anything new.</param>
    /// <param name="time">The clock of the pauses between extensions.</param>
    /// <param name="cancellationToken">Ends the extensions.</param>
    public Task<T> WhileAsync<T>(Func<Task<T>> work, TimeProvider time, CancellationToken cancellationToken) =>
        Meanwhile.RunAsync(
            _ => work(),
            async token =>
            {
                await RenewAsync(token);
                return true;
            },
            duration / RenewalsPerDuration,
            time,
            cancellationToken
        );

    /// <summary>Extends the lease; to be called at least once in its duration.</summary>
    /// <returns>False: it is lost, or that is not known; going on is safe, and may be in vain.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellationToken)
    {
        try
        {
            await blobs.RenewLeaseAsync(blob, lease, cancellationToken);
            return true;
        }
        catch (StoreException exception) when (IsGone(exception))
        {
            isLost |= exception.Error is StoreError.LeaseConflict or StoreError.NotFound;
            return false;
        }
    }

    /// <summary>Gives the lease back; one that is lost, or cannot be given back, ends by itself.</summary>
    public async Task ReleaseAsync(CancellationToken cancellationToken)
    {
        try
        {
            await blobs.ReleaseLeaseAsync(blob, lease, cancellationToken);
        }
        catch (StoreException exception) when (IsGone(exception))
        {
            // It ends by itself.
        }
    }

    private static bool IsGone(StoreException exception) =>
        exception.Error
            is StoreError.LeaseConflict
                or StoreError.NotFound
                or StoreError.Unknown
                or StoreError.Throttled;

    private static async Task MakeAsync(IBlobStore blobs, string blob, CancellationToken cancellationToken)
    {
        try
        {
            await blobs.WriteAsync(blob, ReadOnlyMemory<byte>.Empty, WriteCondition.Create, cancellationToken);
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // Another instance made it at the same time.
        }
    }
}
