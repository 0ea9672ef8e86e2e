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
    public Task<BlockReader> OpenAsync(BlockDescription block, CancellationToken cancellationToken) =>
        OpenAsync(block.Ulid, () => OpenOwnAsync(block, cancellationToken));

    /// <summary>A block's reader, opened when it is not known.</summary>
    public async Task<BlockReader> OpenAsync(Ulid ulid, Func<Task<BlockReader>> open)
    {
        lock (gate)
        {
            if (known.TryGetValue(ulid, out var node))
            {
                byUse.Remove(node);
                byUse.AddLast(node);
                return node.Value;
            }
        }
        var opened = await open();
        lock (gate)
        {
            // Two at once may both have opened it: the later one stays.
            Remove(ulid);
            known.Add(ulid, byUse.AddLast(opened));
            if (known.Count > MaxBlocks)
            {
                Remove(byUse.First!.Value.Meta.Ulid);
            }
        }
        return opened;
    }

    private Task<BlockReader> OpenOwnAsync(BlockDescription block, CancellationToken cancellationToken)
    {
        var meta = new BlockMeta
        {
            Ulid = block.Ulid,
            MinTimeMs = block.MinTimeMs,
            MaxTimeMs = block.MaxTimeMs,
            Level = block.Level,
            Files = [.. block.Files.Select(file => new BlockMetaFile(file.Path, file.SizeBytes))],
        };
        var prefix = BlockDescription.PrefixOf(block.Ulid);
        return BlockReader.OpenAsync(ranges, prefix, meta, cancellationToken, series);
    }

    /// <summary>Forgets a block and all that was read of it, so that it is read anew.</summary>
    public void Forget(Ulid block) => Forget(block, BlockDescription.PrefixOf(block));

    /// <summary>The same of a block whose files lie elsewhere.</summary>
    public void Forget(Ulid block, string prefix)
    {
        lock (gate)
        {
            Remove(block);
        }
        ranges.Forget(prefix);
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
