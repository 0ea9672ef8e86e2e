using Tributary.Model;

namespace Tributary.Storage.Manifest;

/// <summary>Which of the blocks that were found count: those that no other one stands for.</summary>
public sealed class RebuildChoice
{
    private RebuildChoice(IReadOnlyList<BlockRow> rows, IReadOnlyList<WindowRow> windows)
    {
        Rows = rows;
        Windows = windows;
    }

    /// <summary>A row for every block found: live, in quarantine, or deleted because others stand for it.</summary>
    public IReadOnlyList<BlockRow> Rows { get; }

    /// <summary>The log files that are in blocks.</summary>
    public IReadOnlyList<WindowRow> Windows { get; }

    /// <summary>Chooses.</summary>
    /// <param name="found">All whole blocks.</param>
    /// <param name="old">What the manifest said before, as far as it can be read; or null.</param>
    public static RebuildChoice Of(IReadOnlyList<RebuiltBlock> found, ManifestSnapshot? old)
    {
        var candidates = found
            .Where(one => old?.Blocks.GetValueOrDefault(one.Block.Ulid)?.State != BlockState.Deleted)
            .Select(one => one.Block)
            .ToList();
        var parents = candidates.SelectMany(block => block.Parents).ToHashSet();
        var roots = candidates
            .Where(block => !parents.Contains(block.Ulid))
            .OrderByDescending(block => block.Sources.Count)
            .ThenByDescending(block => block.Level)
            .ThenByDescending(block => block.Consumed.Count)
            .ThenBy(block => block.Number)
            .ThenBy(block => block.Ulid);
        var kept = new List<BlockDescription>();
        foreach (var block in roots)
        {
            if (!kept.Exists(other => StandsFor(other, block)))
            {
                kept.Add(block);
            }
        }
        var keptUlids = kept.Select(block => block.Ulid).ToHashSet();
        List<BlockRow> rows =
        [
            .. found
                .OrderBy(one => one.Block.Ulid)
                .Select(one =>
                    keptUlids.Contains(one.Block.Ulid)
                        ? Kept(one, old?.Blocks.GetValueOrDefault(one.Block.Ulid))
                        : new BlockRow(one.Block, BlockState.Deleted)
                        {
                            Reason = "left out: another block stands for it",
                        }
                ),
        ];
        return new RebuildChoice(rows, Consumed(candidates, old));
    }

    /// <summary>Whether all that is in a block is in the other one: its sources, or the log files that it was made of.</summary>
    private static bool StandsFor(BlockDescription other, BlockDescription block) =>
        (block.Sources.Count > 0 && block.Sources.All(other.Sources.Contains))
        || (block.Consumed.Count > 0 && block.Consumed.All(other.Consumed.Contains));

    private static BlockRow Kept(RebuiltBlock one, BlockRow? before) =>
        new(one.Block, before?.State == BlockState.Quarantined ? BlockState.Quarantined : BlockState.Live)
        {
            Statistics = one.Statistics.IsEmpty ? before?.Statistics ?? one.Statistics : one.Statistics,
            Reason = before?.State == BlockState.Quarantined ? before.Reason : "",
        };

    /// <summary>The log files of all blocks found, and those that the old manifest knew of.</summary>
    private static List<WindowRow> Consumed(List<BlockDescription> blocks, ManifestSnapshot? old) =>
        [
            .. blocks
                .SelectMany(block => block.Consumed)
                .Concat(old?.Windows.Values.SelectMany(row => row.Files) ?? [])
                .GroupBy(file => file.Name.Window)
                .OrderBy(window => window.Key)
                .Select(window => new WindowRow(window.Key, new Dictionary<Ulid, long>()).With(window)),
        ];
}
