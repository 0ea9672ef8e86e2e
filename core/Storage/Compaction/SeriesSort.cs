using System.Runtime.InteropServices;
using Tributary.Storage.Indexes;

namespace Tributary.Storage.Compaction;

/// <summary>Sorts series by their labels in bounded memory: sorted runs in temporary storage, merged into one.</summary>
/// <param name="folder">Where temporary files go.</param>
/// <param name="memoryBytes">How much the series of one run may take.</param>
internal sealed class SeriesSort(string folder, long memoryBytes)
{
    private const long KeptBytes = 8 * 1024 * 1024;

    /// <summary>A series of a run besides its labels: where they begin, and its place in the order.</summary>
    private const int SeriesBytes = 2 * sizeof(int);

    private readonly List<LabelRef> labels = [];
    private readonly List<int> ends = [];
    private readonly List<SeriesRun> runs = [];
    private int first;

    /// <summary>Sorts what a catalog has gathered.</summary>
    /// <param name="scratch">Per series, in the order of their numbers: how many labels, and their symbols.</param>
    /// <param name="count">Series in it.</param>
    /// <param name="places">For each symbol its place in the order of symbols.</param>
    /// <returns>The series in order, and for each number its place there.</returns>
    public (SeriesRun Sorted, int[] Ranks) Run(ScratchFile scratch, int count, uint[] places)
    {
        var ranks = new int[count];
        // All of it at once: growing step by step takes three times as much.
        labels.Capacity = (int)Math.Min(memoryBytes / sizeof(ulong), Math.Min(count * 16L, int.MaxValue));
        var input = new ScratchReader(scratch);
        try
        {
            for (var number = 0; number < count; number++)
            {
                for (var left = input.ReadUvarint(); left > 0; left--)
                {
                    labels.Add(new LabelRef(places[input.ReadUvarint()], places[input.ReadUvarint()]));
                }
                ends.Add(labels.Count);
                if ((labels.Count * (long)sizeof(ulong)) + (ends.Count * (long)SeriesBytes) >= memoryBytes)
                {
                    runs.Add(SortRun(new SeriesRun(folder, 0), ranks: null));
                }
            }
            if (runs.Count == 0)
            {
                return (SortRun(new SeriesRun(folder, KeptBytes), ranks), ranks);
            }
            if (ends.Count > 0)
            {
                runs.Add(SortRun(new SeriesRun(folder, 0), ranks: null));
            }
            return (Merge(ranks), ranks);
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    private SeriesRun SortRun(SeriesRun run, int[]? ranks)
    {
        var order = new int[ends.Count];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }
        Array.Sort(order, (left, right) => LabelRef.Compare(LabelsOf(left), LabelsOf(right)));
        foreach (var series in order)
        {
            if (ranks is not null)
            {
                ranks[first + series] = run.Count;
            }
            run.Add(first + series, LabelsOf(series));
        }
        run.Complete();
        first += ends.Count;
        labels.Clear();
        ends.Clear();
        return run;
    }

    private ReadOnlySpan<LabelRef> LabelsOf(int series)
    {
        var start = series == 0 ? 0 : ends[series - 1];
        return CollectionsMarshal.AsSpan(labels)[start..ends[series]];
    }

    /// <summary>No series is in two runs.</summary>
    private SeriesRun Merge(int[] ranks)
    {
        labels.Capacity = 0;
        ends.Capacity = 0;
        var merged = new SeriesRun(folder, KeptBytes);
        var open = runs.Select(run => run.Read()).Where(reader => reader.MoveNext()).ToList();
        while (open.Count > 0)
        {
            var least = open[0];
            foreach (var reader in open)
            {
                least = LabelRef.Compare(reader.Labels, least.Labels) < 0 ? reader : least;
            }
            ranks[least.Number] = merged.Count;
            merged.Add(least.Number, least.Labels);
            if (!least.MoveNext())
            {
                open.Remove(least);
            }
        }
        merged.Complete();
        return merged;
    }
}
