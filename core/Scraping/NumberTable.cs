namespace Tributary.Scraping;

/// <summary>A hash table of numbers whose keys its owner keeps: 8 to 16 bytes an entry, where a dictionary takes 60.</summary>
/// <remarks>Open addressing with linear probing over (hash, number + 1); a removed entry leaves a mark until the next growth.</remarks>
internal sealed class NumberTable
{
    private const int Free = 0;
    private const int Removed = -1;

    private (int Hash, int Mark)[] slots = new (int, int)[16];
    private int used;

    /// <summary>Entries.</summary>
    public int Count { get; private set; }

    /// <summary>Where to look for a hash; <see cref="TryNext"/> goes through what may be there.</summary>
    public Probe Begin(int hash) => new(hash, Home(hash));

    /// <summary>The next number that was added under the probe's hash.</summary>
    public bool TryNext(ref Probe probe, out int number)
    {
        while (slots[probe.Slot].Mark != Free)
        {
            var (hash, mark) = slots[probe.Slot];
            probe = probe with { Slot = (probe.Slot + 1) & (slots.Length - 1) };
            if (hash == probe.Hash && mark > 0)
            {
                number = mark - 1;
                return true;
            }
        }
        number = -1;
        return false;
    }

    /// <summary>Adds a number under a hash.</summary>
    public void Add(int hash, int number)
    {
        if ((used + 1) * 4L > slots.Length * 3L)
        {
            Rehash();
        }
        Put(hash, number);
        used++;
        Count++;
    }

    /// <summary>Removes a number that was added under a hash.</summary>
    public void Remove(int hash, int number)
    {
        var slot = Home(hash);
        while (slots[slot].Mark != number + 1)
        {
            if (slots[slot].Mark == Free)
            {
                throw new InvalidOperationException($"number {number} is not in the table");
            }
            slot = (slot + 1) & (slots.Length - 1);
        }
        slots[slot].Mark = Removed;
        Count--;
    }

    private void Put(int hash, int number)
    {
        var slot = Home(hash);
        while (slots[slot].Mark != Free)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }
        slots[slot] = (hash, number + 1);
    }

    private void Rehash()
    {
        var old = slots;
        var size = 16;
        while (size * 3L < (Count + 1) * 4L * 5 / 4)
        {
            size *= 2;
        }
        slots = new (int, int)[size];
        used = Count;
        foreach (var (hash, mark) in old)
        {
            if (mark > 0)
            {
                Put(hash, mark - 1);
            }
        }
    }

    private int Home(int hash) => (int)(((uint)hash * 2654435769u) >> 7) & (slots.Length - 1);

    /// <summary>A place in the table.</summary>
    /// <param name="Hash">What is looked for.</param>
    /// <param name="Slot">Where to look next.</param>
    internal readonly record struct Probe(int Hash, int Slot);
}
