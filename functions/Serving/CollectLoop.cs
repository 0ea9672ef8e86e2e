using Microsoft.Extensions.Logging;
using Tributary.Jobs;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>The in-process timers of a standalone server: collect at every tick, read on, trim memory, retain.</summary>
internal sealed partial class CollectLoop(
    CollectJob collect,
    RetainJob retain,
    MemoryTrim trim,
    JobFailures failures,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan ReadOnEvery = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan TrimEvery = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetainEvery = TimeSpan.FromHours(1);

    /// <summary>Runs until the token is cancelled, and then until the passes under way are done.</summary>
    public Task RunAsync(CancellationToken stop) =>
        Task.WhenAll(
            CollectAsync(stop),
            RepeatAsync(ReadOnEvery, collect.RefreshAsync, "reading on in the log", stop),
            RepeatAsync(TrimEvery, trim.RunAsync, "giving memory back", stop),
            RepeatAsync(RetainEvery, retain.RunAsync, "deleting old log files", stop)
        );

    private async Task CollectAsync(CancellationToken stop)
    {
        var passes = new List<Task>();
        var nowMs = NowMs();
        while (!stop.IsCancellationRequested)
        {
            passes.RemoveAll(pass => pass.IsCompleted);
            // Not awaited: a slow source must not delay the ticks of the others.
            passes.Add(OnceAsync(collect.RunAsync, "collecting", stop));
            // Without targets there are still sources that left, to be ended.
            var idleMs = nowMs + (long)ReadOnEvery.TotalMilliseconds;
            nowMs = await WaitUntilAsync(collect.NextDueMs(nowMs) ?? idleMs, stop);
        }
        await Task.WhenAll(passes);
    }

    private async Task RepeatAsync(
        TimeSpan every,
        Func<CancellationToken, Task> job,
        string name,
        CancellationToken stop
    )
    {
        while (await DelayAsync(every, stop))
        {
            await OnceAsync(job, name, stop);
        }
    }

    /// <summary>One run of a job; what the outside world refuses is logged, and the next run tries again.</summary>
    private async Task OnceAsync(Func<CancellationToken, Task> job, string name, CancellationToken stop)
    {
        try
        {
            await job(stop);
            failures.Succeeded(name);
        }
        catch (StoreException exception)
        {
            failures.Failed(name, exception.Message);
            Log.Failed(logger, name, exception.Message);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopped(logger, name);
        }
        catch (Exception exception)
        {
            // A bug in one pass must not end all later ones, and must be seen.
            failures.Failed(name, $"a bug, see the log: {exception.GetType().Name}");
            Log.Broken(logger, name, exception);
        }
    }

    private async Task<long> WaitUntilAsync(long dueMs, CancellationToken stop)
    {
        for (var nowMs = NowMs(); nowMs < dueMs; nowMs = NowMs())
        {
            if (!await DelayAsync(TimeSpan.FromMilliseconds(dueMs - nowMs), stop))
            {
                return nowMs;
            }
        }
        return dueMs;
    }

    private async Task<bool> DelayAsync(TimeSpan delay, CancellationToken stop)
    {
        try
        {
            await Task.Delay(delay, time, stop);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Error, "{Job} failed, and is tried again at its next time: {Reason}")]
        public static partial void Failed(ILogger logger, string job, string reason);

        [LoggerMessage(LogLevel.Critical, "{Job} failed by a bug, and is tried again at its next time")]
        public static partial void Broken(ILogger logger, string job, Exception exception);

        [LoggerMessage(LogLevel.Debug, "{Job} was stopped")]
        public static partial void Stopped(ILogger logger, string job);
    }
}
