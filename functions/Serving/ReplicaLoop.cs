using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>The in-process timer of the recognition of replicas: asks targets who they are, as soon as they are new.</summary>
/// <param name="replicas">Asks.</param>
/// <param name="newTargets">Says that there may be targets to ask.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="time">The clock.</param>
internal sealed class ReplicaLoop(ReplicaJob replicas, Signal newTargets, JobRunner runner, TimeProvider time)
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan WaitForPass = TimeSpan.FromSeconds(1);

    /// <summary>What goes wrong in a pass is tried again no sooner.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(200);

    /// <summary>Runs until the token is cancelled, and then until the passes under way are done.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        var passes = new List<Task>();
        while (!stop.IsCancellationRequested)
        {
            passes.RemoveAll(pass => pass.IsCompleted);
            // Not awaited: a target that does not answer must not delay the others.
            passes.Add(runner.OnceAsync(replicas.RunAsync, "recognising replicas", stop));
            await newTargets.WaitAsync(Wait(passes.Exists(pass => !pass.IsCompleted)), stop);
        }
        await Task.WhenAll(passes);
    }

    private TimeSpan Wait(bool isUnderWay)
    {
        if (replicas.NextDueMs() is not { } dueMs)
        {
            // What a pass under way does not reach is due again behind it.
            return isUnderWay ? WaitForPass : LongestWait;
        }
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var wait =
            dueMs <= nowMs
                ? TimeSpan.Zero
                : TimeSpan.FromMilliseconds(Math.Min(dueMs - nowMs, (long)LongestWait.TotalMilliseconds));
        return wait < ShortestWait ? ShortestWait : wait;
    }
}
