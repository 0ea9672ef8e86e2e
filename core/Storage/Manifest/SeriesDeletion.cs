using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Deletes series: a blob that says what, a row that makes it count; block files are never touched.</summary>
/// <param name="blobs">Where log and deletes lie.</param>
/// <param name="reader">The manifest.</param>
/// <param name="writer">The manifest.</param>
/// <param name="time">The clock of pauses between tries.</param>
/// <param name="newUlid">Makes identifiers; never the same twice.</param>
public sealed class SeriesDeletion(
    IBlobStore blobs,
    ManifestReader reader,
    ManifestWriter writer,
    TimeProvider time,
    Func<Ulid> newUlid
)
{
    private const int MaxTries = 10;

    /// <summary>Deletes what the selectors select in a range, of all that is stored when the call begins.</summary>
    /// <returns>The delete that now counts.</returns>
    /// <exception cref="StoreException">It may count or not; asking again does no harm.</exception>
    public async Task<DeleteDescription> DeleteAsync(
        TimeRange range,
        IReadOnlyList<string> selectors,
        CancellationToken cancellationToken
    )
    {
        // Sealed, so that what comes later comes in other files.
        var files = new HashSet<LogFileName>();
        foreach (var file in await LogListing.OfAsync(blobs, range, cancellationToken))
        {
            if (await LogSeal.SealAsync(blobs, file, time, cancellationToken) is { } isSealed)
            {
                files.Add(isSealed.Name);
            }
        }
        for (var attempt = 1; attempt <= MaxTries; attempt++)
        {
            var plannedOn = await reader.RefreshAsync(cancellationToken);
            if (plannedOn.State.IsClosed)
            {
                throw new StoreException(StoreError.Unusable, $"delete: nothing was deleted: {CommitCheck.Rebuilding}");
            }
            var delete = new DeleteDescription
            {
                Ulid = newUlid(),
                Range = range,
                Number = plannedOn.State.Number + 1,
                Selectors = selectors,
                LogFiles = files,
            };
            await writer.EnsureBornAsync(plannedOn, cancellationToken);
            await WriteAsync(delete, cancellationToken);
            var change = new ManifestChange
            {
                Id = delete.Ulid,
                PlannedOn = plannedOn,
                Delete = new DeleteRow(delete.Ulid, range, delete.Number),
            };
            if ((await writer.CommitAsync(change, cancellationToken)).IsCommitted)
            {
                return delete;
            }
        }
        throw new StoreException(
            StoreError.Unknown,
            $"delete: another commit came first, {MaxTries} times in a row; nothing was deleted, try again"
        );
    }

    private async Task WriteAsync(DeleteDescription delete, CancellationToken cancellationToken)
    {
        var name = DeleteDescription.NameOf(delete.Ulid);
        var content = delete.Encode();
        try
        {
            await StoreRetry.RunAsync(
                () => blobs.WriteAsync(name, content, WriteCondition.Create, cancellationToken),
                time,
                cancellationToken
            );
        }
        catch (StoreException exception) when (exception.Error == StoreError.ConditionNotMet)
        {
            // The name is ours alone, and a write is whole or not at all: an earlier try was in.
        }
    }
}
