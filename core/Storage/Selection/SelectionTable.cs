using System.Runtime.InteropServices;
using Tributary.Model;
using Tributary.Storage.Chunks;

namespace Tributary.Storage.Selection;

/// <summary>Joins what several places have of the same series, chunk by chunk.</summary>
/// <param name="range">The time that was asked for.</param>
/// <param name="budget">Counts series and bytes.</param>
internal sealed class SelectionTable(TimeRange range, ChunkBudget budget)
{
    private readonly Dictionary<LabelSet, Entry> bySeries = [];
    private readonly List<LabelSet> added = [];
    private readonly LabelSetUnion union = new();

    /// <summary>What may be loaded.</summary>
    public ChunkBudget Budget => budget;

    /// <summary>Adds the series of a place that are in order, or nearly.</summary>
    public void Begin() => added.Clear();

    /// <summary>Ends a place.</summary>
    public void End()
    {
        budget.TakeSeries(added.Count);
        union.AddNew(added);
    }

    /// <summary>Adds chunks of a series that nothing is deleted of; their bytes are counted.</summary>
    public void Add(LabelSet labels, IReadOnlyList<ChunkData> chunks, ChunkOrigin origin)
    {
        var selected = new SelectedChunk[chunks.Count];
        long bytes = 0;
        for (var i = 0; i < selected.Length; i++)
        {
            selected[i] = new SelectedChunk(chunks[i], origin, [], 0);
            bytes += chunks[i].Bytes.Length;
        }
        budget.TakeBytes(bytes);
        Add(labels, selected);
    }

    /// <summary>Adds chunks of a series; the array is taken over, and its bytes are counted already.</summary>
    public void Add(LabelSet labels, SelectedChunk[] chunks)
    {
        if (chunks.Length == 0)
        {
            return;
        }
        ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(bySeries, labels, out var exists);
        if (!exists)
        {
            added.Add(labels);
            entry = new Entry(chunks, null);
            return;
        }
        var more = entry.More ?? [.. entry.First];
        more.AddRange(chunks);
        entry = entry with { More = more };
    }

    /// <summary>All series, in the order of their labels.</summary>
    public SelectedChunks[] Finish()
    {
        var sorted = union.Sorted;
        var result = new SelectedChunks[sorted.Count];
        for (var i = 0; i < result.Length; i++)
        {
            var (first, more) = bySeries[sorted[i]];
            var chunks = more is null ? first : [.. more];
            Sort(chunks);
            result[i] = new SelectedChunks(sorted[i], range, chunks);
        }
        return result;
    }

    private static void Sort(SelectedChunk[] chunks)
    {
        for (var i = 1; i < chunks.Length; i++)
        {
            if (chunks[i].Data.MinMs < chunks[i - 1].Data.MinMs)
            {
                Array.Sort(chunks, (one, other) => one.Data.MinMs.CompareTo(other.Data.MinMs));
                return;
            }
        }
    }

    private readonly record struct Entry(SelectedChunk[] First, List<SelectedChunk>? More);
}
