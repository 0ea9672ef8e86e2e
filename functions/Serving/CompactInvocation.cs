namespace Tributary.Functions.Serving;

/// <summary>One invocation of <c>Compact</c>: a part of what is due, cut to the function's time.</summary>
/// <param name="collector">Whose store it is.</param>
/// <param name="compaction">Compacts.</param>
/// <param name="fresh">What is read before.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="deadline">When it gives up: before the host does, which would kill the process.</param>
/// <param name="time">The clock.</param>
internal sealed class CompactInvocation(
    CollectorServer collector,
    Compaction compaction,
    Freshness fresh,
    JobRunner runner,
    TimeSpan deadline,
    TimeProvider time
)
{
    /// <summary>Of its time, what is for the last step.</summary>
    private const int LastStepPart = 2;

    /// <summary>Compacts. Does not throw.</summary>
    public async Task<JobOutcome> RunAsync()
    {
        using var late = new CancellationTokenSource(deadline, time);
        await fresh.ConfigAsync(CancellationToken.None);
        if (!collector.IsConfigured)
        {
            return new JobOutcome(HasFailed: true, $"nothing is compacted: {collector.ConfigProblem}");
        }
        var text = "";
        var problem = await runner.TryAsync(
            async stop =>
            {
                var result = await compaction.RunAsync(deadline / LastStepPart, stop);
                text = result.IsElsewhere
                    ? "another instance compacts"
                    : $"{result.LogBlocks} blocks made of the log, {result.Merges} of blocks"
                        + (result.IsUnfinished ? "; more is due" : "");
            },
            "compacting",
            late.Token
        );
        await collector.Costs.RemoveOldAsync(runner, late.Token);
        return problem is null
            ? new JobOutcome(HasFailed: false, text)
            : new JobOutcome(HasFailed: true, $"not everything is compacted: {problem}");
    }
}
