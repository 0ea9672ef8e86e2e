using System.Runtime.InteropServices;
using Tributary.Binary;

namespace Tributary.Storage.Indexes;

/// <summary>Some series of an index, decoded: labels as symbols, and chunks. Reused from batch to batch.</summary>
internal sealed class SeriesBatch
{
    private readonly List<LabelRef> labels = [];
    private readonly List<ChunkPlace> chunks = [];
    private readonly List<Item> items = [];

    /// <summary>How many series there are.</summary>
    public int Count => items.Count;

    /// <summary>The reference of a series.</summary>
    public uint Reference(int series) => items[series].Reference;

    /// <summary>Where a series' entry lies in the index.</summary>
    public long Offset(int series) => items[series].Offset;

    /// <summary>The labels of a series.</summary>
    public ReadOnlySpan<LabelRef> Labels(int series)
    {
        var item = items[series];
        return CollectionsMarshal.AsSpan(labels)[item.LabelStart..item.LabelEnd];
    }

    /// <summary>The chunks of a series.</summary>
    public ReadOnlySpan<ChunkPlace> Chunks(int series)
    {
        var item = items[series];
        return CollectionsMarshal.AsSpan(chunks)[item.ChunkStart..item.ChunkEnd];
    }

    /// <summary>Forgets all series.</summary>
    public void Clear()
    {
        labels.Clear();
        chunks.Clear();
        items.Clear();
    }

    /// <summary>Adds a series from the content of its entry.</summary>
    /// <exception cref="CorruptDataException">It is none.</exception>
    public void Add(uint reference, ReadOnlySpan<byte> content, string file, long offset)
    {
        var reader = new ByteReader(content, file, offset);
        var (labelStart, chunkStart) = (labels.Count, chunks.Count);
        for (var left = reader.ReadCount("labels"); left > 0; left--)
        {
            var (name, value) = (reader.ReadUvarint(), reader.ReadUvarint());
            if (name > uint.MaxValue || value > uint.MaxValue)
            {
                throw reader.Corrupt("this is no symbol");
            }
            labels.Add(new LabelRef((uint)name, (uint)value));
        }
        var before = default(ChunkPlace);
        var count = reader.ReadCount("chunks");
        for (var i = 0; i < count; i++)
        {
            var min = i == 0 ? reader.ReadVarint() : before.MaxMs + (long)reader.ReadUvarint();
            var max = min + (long)reader.ReadUvarint();
            var place = i == 0 ? reader.ReadUvarint() : before.Reference + (ulong)reader.ReadVarint();
            if (max < min || (i > 0 && min < before.MaxMs) || place >> 56 != 0)
            {
                throw reader.Corrupt($"chunk {i} cannot be at {place}, from {min} to {max}");
            }
            before = new ChunkPlace(min, max, place);
            chunks.Add(before);
        }
        items.Add(new Item(reference, offset, labelStart, labels.Count, chunkStart, chunks.Count));
    }

    private readonly record struct Item(
        uint Reference,
        long Offset,
        int LabelStart,
        int LabelEnd,
        int ChunkStart,
        int ChunkEnd
    );
}
