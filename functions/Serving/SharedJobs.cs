namespace Tributary.Functions.Serving;

/// <summary>
/// The jobs that share Collect's invocations, each at the times of its own schedule: a second is the least that is billed of
/// an invocation, each timer of the host costs a write to the store, and what was collected is in this process' memory.
/// </summary>
/// <param name="jobs">The jobs, in the order in which they are done.</param>
/// <param name="time">The clock.</param>
internal sealed class SharedJobs(IReadOnlyList<SharedJob> jobs, TimeProvider time)
{
    /// <summary>The host's timer may be so early.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMilliseconds(500);

    /// <summary>Where nothing is known of the invocation before, it was so long ago: what it had to do is not done again.</summary>
    private static readonly TimeSpan Cadence = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private DateTime? last;

    /// <summary>Does what came due since the invocation before.</summary>
    /// <param name="left">The time that is left.</param>
    /// <returns>What became of each.</returns>
    public async Task<IReadOnlyList<JobOutcome>> RunDueAsync(Func<TimeSpan> left)
    {
        if (jobs.Count == 0)
        {
            return [];
        }
        var until = (time.GetUtcNow() + Early).UtcDateTime;
        DateTime since;
        lock (gate)
        {
            (since, last) = (last ?? until - Cadence, until);
        }
        var outcomes = new List<JobOutcome>();
        foreach (var job in jobs)
        {
            if (job.Schedule.LastUntil(until) > since && left() > TimeSpan.Zero)
            {
                var outcome = await job.RunAsync(left());
                outcomes.Add(outcome with { Text = $"{job.Name}: {outcome.Text}" });
            }
        }
        return outcomes;
    }
}
