using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Deletes what is older than the retention time or beyond its size, whether it was compacted or not.</summary>
/// <param name="blobs">Where the log lies.</param>
/// <param name="tables">The store's clock.</param>
/// <param name="reader">The manifest.</param>
/// <param name="writer">The manifest.</param>
/// <param name="time">The clock of pauses between tries.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class Retention(
    IBlobStore blobs,
    ITableStore tables,
    ManifestReader reader,
    ManifestWriter writer,
    TimeProvider time,
    Func<Ulid> newUlid
)
{
    /// <summary>Deletes what is too old; running it again changes nothing. The blocks' files go after the deletion delay.</summary>
    /// <exception cref="StoreException">The store cannot be used; the rest stays until the next run.</exception>
    /// <exception cref="CorruptDataException">The manifest has to be rebuilt; log files that are too old are gone.</exception>
    public async Task<RetentionResult> RunAsync(RetentionPlan plan, CancellationToken cancellationToken)
    {
        var now = await StoreClock.NowAsync(tables, time, cancellationToken);
        var files = await LogListing.AllAsync(blobs, cancellationToken);
        var logFiles = 0;
        var problems = new List<string>();
        foreach (var file in plan.LogFiles(now, files))
        {
            try
            {
                var gone = await blobs.DeleteAsync(file.Blob.Name, file.Blob.ETag, cancellationToken);
                logFiles += gone ? 1 : 0;
            }
            catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
            {
                // Something was appended since the list: the next run looks again.
            }
            catch (StoreException exception) when (exception.Error is not (StoreError.Denied or StoreError.Unusable))
            {
                // One file that cannot go, such as one that somebody has leased, keeps no other.
                problems.Add(exception.Message);
            }
        }
        var manifest = await reader.RefreshAsync(cancellationToken);
        var logBytes = files.Except(plan.LogFiles(now, files)).Sum(file => file.Blob.LengthBytes);
        var blocks = 0;
        var due = plan.Blocks(now, manifest.Blocks.Values, logBytes);
        foreach (var group in due.Chunk(ManifestLimits.ReplacedBlocks))
        {
            var change = new ManifestChange
            {
                Id = newUlid(),
                PlannedOn = manifest,
                Changed = group,
            };
            var result = await writer.CommitAsync(change, cancellationToken);
            blocks += result.IsCommitted ? group.Length : 0;
        }
        return new RetentionResult(blocks, logFiles, due.Count - blocks, problems);
    }
}

/// <summary>What one run of the retention did.</summary>
/// <param name="Blocks">Blocks that no longer count.</param>
/// <param name="LogFiles">Log files that are gone.</param>
/// <param name="Waiting">Blocks that changed meanwhile; the next run looks again.</param>
/// <param name="Problems">What could not be deleted, and stays until the next run.</param>
public sealed record RetentionResult(int Blocks, int LogFiles, int Waiting, IReadOnlyList<string> Problems);
