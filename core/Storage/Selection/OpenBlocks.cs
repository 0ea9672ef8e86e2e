using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Files;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Selection;

/// <summary>The blocks that were opened last. Safe for several threads; bounded.</summary>
/// <param name="ranges">Reads their files.</param>
/// <param name="series">Keeps their decoded series.</param>
internal sealed class OpenBlocks(RangeReader ranges, SeriesCache series)
{
    private const int MaxBlocks = 256;

    private readonly Lock gate = new();
    private readonly Dictionary<Ulid, LinkedListNode<BlockReader>> known = [];
    private readonly LinkedList<BlockReader> byUse = [];

    /// <summary>A block's reader; the manifest says enough to open it without its <c>meta.json</c>.</summary>
    /// <exception cref="Tributary.Binary.CorruptDataException">It is damaged.</exception>
    /// <exception cref="Tributary.Stores.StoreException">It is gone, or the store cannot be used.</exception>
    public async Task<BlockReader> OpenAsync(BlockDescription block, CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (known.TryGetValue(block.Ulid, out var node))
            {
                byUse.Remove(node);
                byUse.AddLast(node);
                return node.Value;
            }
        }
        var meta = new BlockMeta
        {
            Ulid = block.Ulid,
            MinTimeMs = block.MinTimeMs,
            MaxTimeMs = block.MaxTimeMs,
            Level = block.Level,
            Files = [.. block.Files.Select(file => new BlockMetaFile(file.Path, file.SizeBytes))],
        };
        var prefix = BlockDescription.PrefixOf(block.Ulid);
        var opened = await BlockReader.OpenAsync(ranges, prefix, meta, cancellationToken, series);
        lock (gate)
        {
            // Two at once may both have opened it: the later one stays.
            Remove(block.Ulid);
            known.Add(block.Ulid, byUse.AddLast(opened));
            if (known.Count > MaxBlocks)
            {
                Remove(byUse.First!.Value.Meta.Ulid);
            }
        }
        return opened;
    }

    /// <summary>Forgets a block and all that was read of it, so that it is read anew.</summary>
    public void Forget(Ulid block)
    {
        lock (gate)
        {
            Remove(block);
        }
        ranges.Forget(BlockDescription.PrefixOf(block));
    }

    private void Remove(Ulid block)
    {
        if (known.Remove(block, out var node))
        {
            byUse.Remove(node);
            node.Value.Forget();
        }
    }
}
