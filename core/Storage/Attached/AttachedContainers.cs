using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Attached;

/// <summary>All attached containers, as a reader sees them.</summary>
internal sealed class AttachedContainers
{
    private volatile IReadOnlyList<AttachedContainer> all = [];

    /// <summary>The containers that are read from now on.</summary>
    public IReadOnlyList<AttachedContainer> All
    {
        get => all;
        set => all = value;
    }

    /// <summary>A plan with the blocks of all containers that overlap its range.</summary>
    public async Task<StorePlan> AddAsync(StorePlan plan, CancellationToken cancellationToken)
    {
        var containers = all;
        if (containers.Count == 0)
        {
            return plan;
        }
        var lists = await Task.WhenAll(containers.Select(one => one.ListAsync(cancellationToken)));
        var rows = new List<BlockRow>();
        var problems = new List<string>();
        var known = plan.Manifest.Blocks.Keys.ToHashSet();
        for (var i = 0; i < lists.Length; i++)
        {
            var name = containers[i].Name;
            if (lists[i].Problem.Length > 0)
            {
                problems.Add($"attached '{name}': {lists[i].Problem}");
            }
            foreach (var block in lists[i].Blocks)
            {
                if (block.IsDamaged && Overlaps(block, plan.Range))
                {
                    problems.Add($"attached '{name}': block {block.Ulid} is damaged and left out: {block.Reason}");
                }
                else if (block.IsLive && Overlaps(block, plan.Range) && known.Add(block.Ulid))
                {
                    rows.Add(block.Row);
                }
            }
        }
        return plan.With(rows, problems);
    }

    /// <summary>Where a block of a plan lies; null when it is one of ours.</summary>
    public (AttachedContainer Container, AttachedBlock Block)? Find(BlockRow row)
    {
        if (row.Block.Number != long.MaxValue)
        {
            return null;
        }
        foreach (var container in all)
        {
            foreach (var block in container.Current.Blocks)
            {
                if (block.Ulid == row.Block.Ulid && block.IsLive)
                {
                    return (container, block);
                }
            }
        }
        throw new StoreException(StoreError.NotFound, $"the attached block {row.Block.Ulid} is not there any more");
    }

    private static bool Overlaps(AttachedBlock block, TimeRange range) =>
        block.Meta is not { } meta || (meta.MinTimeMs <= range.MaxMs && meta.MaxTimeMs > range.MinMs);
}
