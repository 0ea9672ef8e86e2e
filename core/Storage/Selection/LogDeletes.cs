using Tributary.Storage.Compaction;
using Tributary.Storage.Head;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Selection;

/// <summary>From the manifest's deletes to those of the log.</summary>
internal static class LogDeletes
{
    /// <summary>The part of a delete that concerns the log.</summary>
    public static LogDelete Of(DeleteDescription delete) =>
        new(delete.Ulid, delete.Range, delete.LogFiles, () => SeriesDeletes.Of([delete]).Has);
}
