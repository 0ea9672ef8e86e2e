using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
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
/// <param name="lister">Lists the log; null for one that nobody shares.</param>
public sealed class StoreView(IBlobStore blobs, ManifestReader manifest, LogLister? lister = null)
{
    private const int MaxPlans = 3;
    private readonly LogLister lister = lister ?? new LogLister(blobs);

    private volatile KnownManifest? last;
    private readonly DeleteCache deletes = new(blobs);

    /// <summary>
    /// Plans for a range. One list and one table operation while nothing was committed since the last time; no list, where
    /// the lister has one that is young enough.
    /// </summary>
    /// <exception cref="StoreException">
    /// The store cannot be used. NotFound: something went meanwhile; plan again, or use <see cref="ReadAsync"/>.
    /// </exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt, or a delete cannot be read.</exception>
    public Task<StorePlan> PlanAsync(TimeRange range, CancellationToken cancellationToken) =>
        PlanAsync(range, mayShare: true, cancellationToken);

    private async Task<StorePlan> PlanAsync(TimeRange range, bool mayShare, CancellationToken cancellationToken)
    {
        if (range.MaxMs < 0 || range.MinMs > range.MaxMs)
        {
            return await PlanAsync(range, [], await RefreshAsync(cancellationToken), cancellationToken);
        }
        var windows = (First: Window.Of(Math.Max(0, range.MinMs)), Last: Window.Of(range.MaxMs));
        if (mayShare && await lister.RecentAsync(windows.First, windows.Last, cancellationToken) is { } shared)
        {
            var (known, snapshot) = (last, await RefreshAsync(cancellationToken));
            if (known is not null && ReferenceEquals(known.Snapshot, snapshot) && known.Fits(shared))
            {
                return await PlanAsync(range, FilesOf(shared, windows), snapshot, cancellationToken);
            }
        }
        return await PlanAnewAsync(range, windows, cancellationToken);
    }

    private async Task<StorePlan> PlanAnewAsync(
        TimeRange range,
        (Window First, Window Last) windows,
        CancellationToken cancellationToken
    )
    {
        var before = manifest.Known;
        var list = await lister.ListAsync(windows.First, windows.Last, cancellationToken);
        var snapshot = await RefreshAsync(cancellationToken);
        var plan = await PlanAsync(range, FilesOf(list, windows), snapshot, cancellationToken);
        if (before is not null && !ReferenceEquals(before, snapshot))
        {
            await RequireAsync(plan.LogFiles, windows, cancellationToken);
        }
        if (last is { } known && ReferenceEquals(known.Snapshot, snapshot))
        {
            last = known with { Planned = list.Number };
        }
        return plan;
    }

    private async Task<StorePlan> PlanAsync(
        TimeRange range,
        IEnumerable<PlannedLogFile> listed,
        ManifestSnapshot snapshot,
        CancellationToken cancellationToken
    ) =>
        new(
            range,
            snapshot,
            [.. listed.Where(file => !snapshot.IsConsumed(file.Name, file.Blob.LengthBytes))],
            await deletes.OfAsync(snapshot, range, cancellationToken)
        );

    private async Task<ManifestSnapshot> RefreshAsync(CancellationToken cancellationToken)
    {
        var snapshot = await manifest.RefreshAsync(cancellationToken);
        if (!ReferenceEquals(last?.Snapshot, snapshot))
        {
            last = new KnownManifest(snapshot, lister.Begun);
        }
        return snapshot;
    }

    private static IEnumerable<PlannedLogFile> FilesOf(LogList list, (Window First, Window Last) windows) =>
        list
            .Files.Where(file =>
                file.Name.Window.CompareTo(windows.First) >= 0 && file.Name.Window.CompareTo(windows.Last) <= 0
            )
            .Select(file => new PlannedLogFile(file.Name, file.Blob));

    /// <summary>
    /// Fails when a file is gone. Between list and manifest hours may pass: then a file is not only consumed, but deleted
    /// and forgotten, with the deletes that applied to it. Who has kept its content would show them again.
    /// </summary>
    private async Task RequireAsync(
        IReadOnlyList<PlannedLogFile> files,
        (Window First, Window Last) windows,
        CancellationToken cancellationToken
    )
    {
        if (files.Count == 0)
        {
            return;
        }
        var there = (await lister.ListAsync(windows.First, windows.Last, cancellationToken)).Names;
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
                return await read(await PlanAsync(range, mayShare: plan == 1, cancellationToken), cancellationToken);
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound && plan < MaxPlans)
            {
                // What it held is elsewhere by now.
            }
        }
    }

    /// <summary>The manifest of the last plan.</summary>
    /// <param name="Snapshot">The manifest.</param>
    /// <param name="Begun">The number of the last list that was begun before it was known.</param>
    private sealed record KnownManifest(ManifestSnapshot Snapshot, long Begun)
    {
        /// <summary>The number of a list that made a plan with it.</summary>
        public long? Planned { get; init; }

        /// <summary>Whether a list goes with it as long as it counts: it is younger, or did before.</summary>
        public bool Fits(LogList list) => list.Number > Begun || list.Number == Planned;
    }
}
