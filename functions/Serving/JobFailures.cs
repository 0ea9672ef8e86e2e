using System.Collections.Concurrent;

namespace Tributary.Functions.Serving;

/// <summary>What the in-process timers' jobs last failed with, for the status page and <c>/metrics</c>.</summary>
internal sealed class JobFailures
{
    private readonly ConcurrentDictionary<string, string> current = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, long> counts = new(StringComparer.Ordinal);

    /// <summary>The jobs whose last run failed, with the reason.</summary>
    public IEnumerable<string> Current =>
        current.OrderBy(job => job.Key, StringComparer.Ordinal).Select(job => $"{job.Key} failed: {job.Value}");

    /// <summary>How often each job failed; only those that did.</summary>
    public IReadOnlyDictionary<string, long> Counts => counts;

    /// <summary>Takes note of a run that failed.</summary>
    public void Failed(string job, string reason)
    {
        current[job] = reason;
        counts.AddOrUpdate(job, 1, (_, count) => count + 1);
    }

    /// <summary>Takes note of a run that did not.</summary>
    public void Succeeded(string job) => current.TryRemove(job, out _);
}
