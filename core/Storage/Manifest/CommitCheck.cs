namespace Tributary.Storage.Manifest;

/// <summary>Whether a change that was planned on one state of the manifest is still right on a later one.</summary>
/// <remarks>
/// Blocks that do not overlap may be committed side by side. What a block's number promises is an order among blocks that
/// overlap, and to deletes; so a block is refused when either came in between.
/// </remarks>
internal static class CommitCheck
{
    /// <summary>Said of every change while a rebuild is under way, and of those that began before it.</summary>
    public const string Rebuilding =
        "the manifest is being rebuilt, or was; if that was interrupted, run 'tributary blocks rebuild-manifest' again";

    /// <summary>Why the change has to be planned anew; null when it is still right.</summary>
    public static string? Problem(ManifestChange change, ManifestSnapshot now)
    {
        var planned = change.PlannedOn;
        if (now.State.IsClosed || now.Partition != planned.Partition)
        {
            return Rebuilding;
        }
        if (now.State.Number != planned.State.Number)
        {
            if (change.Delete is not null)
            {
                return "a commit came in between";
            }
            if (
                (change.Written.Count > 0 || change.Consumed.Count > 0)
                && now.Deletes.Keys.Any(delete => !planned.Deletes.ContainsKey(delete))
            )
            {
                return "a delete came in between";
            }
            if (
                change.Written.Where(row => row.State == BlockState.Live).Any(row => HasNewNeighbour(row, planned, now))
            )
            {
                return "a block of the same time came in between";
            }
        }
        return ChangedBlock(change, planned, now) ?? ConsumedFile(change, now) ?? ForgottenDelete(change, now);
    }

    private static bool HasNewNeighbour(BlockRow written, ManifestSnapshot planned, ManifestSnapshot now) =>
        now.Blocks.Values.Any(row =>
            row.IsKept
            && row.Block.Overlaps(written.Block.MinTimeMs, written.Block.MaxTimeMs)
            && !(planned.Blocks.TryGetValue(row.Block.Ulid, out var before) && before.IsKept)
        );

    private static string? ChangedBlock(ManifestChange change, ManifestSnapshot planned, ManifestSnapshot now)
    {
        foreach (var (ulid, _, _) in change.Changed)
        {
            if (
                !now.Blocks.TryGetValue(ulid, out var row)
                || !planned.Blocks.TryGetValue(ulid, out var before)
                || row.State != before.State
            )
            {
                return $"block {ulid} is no longer what it was";
            }
        }
        return null;
    }

    private static string? ConsumedFile(ManifestChange change, ManifestSnapshot now)
    {
        foreach (var (name, length) in change.Consumed)
        {
            if (!now.IsReadable(name.Window))
            {
                return $"the row of window {name.Window.StartMs} cannot be read";
            }
            if (now.IsConsumed(name, length))
            {
                return $"{name} is consumed already";
            }
        }
        return null;
    }

    private static string? ForgottenDelete(ManifestChange change, ManifestSnapshot now) =>
        change.ForgottenDeletes.Any(delete => !now.Deletes.ContainsKey(delete)) ? "a delete has gone already" : null;
}
