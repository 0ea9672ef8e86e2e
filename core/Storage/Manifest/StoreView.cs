using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Log and blocks as one: plans what has to be read for a range of time, so that no sample is missed.</summary>
/// <remarks>
/// The log is listed first, then the manifest is read, and the files that it says are consumed are dropped: a file that was
/// compacted in between is read twice, never not at all. When something was committed since the last plan, the log is
/// listed once more: a file that is gone may be forgotten already.
/// </remarks>
/// <param name="blobs">Where log, blocks and deletes lie.</param>
/// <param name="manifest">Which blocks exist.</param>
public sealed class StoreView(IBlobStore blobs, ManifestReader manifest)
{
    private const int MaxPlans = 3;
    private readonly DeleteCache deletes = new(blobs);

    /// <summary>Plans for a range. One list and one table operation while nothing was committed since the last time.</summary>
    /// <exception cref="StoreException">
    /// The store cannot be used. NotFound: something went meanwhile; plan again, or use <see cref="ReadAsync"/>.
    /// </exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt, or a delete cannot be read.</exception>
    public async Task<StorePlan> PlanAsync(TimeRange range, CancellationToken cancellationToken)
    {
        var before = manifest.Known;
        var listed = await LogListing.OfAsync(blobs, range, cancellationToken);
        var snapshot = await manifest.RefreshAsync(cancellationToken);
        var files = listed
            .Where(file => !snapshot.IsConsumed(file.Name, file.Blob.LengthBytes))
            .Select(file => new PlannedLogFile(file.Name, file.Blob))
            .ToList();
        if (before is not null && !ReferenceEquals(before, snapshot))
        {
            await RequireAsync(files, range, cancellationToken);
        }
        return new StorePlan(range, snapshot, files, await deletes.OfAsync(snapshot, range, cancellationToken));
    }

    /// <summary>
    /// Fails when a file is gone. Between list and manifest hours may pass: then a file is not only consumed, but deleted
    /// and forgotten, with the deletes that applied to it. Who has kept its content would show them again.
    /// </summary>
    private async Task RequireAsync(List<PlannedLogFile> files, TimeRange range, CancellationToken cancellationToken)
    {
        if (files.Count == 0)
        {
            return;
        }
        var there = (await LogListing.OfAsync(blobs, range, cancellationToken)).Select(file => file.Name).ToHashSet();
        foreach (var file in files)
        {
            if (!there.Contains(file.Name))
            {
                throw new StoreException(StoreError.NotFound, $"{file.Name} went while a reading was planned");
            }
        }
    }

    /// <summary>
    /// Plans, and reads what was planned. A blob that is not there means that it was replaced meanwhile: both begin anew,
    /// three times at most; there is never an answer without it.
    /// </summary>
    /// <param name="range">The time to read.</param>
    /// <param name="read">Reads everything of a plan; lets <see cref="StoreError.NotFound"/> pass.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="StoreException">The store cannot be used, or blobs vanished during each of the plans.</exception>
    public async Task<T> ReadAsync<T>(
        TimeRange range,
        Func<StorePlan, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken
    )
    {
        for (var plan = 1; ; plan++)
        {
            try
            {
                return await read(await PlanAsync(range, cancellationToken), cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound && plan < MaxPlans)
            {
                // What it held is elsewhere by now.
            }
        }
    }
}
