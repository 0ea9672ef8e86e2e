using Tributary.Model;

namespace Tributary.Storage.Blocks;

/// <summary>Decoded series of blocks, those that were asked for last; equal labels are one object. Safe for several threads.</summary>
/// <param name="maxBytes">About how much memory it may hold.</param>
internal sealed class SeriesCache(long maxBytes)
{
    private readonly Lock gate = new();
    private readonly LinkedList<BlockSeriesCache> byUse = [];
    private long usedBytes;

    /// <summary>Makes equal labels one object, whatever block they are of.</summary>
    public SeriesTable Table { get; } = new();

    /// <summary>About how much memory it holds.</summary>
    public long UsedBytes
    {
        get
        {
            lock (gate)
            {
                return usedBytes;
            }
        }
    }

    /// <summary>The part of a block.</summary>
    public BlockSeriesCache NewBlock() => new(this);

    /// <summary>Counts what a block has more; lets the blocks go that were used longest ago.</summary>
    public void Grow(BlockSeriesCache block, long bytes)
    {
        lock (gate)
        {
            Touch(block);
            block.Bytes += bytes;
            usedBytes += bytes;
            var isEvicting = usedBytes > maxBytes;
            while (usedBytes > maxBytes && byUse.First is { } oldest)
            {
                Remove(oldest.Value);
            }
            if (isEvicting)
            {
                Table.Age();
            }
        }
    }

    /// <summary>A block was used.</summary>
    public void Touch(BlockSeriesCache block)
    {
        lock (gate)
        {
            if (block.Node.List is not null)
            {
                byUse.Remove(block.Node);
            }
            byUse.AddLast(block.Node);
        }
    }

    /// <summary>Lets a block go.</summary>
    public void Remove(BlockSeriesCache block)
    {
        lock (gate)
        {
            if (block.Node.List is not null)
            {
                byUse.Remove(block.Node);
            }
            usedBytes -= block.Bytes;
            block.Bytes = 0;
            block.Clear();
        }
    }
}

/// <summary>The decoded series of one block.</summary>
internal sealed class BlockSeriesCache
{
    private const int SeriesBytes = 120;
    private const int LabelBytes = 8;
    private const int ChunkBytes = 24;

    private readonly SeriesCache all;
    private readonly Lock gate = new();
    private Dictionary<uint, BlockSeries> known = [];

    public BlockSeriesCache(SeriesCache all)
    {
        this.all = all;
        Node = new LinkedListNode<BlockSeriesCache>(this);
    }

    /// <summary>Its place in <see cref="SeriesCache"/>, which guards it.</summary>
    public LinkedListNode<BlockSeriesCache> Node { get; }

    /// <summary>What is counted of it; guarded by <see cref="SeriesCache"/>.</summary>
    public long Bytes { get; set; }

    /// <summary>Makes equal labels one object.</summary>
    public SeriesTable Table => all.Table;

    /// <summary>Finds series.</summary>
    /// <param name="references">Which.</param>
    /// <param name="found">What is known of them, by position; null for what is not.</param>
    /// <returns>Whether all are known.</returns>
    public bool Find(ReadOnlySpan<uint> references, Span<BlockSeries?> found)
    {
        all.Touch(this);
        var isWhole = true;
        lock (gate)
        {
            for (var i = 0; i < references.Length; i++)
            {
                isWhole &= known.TryGetValue(references[i], out found[i]);
            }
        }
        return isWhole;
    }

    /// <summary>Keeps series that were decoded: with all their chunks, whatever range was asked for.</summary>
    public void Add(List<(uint Reference, BlockSeries Series)> decoded)
    {
        long bytes = 0;
        lock (gate)
        {
            foreach (var (reference, series) in decoded)
            {
                if (known.TryAdd(reference, series))
                {
                    bytes +=
                        SeriesBytes + (series.Labels.Labels.Length * LabelBytes) + (series.Chunks.Count * ChunkBytes);
                }
            }
        }
        all.Grow(this, bytes);
    }

    /// <summary>Lets the block go.</summary>
    public void Forget() => all.Remove(this);

    /// <summary>Forgets all series.</summary>
    public void Clear()
    {
        lock (gate)
        {
            known = [];
        }
    }
}
