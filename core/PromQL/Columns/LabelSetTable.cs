using Tributary.Model;

namespace Tributary.PromQL.Columns;

/// <summary>Label sets with an ordinal each, from 0 in the order in which they come.</summary>
internal sealed class LabelSetTable
{
    private readonly List<LabelSet> sets = [];
    private readonly List<int> nextInBucket = [];
    private readonly List<int> hashes = [];
    private int[] buckets = NewBuckets(16);
    private Label[] kept = new Label[32];

    /// <summary>How many different ones there are.</summary>
    public int Count => sets.Count;

    /// <summary>The set of an ordinal.</summary>
    public LabelSet this[int ordinal] => sets[ordinal];

    /// <summary>The ordinal of a set.</summary>
    public int Add(LabelSet labels) => Add(labels.Labels, labels);

    /// <summary>The ordinal of some labels of a set.</summary>
    public int Add(LabelSet labels, LabelProjection projection)
    {
        if (kept.Length < labels.Labels.Length)
        {
            kept = new Label[labels.Labels.Length * 2];
        }
        var count = projection.Select(labels.Labels, kept);
        return Add(kept.AsSpan(0, count), count == labels.Labels.Length ? labels : null);
    }

    private int Add(ReadOnlySpan<Label> labels, LabelSet? set)
    {
        var hash = HashOf(labels);
        ref var bucket = ref buckets[hash & (buckets.Length - 1)];
        for (var i = bucket; i >= 0; i = nextInBucket[i])
        {
            if (hashes[i] == hash && sets[i].Labels.SequenceEqual(labels))
            {
                return i;
            }
        }
        sets.Add(set ?? LabelSet.FromSorted(labels.ToArray()));
        hashes.Add(hash);
        nextInBucket.Add(bucket);
        bucket = sets.Count - 1;
        if (sets.Count > buckets.Length)
        {
            Grow();
        }
        return sets.Count - 1;
    }

    private void Grow()
    {
        buckets = NewBuckets(buckets.Length * 4);
        for (var i = 0; i < sets.Count; i++)
        {
            ref var bucket = ref buckets[hashes[i] & (buckets.Length - 1)];
            nextInBucket[i] = bucket;
            bucket = i;
        }
    }

    private static int[] NewBuckets(int count)
    {
        var buckets = new int[count];
        buckets.AsSpan().Fill(-1);
        return buckets;
    }

    private static int HashOf(ReadOnlySpan<Label> labels)
    {
        // Labels have good, keyed hashes already: mixing their order in is enough.
        var hash = 17u;
        foreach (var label in labels)
        {
            hash = unchecked((System.Numerics.BitOperations.RotateLeft(hash, 7) * 0x9E3779B1u) ^ (uint)label.GetHashCode());
        }
        return unchecked((int)(hash ^ (hash >> 15)));
    }
}
