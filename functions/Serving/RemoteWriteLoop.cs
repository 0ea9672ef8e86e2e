using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>Remote write of a standalone server: each destination by itself, so that a slow one holds up no other.</summary>
/// <param name="job">Sends.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="time">The clock.</param>
internal sealed class RemoteWriteLoop(RemoteWriteJob job, JobRunner runner, TimeProvider time)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A destination that is down is asked again and again within a run.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(1);

    /// <summary>At the end, requests under way are waited for so long.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (Task Run, long Begun)> runs = new(StringComparer.Ordinal);

    /// <summary>Sends until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        // Requests under way are not broken off when the server is asked to end: they would be sent again.
        using var end = new CancellationTokenSource();
        try
        {
            while (!stop.IsCancellationRequested)
            {
                Begin(end.Token);
                await runner.OnceAsync(job.CleanAsync, "forgetting destinations of remote write", stop);
                await Task.Delay(LookEvery, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        job.End();
        var under = Task.WhenAll(runs.Values.Select(run => run.Run));
        await Task.WhenAny(under, Task.Delay(EndLimit, time, CancellationToken.None));
        await end.CancelAsync();
        await under;
        await runner.OnceAsync(_ => job.ReleaseAsync(), "ending remote write", CancellationToken.None);
    }

    private void Begin(CancellationToken end)
    {
        foreach (var (key, name, every) in job.Destinations)
        {
            if (
                runs.TryGetValue(key, out var last)
                && (!last.Run.IsCompleted || time.GetElapsedTime(last.Begun) < every)
            )
            {
                continue;
            }
            var run = runner.OnceAsync(
                token => job.RunAsync(key, Budget, keepsLease: true, token),
                $"remote write to {name}",
                end
            );
            runs[key] = (run, time.GetTimestamp());
        }
    }
}
