using Tributary.Exposition;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.RemoteWrite;

/// <summary>The series that others write to us: the hash of their labels as sent → label set. A known one costs a look-up.</summary>
/// <remarks>
/// What is not written for about twelve minutes is forgotten. All of it takes at most half of the memory that there is for
/// series, so that sources which are scraped have the other half. Not safe for several threads.
/// </remarks>
/// <param name="table">Makes equal series one object.</param>
/// <param name="budget">What the series of all sources may take.</param>
/// <param name="limits">What a series may have.</param>
internal sealed class WrittenSeries(SeriesTable table, SeriesBudget budget, WriteLimits limits)
{
    /// <summary>The time after which all that is known is one step older.</summary>
    private const long StepMs = 2 * 60 * 1000;

    private readonly PulledSeries known = new(budget);
    private readonly SeriesText text = new(table.Labels);
    private readonly HistogramRules histograms = new(0, 0);
    private int step;

    /// <summary>How many are known; one may be known by several forms of its labels.</summary>
    public int Count => known.Count;

    /// <summary>The labels of a series.</summary>
    public LabelSet this[int number] => known[number].Series!;

    /// <summary>Looks a series up.</summary>
    /// <param name="key">The hash of its labels as sent.</param>
    /// <param name="number">Its number.</param>
    public bool TryFind(UInt128 key, out int number)
    {
        if (!known.TryFind(key, out number))
        {
            return false;
        }
        ref var entry = ref known[number];
        if (entry.LastUsed != step)
        {
            entry.LastUsed = step;
            known[entry.Canonical].LastUsed = step;
        }
        return true;
    }

    /// <summary>Whether a series has too many labels or too long ones; asked before texts are made of them.</summary>
    /// <param name="count">How many labels.</param>
    /// <param name="bytes">The bytes of their names and values.</param>
    public bool IsTooLarge(int count, long bytes) => count > limits.MaxLabels || bytes > limits.MaxSeriesBytes;

    /// <summary>What to say of such a series.</summary>
    public string TooLarge =>
        $"a series has more than {limits.MaxLabels} labels, or they have more than {limits.MaxSeriesBytes} bytes";

    /// <summary>Takes a series that is not known.</summary>
    /// <param name="key">The hash of its labels as sent.</param>
    /// <param name="bytes">About how many bytes its labels have.</param>
    /// <param name="given">Names and values.</param>
    /// <param name="number">Its number, when there is no problem.</param>
    /// <param name="problem">What kind of problem there is.</param>
    /// <returns>Null, or why it is not stored.</returns>
    /// <exception cref="WriteException">There is no memory for it.</exception>
    public string? TryAdd(
        UInt128 key,
        int bytes,
        IReadOnlyList<(string Name, string Value)> given,
        out int number,
        out WriteProblem problem
    )
    {
        (number, problem) = (-1, WriteProblem.InvalidLabels);
        if (IsTooLarge(given.Count, bytes))
        {
            problem = WriteProblem.RefusedLabels;
            return TooLarge;
        }
        if (text.Take(given, limits.MaxLabels) is { } broken)
        {
            return $"invalid labels: {broken}";
        }
        if (text.RepeatedName is { } repeated)
        {
            return $"invalid labels: the label {repeated} is there twice";
        }
        Label[] sorted = [.. text.Labels];
        Array.Sort(sorted);
        var labels = LabelSet.FromSorted(sorted);
        if (labels.MetricName.Length == 0)
        {
            return $"invalid labels: the series {labels} has no metric name";
        }
        if (labels.Get(LabelSet.StoreLabel) is not null)
        {
            problem = WriteProblem.RefusedLabels;
            return $"the label \"{LabelSet.StoreLabel}\" of {labels} is reserved for Tributary's blocks: drop it at the sender";
        }
        number = Add(key, bytes, labels);
        return null;
    }

    /// <summary>Checks a native histogram, and gives it the layout of the one before in its series.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    public string? TryApply(int number, ref Histogram histogram)
    {
        if (histogram.IsStale)
        {
            histogram = Histogram.Stale;
            return null;
        }
        // What is known of a reset is known of a sample that may come in another request, or later.
        histogram = histogram.Unhinted();
        return histograms.TryApply(known[number].Canonical, ref histogram);
    }

    /// <summary>Forgets what was not written for long.</summary>
    /// <param name="nowMs">The time, milliseconds since the epoch.</param>
    public void Age(long nowMs)
    {
        var now = (int)(nowMs / StepMs);
        if (now != step)
        {
            step = now;
            known.Evict(step);
            histograms.Forget();
        }
    }

    private int Add(UInt128 key, int bytes, LabelSet labels)
    {
        var number = known.TakenBytes > budget.LimitBytes / 2 ? -1 : known.Add(key, bytes, table.Intern(labels), step);
        return number >= 0
            ? number
            : throw new WriteException(
                WriteRefusal.NoMemory,
                "there is no memory for more series: write fewer, or give this server more memory; "
                    + "those that nobody writes any more make room after some minutes"
            );
    }
}
