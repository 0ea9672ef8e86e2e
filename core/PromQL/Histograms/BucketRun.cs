using System.Runtime.InteropServices;
using Tributary.Model;

namespace Tributary.PromQL.Histograms;

/// <summary>Buckets of one side by rising index, as working space that is used again and again.</summary>
internal sealed class BucketRun
{
    private readonly List<int> indexes = [];
    private readonly List<double> counts = [];
    private readonly List<double> lost = [];

    /// <summary>The indexes, rising.</summary>
    public ReadOnlySpan<int> Indexes => CollectionsMarshal.AsSpan(indexes);

    /// <summary>The counts.</summary>
    public ReadOnlySpan<double> Counts => CollectionsMarshal.AsSpan(counts);

    /// <summary>What rounding has lost of the counts.</summary>
    public ReadOnlySpan<double> Lost => CollectionsMarshal.AsSpan(lost);

    /// <summary>Forgets all buckets.</summary>
    public void Clear()
    {
        indexes.Clear();
        counts.Clear();
        lost.Clear();
    }

    /// <summary>Appends a bucket, or adds to the last one if that has the same index.</summary>
    public void Append(int index, double count, double lostOfIt = 0)
    {
        if (indexes.Count == 0 || indexes[^1] != index)
        {
            indexes.Add(index);
            counts.Add(count);
            lost.Add(lostOfIt);
            return;
        }
        ref var sum = ref CollectionsMarshal.AsSpan(counts)[^1];
        ref var lostSoFar = ref CollectionsMarshal.AsSpan(lost)[^1];
        Values.KahanSum.Add(count, ref sum, ref lostSoFar);
        lostSoFar += lostOfIt;
    }

    /// <summary>Takes buckets in a coarser (or the same) exponential schema.</summary>
    /// <param name="source">The indexes.</param>
    /// <param name="sourceCounts">The counts.</param>
    /// <param name="schema">The schema of the source.</param>
    /// <param name="target">At most <paramref name="schema"/>; both the custom schema for custom buckets.</param>
    /// <param name="threshold">Leading buckets of exponential schemas that end at or below this are left out.</param>
    public void Fill(
        ReadOnlySpan<int> source,
        ReadOnlySpan<double> sourceCounts,
        int schema,
        int target,
        double threshold
    )
    {
        Clear();
        var first = 0;
        var isCustom = schema == HistogramLayout.CustomSchema;
        if (!isCustom && threshold > 0)
        {
            while (
                first < source.Length
                && HistogramBounds.Exponential(target, Target(source[first], schema, target)) <= threshold
            )
            {
                first++;
            }
        }
        for (var i = first; i < source.Length; i++)
        {
            Append(isCustom ? source[i] : Target(source[i], schema, target), sourceCounts[i]);
        }
    }

    /// <summary>The index of a bucket in a coarser schema.</summary>
    // A shift of a C# integer counts modulo 32, and beyond 31 all bits are gone anyway.
    public static int Target(int index, int schema, int target) =>
        ((index - 1) >> Math.Min(schema - target, 31)) + 1;
}
