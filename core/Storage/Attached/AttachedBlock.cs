using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Attached;

/// <summary>A block of an attached container.</summary>
/// <param name="Ulid">The block.</param>
/// <param name="Prefix">What the names of its files begin with.</param>
public sealed record AttachedBlock(Ulid Ulid, string Prefix)
{
    /// <summary>Its <c>meta.json</c> with the files that are there; null when it could not be read.</summary>
    public BlockMeta? Meta { get; init; }

    /// <summary>Why it is not read; empty when it is.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Whether it is not read because something is wrong with it: an answer says so.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>The labels that its series have besides their own.</summary>
    public LabelSet Labels { get; init; } = LabelSet.Empty;

    /// <summary>Bytes of all its files.</summary>
    public long Bytes { get; init; }

    /// <summary>Whether it is read.</summary>
    public bool IsLive => Meta is not null && Reason.Length == 0;

    /// <summary>It among the blocks of a plan: deletes of ours do not apply to it, and in conflicts our own blocks count.</summary>
    internal BlockRow Row =>
        new(BlockMetaDescription.Of(Meta! with { LogFiles = [] }) with { Number = long.MaxValue }, BlockState.Live);

    /// <summary>Opens it.</summary>
    internal async Task<BlockReader> OpenAsync(
        IBlobStore blobs,
        PageCache cache,
        SeriesCache series,
        CancellationToken cancellationToken
    )
    {
        var opened = await BlockReader.OpenAsync(
            new RangeReader(blobs, cache),
            Prefix,
            Meta!,
            cancellationToken,
            series
        );
        return opened.With(new BlockLabels(Labels));
    }
}
