using System.Buffers.Binary;
using Tributary.Model;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>Numbers texts in the order in which they come. Compact: their bytes, and about 12 bytes each.</summary>
internal sealed class SymbolPool
{
    private const int SegmentBits = 20;
    private const int SegmentBytes = 1 << SegmentBits;
    private const int FirstSegmentBytes = 16 * 1024;
    private const int HeadBytes = sizeof(int);

    private readonly List<byte[]> segments = [];
    private uint[] places = new uint[1024];
    private int[] slots = new int[4096];
    private int used = SegmentBytes;
    private long textBytes;

    /// <summary>Texts so far.</summary>
    public int Count { get; private set; }

    /// <summary>A text, UTF-8.</summary>
    public ReadOnlySpan<byte> this[int number]
    {
        get
        {
            var place = places[number];
            var segment = segments[(int)(place >> SegmentBits)].AsSpan();
            var at = (int)(place & (SegmentBytes - 1));
            return segment.Slice(at + HeadBytes, BinaryPrimitives.ReadInt32LittleEndian(segment[at..]));
        }
    }

    /// <summary>The number of a text; a new one for a text that was not there.</summary>
    public int Number(ReadOnlySpan<byte> text)
    {
        var mask = slots.Length - 1;
        var at = HashOf(text) & mask;
        while (slots[at] != 0)
        {
            if (this[slots[at] - 1].SequenceEqual(text))
            {
                return slots[at] - 1;
            }
            at = (at + 1) & mask;
        }
        Add(text);
        slots[at] = Count;
        if (Count * 2 > slots.Length)
        {
            Grow();
        }
        return Count - 1;
    }

    /// <summary>The texts in order, and for each number the place of its text there; the pool is empty after that.</summary>
    public (SymbolTable Table, uint[] Places) Sort()
    {
        slots = [];
        var order = new int[Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(order, (left, right) => this[left].SequenceCompareTo(this[right]));
        var bytes = new byte[textBytes];
        var ends = new int[Count];
        var ranks = new uint[Count];
        var end = 0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            var text = this[order[rank]];
            text.CopyTo(bytes.AsSpan(end));
            end += text.Length;
            ends[rank] = end;
            ranks[order[rank]] = (uint)rank;
        }
        segments.Clear();
        (places, Count) = ([], 0);
        return (SymbolTable.OfSorted(bytes, ends), ranks);
    }

    private static int HashOf(ReadOnlySpan<byte> text) => (int)(ByteHash.Compute(text) & int.MaxValue);

    private void Add(ReadOnlySpan<byte> text)
    {
        // Longer ones are in no index, and a record of the log has room for none.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, IndexFormat.MaxSymbolBytes);
        if (text.Length + HeadBytes > SegmentBytes - used)
        {
            var size = Math.Max(segments.Count == 0 ? FirstSegmentBytes : SegmentBytes, text.Length + HeadBytes);
            if (segments.Count == 1 << (32 - SegmentBits))
            {
                throw new InvalidOperationException("the texts of all labels of a block are above 4 GiB");
            }
            segments.Add(new byte[size]);
            used = 0;
        }
        else if (text.Length + HeadBytes > segments[^1].Length - used)
        {
            var wider = segments[^1];
            Array.Resize(ref wider, SegmentBytes);
            segments[^1] = wider;
        }
        if (Count == places.Length)
        {
            Array.Resize(ref places, Count * 2);
        }
        var segment = segments[^1].AsSpan(used);
        BinaryPrimitives.WriteInt32LittleEndian(segment, text.Length);
        text.CopyTo(segment[HeadBytes..]);
        places[Count++] = ((uint)(segments.Count - 1) << SegmentBits) | (uint)used;
        // A long text has a segment of its own; what follows begins another one.
        used = Math.Min(SegmentBytes, used + text.Length + HeadBytes);
        textBytes = checked((int)(textBytes + text.Length));
    }

    private void Grow()
    {
        slots = new int[slots.Length * 2];
        var mask = slots.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var at = HashOf(this[number]) & mask;
            while (slots[at] != 0)
            {
                at = (at + 1) & mask;
            }
            slots[at] = number + 1;
        }
    }
}
