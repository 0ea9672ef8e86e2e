using Tributary.Model;

namespace Tributary.Storage.Manifest;

/// <summary>Which blocks are merged next: overlapping ones first, then those that fill an aligned range, as Prometheus does.</summary>
public sealed record MergePlan
{
    private const int Growth = 3;
    private static readonly TimeSpan Longest = TimeSpan.FromDays(31);

    /// <summary>How long samples are kept; no block gets longer than a tenth of it.</summary>
    public required TimeSpan Retention { get; init; }

    /// <summary>Bytes that one merge reads at most.</summary>
    public required long InputBytes { get; init; }

    /// <summary>The lengths of blocks: 2 h, 6 h, 18 h, 54 h, … up to a tenth of the retention and 31 days.</summary>
    public IReadOnlyList<long> RangesMs
    {
        get
        {
            var longest = (long)Math.Min(Longest.TotalMilliseconds, Retention.TotalMilliseconds / 10);
            var ranges = new List<long> { Window.LengthMs };
            while (ranges[^1] * Growth <= longest)
            {
                ranges.Add(ranges[^1] * Growth);
            }
            return ranges;
        }
    }

    /// <summary>The next merge: blocks that become one, in the order in which their conflicting samples count; or null.</summary>
    /// <param name="blocks">The manifest's blocks, in whatever state.</param>
    public IReadOnlyList<BlockRow>? Next(IEnumerable<BlockRow> blocks)
    {
        List<BlockRow> live =
        [
            .. blocks
                .Where(row => row.State == BlockState.Live)
                .OrderBy(row => row.Block.MinTimeMs)
                .ThenBy(row => row.Block.Number)
                .ThenBy(row => row.Block.Ulid),
        ];
        return live.Count < 2 ? null
            : (Overlapping(live) ?? Filling(live)) is { } found ? InOrder(found)
            : null;
    }

    private static List<BlockRow> InOrder(IEnumerable<BlockRow> blocks) =>
        [.. blocks.OrderBy(row => row.Block.Number).ThenBy(row => row.Block.Ulid)];

    /// <summary>The first blocks that overlap, directly or through others.</summary>
    private List<BlockRow>? Overlapping(List<BlockRow> live)
    {
        for (var first = 0; first < live.Count; )
        {
            var end = live[first].Block.MaxTimeMs;
            var next = first + 1;
            for (; next < live.Count && live[next].Block.MinTimeMs < end; next++)
            {
                end = Math.Max(end, live[next].Block.MaxTimeMs);
            }
            if (next - first > 1 && Fitting(live.GetRange(first, next - first)) is { } found)
            {
                return found;
            }
            first = next;
        }
        return null;
    }

    /// <summary>
    /// All blocks if they fit, else as many of those with the highest numbers as do: what stays has lower numbers than
    /// the result, so the same samples go on to count where blocks conflict.
    /// </summary>
    private List<BlockRow>? Fitting(List<BlockRow> overlapping)
    {
        var taken = new List<BlockRow>();
        var (bytes, sources) = (0L, 0);
        foreach (var row in InOrder(overlapping).AsEnumerable().Reverse())
        {
            bytes += row.Block.Bytes;
            sources += row.Block.Sources.Count;
            if (taken.Count == ManifestLimits.ReplacedBlocks || bytes > InputBytes || sources > ManifestLimits.Sources)
            {
                break;
            }
            taken.Add(row);
        }
        return taken.Count > 1 ? taken : null;
    }

    private List<BlockRow>? Filling(List<BlockRow> live)
    {
        // The newest stays as it is for a while: what comes late or is imported then meets a short block.
        var old = live.GetRange(0, live.Count - 1);
        foreach (var rangeMs in RangesMs.Skip(1))
        {
            var parts = old.Where(row => StartOf(row, rangeMs) + rangeMs >= row.Block.MaxTimeMs)
                .GroupBy(row => StartOf(row, rangeMs));
            foreach (var part in parts)
            {
                List<BlockRow> inputs = [.. part];
                if (inputs.Count > 1 && IsDone(inputs, rangeMs, old[^1]) && Fits(inputs) && IsAlone(inputs, live))
                {
                    return inputs;
                }
            }
        }
        return null;
    }

    /// <summary>Whether nothing more is expected in the range.</summary>
    private static bool IsDone(List<BlockRow> inputs, long rangeMs, BlockRow newest)
    {
        var maxTimeMs = inputs.Max(row => row.Block.MaxTimeMs);
        return maxTimeMs - inputs[0].Block.MinTimeMs == rangeMs || maxTimeMs <= newest.Block.MinTimeMs;
    }

    private bool Fits(List<BlockRow> inputs) =>
        inputs.Count <= ManifestLimits.ReplacedBlocks
        && inputs.Sum(row => row.Block.Bytes) <= InputBytes
        && inputs.Sum(row => row.Block.Sources.Count) <= ManifestLimits.Sources;

    /// <summary>Whether no other block overlaps the result; one that was too large to be merged may.</summary>
    private static bool IsAlone(List<BlockRow> inputs, List<BlockRow> live)
    {
        var (minTimeMs, maxTimeMs) = (inputs[0].Block.MinTimeMs, inputs.Max(row => row.Block.MaxTimeMs));
        return live.Count(row => row.Block.Overlaps(minTimeMs, maxTimeMs)) == inputs.Count;
    }

    private static long StartOf(BlockRow row, long rangeMs)
    {
        var start = row.Block.MinTimeMs / rangeMs * rangeMs;
        return row.Block.MinTimeMs < start ? start - rangeMs : start;
    }
}
