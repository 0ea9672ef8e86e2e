using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Compaction;

namespace Tributary.Storage.Selection;

/// <summary>Lists of deleted ranges, ordered and apart.</summary>
internal static class DeletedRanges
{
    /// <summary>A series of a block with what deletes take away of it, besides the block's own tombstones.</summary>
    public static BlockSeries Join(BlockSeries series, SeriesDeletes deletes)
    {
        if (deletes.IsEmpty)
        {
            return series;
        }
        var more = deletes.Of(series.Labels);
        return more.Count == 0 ? series : series with { Deleted = Normalize([.. series.Deleted, .. more]) };
    }

    /// <summary>Whether a whole range is deleted.</summary>
    public static bool Cover(IReadOnlyList<TimeRange> deleted, TimeRange range)
    {
        foreach (var one in deleted)
        {
            if (one.MinMs <= range.MinMs && one.MaxMs >= range.MaxMs)
            {
                return true;
            }
        }
        return false;
    }

    /// <summary>Orders ranges and joins those that overlap.</summary>
    public static List<TimeRange> Normalize(List<TimeRange> ranges)
    {
        ranges.Sort((a, b) => a.MinMs.CompareTo(b.MinMs));
        var apart = new List<TimeRange>(ranges.Count);
        foreach (var range in ranges)
        {
            if (apart.Count > 0 && range.MinMs <= apart[^1].MaxMs)
            {
                apart[^1] = apart[^1] with { MaxMs = Math.Max(apart[^1].MaxMs, range.MaxMs) };
            }
            else if (range.MinMs <= range.MaxMs)
            {
                apart.Add(range);
            }
        }
        return apart;
    }
}
