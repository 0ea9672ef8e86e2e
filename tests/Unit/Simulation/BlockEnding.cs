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
        await process.CompactAsync();
        await process.ReadAsync(Everything, TimeSpan.Zero);
        if (await process.CompactAsync() is > 0 and var commits)
        {
            throw new InvalidDataException($"restless: {commits} more commits, though nothing was added");
        }
        // Pending rows are given up after two hours, deleted blocks go an hour later, what landed late after a day.
        foreach (var hours in new[] { 3, 2, 2, 25 })
        {
            await world.DelayAsync(TimeSpan.FromHours(hours));
            await process.CollectGarbageAsync();
        }
        await process.SweepAsync();
        RequireClean();
        history.JudgeStore();
        await process.ReadAsync(Everything, TimeSpan.Zero);
        await process.RebuildAsync();
        history.JudgeStore();
        await process.ReadAsync(Everything, TimeSpan.Zero);
        await GrowOldAsync();
    }

    private async Task GrowOldAsync()
    {
        await world.DelayAsync(history.Retention + TimeSpan.FromHours(12));
        await process.RetainAsync(history.Retention);
        await world.DelayAsync(TimeSpan.FromHours(2));
        await process.CollectGarbageAsync();
        await process.CollectGarbageAsync();
        var left = world.Storage.Blobs.All.Where(blob => blob.Name.StartsWith("blocks/", StringComparison.Ordinal));
        if (left.FirstOrDefault() is { } block)
        {
            throw new InvalidDataException($"kept: {block.Name} is older than the retention");
        }
        if (history.Manifest() is { Blocks.Count: 0, Deletes.Count: 0, Windows.Count: 0 })
        {
            return;
        }
        throw new InvalidDataException("kept: the manifest has rows for what is gone");
    }

    private void RequireClean()
    {
        var manifest = history.Manifest();
        foreach (var blob in world.Storage.Blobs.All)
        {
            var parts = blob.Name.Split('/');
            var isNeeded = parts[0] switch
            {
                "blocks" => Ulid.TryParse(parts[1], out var ulid)
                    && manifest.Blocks.GetValueOrDefault(ulid) is { IsKept: true },
                "deletes" => Ulid.TryParse(parts[1], out var ulid) && manifest.Deletes.ContainsKey(ulid),
                _ => LogFileName.TryParse(blob.Name, out var log) && !manifest.IsConsumed(log, blob.LengthBytes),
            };
            if (!isNeeded)
            {
                throw new InvalidDataException($"garbage: {blob.Name} is left");
            }
        }
        if (manifest.Blocks.Values.FirstOrDefault(row => !row.IsKept) is { } leftover)
        {
            throw new InvalidDataException($"garbage: row of {leftover.State} block {leftover.Block.Ulid} is left");
        }
    }
}
