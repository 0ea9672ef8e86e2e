using Microsoft.Extensions.Logging;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Runs passes of jobs, and keeps what goes wrong in one from ending the others.</summary>
internal sealed partial class JobRunner(JobFailures failures, ILogger logger)
{
    /// <summary>One run of a job; what the outside world refuses is logged, and the next run tries again.</summary>
    public Task OnceAsync(Func<CancellationToken, Task> job, string name, CancellationToken stop) =>
        TryAsync(job, name, stop);

    /// <summary>The same, for those who have to know.</summary>
    /// <returns>Null, or why it has not done its work, in words without secrets.</returns>
    public async Task<string?> TryAsync(Func<CancellationToken, Task> job, string name, CancellationToken stop)
    {
        try
        {
            await job(stop);
            failures.Succeeded(name);
            return null;
        }
        catch (StoreException exception)
        {
            if (failures.Failed(name, exception.Message))
            {
                Log.Failed(logger, name, exception.Message);
            }
            return exception.Message;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Log.Stopped(logger, name);
            return "it was stopped";
        }
        catch (Exception exception)
        {
            // A bug in one pass must not end all later ones, and must be seen.
            var reason = $"a bug, see the log: {exception.GetType().Name}";
            failures.Failed(name, reason);
            Log.Broken(logger, name, exception);
            return reason;
        }
    }

    /// <summary>Runs a job again and again, first after one pause.</summary>
    public async Task RepeatAsync(
        TimeSpan every,
        TimeProvider time,
        Func<CancellationToken, Task> job,
        string name,
        CancellationToken stop
    )
    {
        while (await DelayAsync(every, time, stop))
        {
            await OnceAsync(job, name, stop);
        }
    }

    private static async Task<bool> DelayAsync(TimeSpan delay, TimeProvider time, CancellationToken stop)
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
