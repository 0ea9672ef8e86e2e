using System.Collections.Concurrent;

namespace Tributary.Functions.Serving;

/// <summary>What the in-process timers' jobs last failed with, for the status page and <c>/metrics</c>.</summary>
/// <param name="time">The clock.</param>
internal sealed class JobFailures(TimeProvider time)
{
    /// <summary>With a full disk a job fails as often as it runs: it is told so often.</summary>
    private static readonly TimeSpan TellingEvery = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, long> told = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> current = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>The jobs whose last run failed, with the reason.</summary>
    public IEnumerable<string> Current =>
        current.OrderBy(job => job.Key, StringComparer.Ordinal).Select(job => $"{job.Key} failed: {job.Value}");

    /// <summary>How often each job failed; only those that did.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Takes note of a run that failed.</summary>
    /// <returns>Whether it is worth a line in the log: it did not fail before, or for a while nothing was told of it.</returns>
    public bool Failed(string job, string reason)
    {
        current[job] = reason;
        counts.AddOrUpdate(job, 1, (_, count) => count + 1);
        var now = time.GetTimestamp();
        return told.TryAdd(job, now)
            || (
                told.TryGetValue(job, out var last)
                && time.GetElapsedTime(last, now) >= TellingEvery
                && told.TryUpdate(job, now, last)
            );
    }

    /// <summary>Takes note of a run that did not.</summary>
    public void Succeeded(string job)
    {
        current.TryRemove(job, out _);
        told.TryRemove(job, out _);
    }
}
