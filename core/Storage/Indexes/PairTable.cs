namespace Tributary.Storage.Indexes;

/// <summary>Numbers the labels of a block in the order in which they come; open addressing, 12 to 24 bytes a label.</summary>
internal sealed class PairTable
{
    private ulong[] keys = new ulong[1024];
    private int[] places = new int[4096];

    /// <summary>Labels so far.</summary>
    public int Count { get; private set; }

    /// <summary>The labels by their numbers.</summary>
    public ReadOnlySpan<ulong> Keys => keys.AsSpan(0, Count);

    /// <summary>The number of a label; a new one for a label that was not there.</summary>
    public int Number(ulong key)
    {
        var mask = places.Length - 1;
        var at = Hash(key) & mask;
        while (places[at] != 0)
        {
            var number = places[at] - 1;
            if (keys[number] == key)
            {
                return number;
            }
            at = (at + 1) & mask;
        }
        if (Count == keys.Length)
        {
            Array.Resize(ref keys, Count * 2);
        }
        keys[Count] = key;
        places[at] = ++Count;
        if (Count * 2 > places.Length)
        {
            Grow();
        }
        return Count - 1;
    }

    private static int Hash(ulong key)
    {
        var mixed = key * 0x9E3779B97F4A7C15;
        return (int)((mixed ^ (mixed >> 32)) & int.MaxValue);
    }

    private void Grow()
    {
        places = new int[places.Length * 2];
        var mask = places.Length - 1;
        for (var number = 0; number < Count; number++)
        {
            var at = Hash(keys[number]) & mask;
            while (places[at] != 0)
            {
                at = (at + 1) & mask;
            }
            places[at] = number + 1;
        }
    }
}
