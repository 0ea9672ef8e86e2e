using System.Runtime.InteropServices;

namespace Tributary.PromQL.Aggregations;

/// <summary>The k greatest or least values of a group at a step; NaN is worse than any.</summary>
/// <param name="isTop">Whether the greatest are kept.</param>
internal sealed class RankHeap(bool isTop)
{
    /// <summary>A binary heap: the worst that is kept stands first.</summary>
    private readonly List<(double Value, int Series)> entries = [];

    /// <summary>Forgets all.</summary>
    public void Clear() => entries.Clear();

    /// <summary>Takes a value in if it is among the k best so far. Of equal values the earlier ones stay.</summary>
    public void Offer(double value, int series, int k)
    {
        if (entries.Count < k)
        {
            entries.Add((value, series));
            Up(entries.Count - 1);
        }
        else if (IsBetter(value, entries[0].Value))
        {
            entries[0] = (value, series);
            Down(0);
        }
    }

    /// <summary>The best first; of equal ones those of earlier series.</summary>
    public IEnumerable<(double Value, int Series)> Sorted()
    {
        entries.Sort(
            (one, other) =>
                IsBetter(one.Value, other.Value) ? -1
                : IsBetter(other.Value, one.Value) ? 1
                : one.Series.CompareTo(other.Series)
        );
        return entries;
    }

    private bool IsBetter(double value, double than) =>
        double.IsNaN(than) ? !double.IsNaN(value) : isTop ? value > than : value < than;

    private void Up(int at)
    {
        var heap = CollectionsMarshal.AsSpan(entries);
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!IsBetter(heap[parent].Value, heap[at].Value))
            {
                return;
            }
            (heap[parent], heap[at]) = (heap[at], heap[parent]);
            at = parent;
        }
    }

    private void Down(int at)
    {
        var heap = CollectionsMarshal.AsSpan(entries);
        while (true)
        {
            var worst = at;
            for (var child = (2 * at) + 1; child <= (2 * at) + 2 && child < heap.Length; child++)
            {
                worst = IsBetter(heap[worst].Value, heap[child].Value) ? child : worst;
            }
            if (worst == at)
            {
                return;
            }
            (heap[worst], heap[at]) = (heap[at], heap[worst]);
            at = worst;
        }
    }
}
