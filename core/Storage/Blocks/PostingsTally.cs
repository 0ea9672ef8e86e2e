using Tributary.Storage.Indexes;

namespace Tributary.Storage.Blocks;

/// <summary>How many series have each label, and a sum over which: enough to see whether the postings say the same.</summary>
internal sealed class PostingsTally
{
    private readonly PairTable pairs = new();
    private int[] counts = new int[1024];
    private ulong[] sums = new ulong[1024];

    /// <summary>Series so far.</summary>
    public long SeriesCount { get; private set; }

    /// <summary>Adds a series.</summary>
    public void Add(uint series, ReadOnlySpan<LabelRef> labels)
    {
        SeriesCount++;
        foreach (var label in labels)
        {
            var number = pairs.Number(label.Key);
            if (number >= counts.Length)
            {
                Array.Resize(ref counts, counts.Length * 2);
                Array.Resize(ref sums, sums.Length * 2);
            }
            counts[number]++;
            sums[number] += Mix(series);
        }
    }

    /// <summary>The labels in the order of their symbols, with count and sum.</summary>
    public List<(LabelRef Label, int Count, ulong Sum)> Sorted()
    {
        var all = new List<(LabelRef Label, int Count, ulong Sum)>(pairs.Count);
        for (var i = 0; i < pairs.Count; i++)
        {
            var key = pairs.Keys[i];
            all.Add((new LabelRef((uint)(key >> 32), (uint)key), counts[i], sums[i]));
        }
        all.Sort((a, b) => a.Label.CompareTo(b.Label));
        return all;
    }

    /// <summary>The sum over a list.</summary>
    public static ulong SumOf(ReadOnlySpan<uint> series)
    {
        var sum = 0UL;
        foreach (var one in series)
        {
            sum += Mix(one);
        }
        return sum;
    }

    private static ulong Mix(uint series)
    {
        var mixed = (series + 1UL) * 0x9E3779B97F4A7C15;
        return mixed ^ (mixed >> 29);
    }
}
