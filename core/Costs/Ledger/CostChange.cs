using Tributary.Stores;

namespace Tributary.Costs.Ledger;

/// <summary>What would be used with another interval of all sources, or with a part of their series.</summary>
/// <remarks>
/// Bytes, samples and what lies in the store go with the ticks and with the series. Operations and invocations of collecting
/// go with the passes: behind the Functions host all sources share one at each tick, and its timer is taken to follow the
/// interval; standalone every source has its own. A pass with less series is one append all the same. Compaction, queries,
/// rules and exports are taken to stay as they are.
/// </remarks>
/// <param name="Interval">The interval of all sources; null leaves them.</param>
/// <param name="Kept">The part of a source's series that would be left, from 0 to 1; sources that are not in it keep all.</param>
public sealed record CostChange(TimeSpan? Interval, IReadOnlyDictionary<string, double> Kept)
{
    /// <summary>The usage as it would have been.</summary>
    /// <param name="totals">What was used, by payer.</param>
    /// <param name="intervals">The intervals of sources, as they were.</param>
    /// <param name="storedBytes">What lies in the store; then what would in the long run.</param>
    public (Dictionary<Payer, Usage> Totals, Dictionary<string, TimeSpan> Intervals, long StoredBytes) Of(
        IReadOnlyDictionary<Payer, Usage> totals,
        IReadOnlyDictionary<string, TimeSpan> intervals,
        long storedBytes
    )
    {
        var passes = PassesFactor(totals, intervals);
        var changed = totals.ToDictionary(pair => pair.Key, pair => Changed(pair.Key, pair.Value, intervals, passes));
        var before = BytesOfSources(totals);
        var after = BytesOfSources(changed);
        return (
            changed,
            intervals.ToDictionary(pair => pair.Key, pair => Interval ?? pair.Value, StringComparer.Ordinal),
            before == 0 ? storedBytes : (long)(storedBytes * (after / (double)before))
        );
    }

    private static long BytesOfSources(IReadOnlyDictionary<Payer, Usage> totals) =>
        totals.Where(pair => pair.Key.Source is not null).Sum(pair => pair.Value.BytesWritten);

    private Usage Changed(Payer payer, Usage usage, IReadOnlyDictionary<string, TimeSpan> intervals, double passes)
    {
        if (payer.Source is { } source)
        {
            var ticks = Interval is { } wanted && intervals.TryGetValue(source, out var now) ? now / wanted : 1;
            var bytes = usage.Times(ticks * Kept.GetValueOrDefault(source, 1));
            return bytes with { Operations = usage.Times(passes).Operations, Ticks = usage.Times(ticks).Ticks };
        }
        if (payer.Job != Payer.Collect.Job)
        {
            return usage;
        }
        var changed = usage.Times(passes);
        return changed with { BytesSent = usage.BytesSent };
    }

    /// <summary>How many times as many passes there would be.</summary>
    private double PassesFactor(
        IReadOnlyDictionary<Payer, Usage> totals,
        IReadOnlyDictionary<string, TimeSpan> intervals
    )
    {
        var known = intervals.Values.Where(interval => interval > TimeSpan.Zero).ToList();
        if (Interval is not { } wanted || known.Count == 0)
        {
            return 1;
        }
        var isHosted = totals.Any(pair => pair.Key.Job == Payer.Collect.Job && pair.Value.Invocations > 0);
        return isHosted ? known.Min() / wanted : known.Count / known.Sum(interval => wanted / interval);
    }
}
