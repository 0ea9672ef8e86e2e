using Tributary.Model;

namespace Tributary.Tests.Unit.Federation;

/// <summary>What has to hold of the counters of a source with replicas, however these fail.</summary>
internal static class StoredSeries
{
    /// <summary>Replicas scrape every 15 s, at moments of their own, and a part of that is the margin of a take-over.</summary>
    private const long LongestMs = (2 * ModelReplica.EveryMs) + 1_000;

    /// <summary>
    /// One series each, no step back in time or value, a rate that is that of the counter, no gap while one replica lives.
    /// </summary>
    /// <param name="stored">The batches, in the order of the log.</param>
    /// <param name="metric">The counters.</param>
    /// <param name="dead">From when to when no replica answered, or was warm.</param>
    public static void Check(
        IReadOnlyList<StoredBatch> stored,
        string metric,
        IReadOnlyList<(long FromMs, long ToMs)>? dead = null
    )
    {
        var counters = stored
            .SelectMany(batch => batch.Scraped)
            .Where(sample => sample.Series.MetricName == metric)
            .GroupBy(sample => sample.Series)
            .ToList();
        Assert.Equal(ModelReplica.Counters, counters.Count);
        foreach (var counter in counters)
        {
            var number = counter.Key.Get("instance")![^1] - '0';
            foreach (var (before, now) in counter.Zip(counter.Skip(1)))
            {
                var what =
                    $"{counter.Key}: {before.Value} at {before.TimestampMs}, then {now.Value} at {now.TimestampMs}";
                Assert.True(now.TimestampMs >= before.TimestampMs && now.Value >= before.Value, what);
                if (now.TimestampMs == before.TimestampMs)
                {
                    Assert.True(now.Value == before.Value, what);
                    continue;
                }
                var perSecond = (now.Value - before.Value) * 1000 / (now.TimestampMs - before.TimestampMs);
                Assert.InRange(perSecond / ((number + 1) * ModelReplica.PerSecond), 0.9, 1.1);
                var isDead = dead?.Any(gap => gap.FromMs < now.TimestampMs && gap.ToMs > before.TimestampMs) is true;
                Assert.True(isDead || now.TimestampMs - before.TimestampMs <= LongestMs, what);
            }
        }
    }
}
