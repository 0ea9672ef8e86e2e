using Tributary.Jobs;

namespace Tributary.Functions.Serving;

/// <summary>Remote write of a standalone server: each destination by itself, so that a slow one holds up no other.</summary>
/// <param name="job">Sends.</param>
/// <param name="runner">Notes and logs what fails.</param>
/// <param name="time">The clock.</param>
internal sealed class RemoteWriteLoop(RemoteWriteJob job, JobRunner runner, TimeProvider time)
{
    private const string Name = "remote write";
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    /// <summary>A destination that is down is asked again and again within a run.</summary>
    private static readonly TimeSpan Budget = TimeSpan.FromMinutes(1);

    /// <summary>Requests under way at the end are waited for; a destination that does not answer is not.</summary>
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(2);

    private readonly Dictionary<string, (Task Run, long Begun)> runs = new(StringComparer.Ordinal);

    /// <summary>Sends until the token is cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (!stop.IsCancellationRequested)
            {
                Begin(stop);
                await runner.OnceAsync(job.CleanAsync, Name, stop);
                await Task.Delay(LookEvery, time, stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        await Task.WhenAny(
            Task.WhenAll(runs.Values.Select(run => run.Run)),
            Task.Delay(EndLimit, time, CancellationToken.None)
        );
        await runner.OnceAsync(_ => job.ReleaseAsync(), Name, CancellationToken.None);
    }

    private void Begin(CancellationToken stop)
    {
        foreach (var (key, every) in job.Destinations)
        {
            if (
                runs.TryGetValue(key, out var last)
                && (!last.Run.IsCompleted || time.GetElapsedTime(last.Begun) < every)
            )
            {
                continue;
            }
            var run = runner.OnceAsync(token => job.RunAsync(key, Budget, keepsLease: true, token), Name, stop);
            runs[key] = (run, time.GetTimestamp());
        }
    }
}
