using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Looks at every deletion that an instance asks for, and fails the run when it comes too early.</summary>
internal sealed class WatchedBlobs(IBlobStore inner, SimulatedWorld world, BlockHistory history) : PassingBlobs(inner)
{
    private static readonly GarbageOptions Options = new();
    private readonly HashSet<Ulid> begun = [];

    public override async Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken)
    {
        if (world.Storage.Blobs.GetInfo(name) is { } info && Problem(info) is { } problem)
        {
            throw new InvalidDataException($"early: {name} is deleted, though {problem}");
        }
        var deleted = await base.DeleteAsync(name, ifMatch, cancellationToken);
        if (
            name.EndsWith("/" + BlockDescription.MetaFile, StringComparison.Ordinal)
            && world.Storage.Blobs.GetInfo(name) is null
            && Ulid.TryParse(name.Split('/')[1], out var ulid)
        )
        {
            // Should a late upload bring it back from now on, that is nobody's fault.
            begun.Add(ulid);
        }
        return deleted;
    }

    private string? Problem(BlobInfo blob)
    {
        var now = world.Time.GetUtcNow();
        if (LogFileName.TryParse(blob.Name, out var log))
        {
            return now - history.Retention >= DateTimeOffset.FromUnixTimeMilliseconds(log.Window.EndMs)
                ? null
                : LogProblem(log, blob, now);
        }
        var parts = blob.Name.Split('/');
        if (parts[0] != "blocks" || !Ulid.TryParse(parts[1], out var ulid))
        {
            return blob.LastModified + Options.OrphanAge > now ? "it is young" : null;
        }
        var meta = BlockDescription.PrefixOf(ulid) + BlockDescription.MetaFile;
        if (blob.Name != meta && !begun.Contains(ulid) && world.Storage.Blobs.GetInfo(meta) is not null)
        {
            return "meta.json is still there";
        }
        if (history.Manifest().Blocks.GetValueOrDefault(ulid) is not { } row)
        {
            // A block that was ever deleted never comes back; what lands late of it is garbage at once.
            return history.IsDeleted(ulid) || blob.LastModified + Options.OrphanAge <= now
                ? null
                : "it is young, and has no row";
        }
        if (row.State != BlockState.Deleted)
        {
            return $"its row is {row.State}";
        }
        return history.DeletedSince(ulid) + Options.DeletionDelay > now ? "its row was deleted just now" : null;
    }

    private string? LogProblem(LogFileName log, BlobInfo blob, DateTimeOffset now)
    {
        var manifest = history.Manifest();
        return !manifest.IsConsumed(log, blob.LengthBytes) ? "it is not consumed"
            : history.ConsumedSince(log) + Options.DeletionDelay > now ? "it was consumed just now"
            : null;
    }
}
