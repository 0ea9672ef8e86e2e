using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Compaction;

/// <summary>Which samples of which log files some deletes take away; for each series 4 bytes, if there is a delete at all.</summary>
internal sealed class DeletedSeries
{
    /// <summary>For each series, by its place, the number of the set of deletes that select it; 0 is none.</summary>
    private readonly int[] sets = [];
    private readonly List<int[]> members =
    [
        [],
    ];
    private readonly IReadOnlyList<DeleteDescription> deletes;

    /// <summary>Asks of every series which deletes select it.</summary>
    public DeletedSeries(IReadOnlyList<DeleteDescription> deletes, SortedSeries all)
    {
        this.deletes = deletes;
        if (deletes.Count == 0)
        {
            return;
        }
        sets = new int[all.Count];
        var selections = deletes.Select(delete => SeriesDeletes.Of([delete])).ToList();
        var known = new Dictionary<string, int>(StringComparer.Ordinal) { [""] = 0 };
        var series = all.Read();
        for (var place = 0; series.MoveNext(); place++)
        {
            var labels = all.Symbols.LabelsOf(series.Labels);
            int[] selected =
            [
                .. Enumerable.Range(0, deletes.Count).Where(i => selections[i].RangesOf(labels).Count > 0),
            ];
            var key = string.Join(' ', selected);
            if (!known.TryGetValue(key, out sets[place]))
            {
                sets[place] = members.Count;
                known.Add(key, members.Count);
                members.Add(selected);
            }
        }
    }

    /// <summary>Whether no series is selected.</summary>
    public bool IsEmpty => members.Count == 1;

    /// <summary>Whether a sample that a file has is deleted.</summary>
    /// <param name="file">The file.</param>
    /// <param name="series">The place of the series.</param>
    /// <param name="timestampMs">The time.</param>
    public bool Has(LogFileName file, int series, long timestampMs)
    {
        foreach (var member in members[sets[series]])
        {
            var delete = deletes[member];
            if (delete.Range.Contains(timestampMs) && delete.LogFiles.Contains(file))
            {
                return true;
            }
        }
        return false;
    }
}
