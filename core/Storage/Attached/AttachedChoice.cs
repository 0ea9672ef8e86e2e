using Tributary.Model;

namespace Tributary.Storage.Attached;

/// <summary>Which blocks count: not those whose samples another one has, too.</summary>
internal static class AttachedChoice
{
    /// <summary>The same blocks, some of them with a reason why they do not count.</summary>
    public static IEnumerable<AttachedBlock> Of(IReadOnlyList<AttachedBlock> blocks)
    {
        var live = blocks.Where(block => block.IsLive).ToList();
        var bySource = live.SelectMany(block => SourcesOf(block).Select(source => (source, block)))
            .ToLookup(pair => pair.source, pair => pair.block);
        foreach (var block in blocks)
        {
            var other = block.IsLive
                ? bySource[SourcesOf(block)[0]].FirstOrDefault(other => StandsFor(other, block))
                : null;
            yield return other is null ? block : block with { Reason = $"block {other.Ulid} has its samples" };
        }
    }

    /// <summary>Of two with the same sources the newer one counts.</summary>
    private static bool StandsFor(AttachedBlock other, AttachedBlock block)
    {
        var (more, sources) = (SourcesOf(other), SourcesOf(block));
        return other.Ulid != block.Ulid
            && other.Labels.Equals(block.Labels)
            && (more.Count > sources.Count || (more.Count == sources.Count && other.Ulid.CompareTo(block.Ulid) > 0))
            && sources.All(more.Contains);
    }

    private static IReadOnlyList<Ulid> SourcesOf(AttachedBlock block) =>
        block.Meta!.Sources.Count > 0 ? block.Meta.Sources : [block.Ulid];
}
