using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>The in-process timer of rules: evaluates at every scheduled time.</summary>
/// <param name="evaluate">Evaluates.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="newGroups">Says that there are new groups.</param>
/// <param name="time">The clock.</param>
internal sealed class EvaluateLoop(EvaluateJob evaluate, JobRunner runner, Signal newGroups, TimeProvider time)
{
    /// <summary>What could not be stored is tried again so often, and groups that left are looked for.</summary>
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    /// <summary>Runs until the token is cancelled, and then until the passes under way are done.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var passes = new List<Task>();
        var nowMs = NowMs();
        while (!stop.IsCancellationRequested)
        {
            passes.RemoveAll(pass => pass.IsCompleted);
            // Not awaited: a group that waits for its sources must not delay the times of the others.
            passes.Add(runner.OnceAsync(evaluate.RunAsync, "evaluating rules", stop));
            var idleMs = nowMs + (long)LookEvery.TotalMilliseconds;
            nowMs = await WaitUntilAsync(Math.Min(evaluate.NextDueMs(nowMs) ?? idleMs, idleMs), stop);
        }
        await Task.WhenAll(passes);
    }

    /// <summary>Waits for a moment, and less when there are new groups, which may be due before it.</summary>
    private async Task<long> WaitUntilAsync(long dueMs, CancellationToken stop)
    {
        for (var nowMs = NowMs(); nowMs < dueMs; nowMs = NowMs())
        {
            if (
                await newGroups.WaitAsync(TimeSpan.FromMilliseconds(dueMs - nowMs), stop)
                || stop.IsCancellationRequested
            )
            {
                return nowMs;
            }
        }
        return dueMs;
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
