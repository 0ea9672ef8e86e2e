namespace Tributary.Tests.Unit.Simulation;

/// <summary>Times without overlap, in order; each without its first moment and with its last.</summary>
internal sealed class PullCoverage
{
    private List<(long FromMs, long ToMs)> ranges = [];

    public IReadOnlyList<(long FromMs, long ToMs)> Ranges => ranges;

    /// <summary>A range without others.</summary>
    public static PullCoverage Of(long fromMs, long toMs, IEnumerable<(long FromMs, long ToMs)> without)
    {
        var coverage = new PullCoverage();
        if (fromMs < toMs)
        {
            coverage.ranges.Add((fromMs, toMs));
        }
        foreach (var gap in without)
        {
            coverage.Remove(gap);
        }
        return coverage;
    }

    /// <summary>What is in here and not in another.</summary>
    public PullCoverage Without(PullCoverage other)
    {
        var rest = new PullCoverage { ranges = [.. ranges] };
        other.ranges.ForEach(rest.Remove);
        return rest;
    }

    /// <summary>Adds all of another.</summary>
    public void Add(PullCoverage other)
    {
        other.ranges.ForEach(Remove);
        ranges.AddRange(other.ranges);
        ranges.Sort();
    }

    private void Remove((long FromMs, long ToMs) gap)
    {
        var rest = new List<(long FromMs, long ToMs)>();
        foreach (var range in ranges)
        {
            if (gap.FromMs >= range.ToMs || gap.ToMs <= range.FromMs)
            {
                rest.Add(range);
                continue;
            }
            if (range.FromMs < gap.FromMs)
            {
                rest.Add((range.FromMs, gap.FromMs));
            }
            if (gap.ToMs < range.ToMs)
            {
                rest.Add((gap.ToMs, range.ToMs));
            }
        }
        ranges = rest;
    }
}
