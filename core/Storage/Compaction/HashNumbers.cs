namespace Tributary.Storage.Compaction;

/// <summary>Numbers hashes that are wide enough to stand for what they are of; 20 to 40 bytes each.</summary>
internal sealed class HashNumbers
{
    private UInt128[] hashes = new UInt128[1024];
    private int[] slots = new int[2048];

    /// <summary>Hashes so far.</summary>
    public int Count { get; private set; }

    /// <summary>The number of a hash; true when it is new.</summary>
    public bool TryAdd(UInt128 hash, out int number)
    {
        var mask = slots.Length - 1;
        var at = (int)(ulong)hash & mask;
        while (slots[at] != 0)
        {
            number = slots[at] - 1;
            if (hashes[number] == hash)
            {
                return false;
            }
            at = (at + 1) & mask;
        }
        if (Count == hashes.Length)
        {
            Array.Resize(ref hashes, Count * 2);
        }
        number = Count;
        hashes[Count++] = hash;
        slots[at] = Count;
        if (Count * 4L > slots.Length * 3L)
        {
            Grow();
        }
        return true;
    }

    private void Grow()
    {
        slots = new int[slots.Length * 2];
        var mask = slots.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var at = (int)(ulong)hashes[number] & mask;
            while (slots[at] != 0)
            {
                at = (at + 1) & mask;
            }
            slots[at] = number + 1;
        }
    }
}
