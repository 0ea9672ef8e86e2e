using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>What one process without faults makes of a store in the end: compacted, clean, with the same answers.</summary>
internal sealed class BlockEnding(SimulatedWorld world, BlockHistory history, BlockProcess process)
{
    private static readonly TimeRange Everything = new(0, long.MaxValue);

    public async Task RunAsync()
    {
        await process.ReadAsync(Everything, TimeSpan.Zero);
        await world.DelayAsync(TimeSpan.FromHours(3));
        await EndRebuildAsync();
        var commits = 1;
        for (var round = 0; commits > 0; round++)
        {
            if (round == 4)
            {
                throw new InvalidDataException($"restless: {commits} more commits, though nothing was added");
            }
            commits = await process.CompactAsync();
            await process.ReadAsync(Everything, TimeSpan.Zero);
        }
        await CleanAsync();
        if (Garbage() is not null)
        {
            // Something landed while it was cleaned up.
            await CleanAsync();
        }
        if (Garbage() is { } garbage)
        {
            throw new InvalidDataException($"garbage: {garbage} is left");
        }
        history.JudgeStore();
        await process.ReadAsync(Everything, TimeSpan.Zero);
        await process.RebuildAsync();
        history.JudgeStore();
        await process.ReadAsync(Everything, TimeSpan.Zero);
        await GrowOldAsync();
    }

    /// <summary>Somebody may have begun a rebuild and not ended it.</summary>
    private async Task EndRebuildAsync()
    {
        if (history.Manifest().State.IsClosed)
        {
            await process.RebuildAsync();
        }
    }

    private async Task CleanAsync()
    {
        await EndRebuildAsync();
        // Pending rows are given up after two hours, deleted blocks go an hour later, what landed late after a day.
        foreach (var hours in new[] { 3, 2, 2, 25 })
        {
            await world.DelayAsync(TimeSpan.FromHours(hours));
            await process.CollectGarbageAsync();
        }
        await process.SweepAsync();
    }

    private async Task GrowOldAsync()
    {
        await world.DelayAsync(history.Retention + TimeSpan.FromHours(12));
        await EndRebuildAsync();
        await process.RetainAsync(history.Retention);
        await CleanAsync();
        if (Kept() is not null)
        {
            await CleanAsync();
        }
        if (Kept() is { } kept)
        {
            throw new InvalidDataException($"kept: {kept}, older than the retention");
        }
    }

    /// <summary>What is left though everything is too old; null when nothing is.</summary>
    private string? Kept()
    {
        var blocks = world.Storage.Blobs.All.Where(blob => blob.Name.StartsWith("blocks/", StringComparison.Ordinal));
        return blocks.FirstOrDefault()?.Name
            ?? (history.Manifest() is { Blocks.Count: 0, Deletes.Count: 0, Windows.Count: 0 } ? null : "rows");
    }

    /// <summary>What nobody needs, but is there; null when nothing is.</summary>
    private string? Garbage()
    {
        var manifest = history.Manifest();
        foreach (var blob in world.Storage.Blobs.All)
        {
            var parts = blob.Name.Split('/');
            var isNeeded = parts[0] switch
            {
                "blocks" => Ulid.TryParse(parts[1], out var ulid)
                    && manifest.Blocks.GetValueOrDefault(ulid) is { IsKept: true },
                "leases" => true,
                "deletes" => Ulid.TryParse(parts[1], out var ulid) && manifest.Deletes.ContainsKey(ulid),
                _ => blob.Name == StoreIdentity.BlobName
                    || (LogFileName.TryParse(blob.Name, out var log) && !manifest.IsConsumed(log, blob.LengthBytes)),
            };
            if (!isNeeded)
            {
                return blob.Name;
            }
        }
        return manifest.Blocks.Values.FirstOrDefault(row => !row.IsKept) is { } leftover
            ? $"the row of {leftover.State} block {leftover.Block.Ulid}"
            : null;
    }
}
