namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// Calls a timer function on one of all instances at a time: the one that has the lock. An instance that lost the lock
/// learns it when it renews, and then stops as a whole; what it has begun by then goes on beside its successor's calls.
/// </summary>
internal sealed class TimerListener(
    FunctionJson function,
    TimerTrigger trigger,
    HostStorage storage,
    string instance,
    TimeSpan lease,
    Func<TimerCall, Task> call
)
{
    /// <summary>Runs until the host stops.</summary>
    /// <param name="onLost">The lock was lost.</param>
    /// <param name="stop">Ends it.</param>
    public async Task RunAsync(Action onLost, CancellationToken stop)
    {
        try
        {
            while (!storage.TryAcquire(function.Name, instance, lease))
            {
                await Task.Delay(lease, stop);
            }
            await Task.WhenAny(RenewAsync(onLost, stop), FireAsync(stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private async Task RenewAsync(Action onLost, CancellationToken stop)
    {
        do
        {
            await Task.Delay(lease / 2, stop);
        } while (storage.TryRenew(function.Name, instance, lease));
        onLost();
    }

    private async Task FireAsync(CancellationToken stop)
    {
        var status = trigger.IsMonitored ? storage.Status(function.Name) : null;
        var isPastDue = status is not null && status.Next < DateTime.UtcNow;
        if (isPastDue || trigger.RunOnStartup)
        {
            await CallAsync(status, isPastDue);
        }
        while (true)
        {
            var next = trigger.Schedule.NextAfter(DateTime.UtcNow);
            var pause = next - DateTime.UtcNow;
            if (pause > TimeSpan.Zero)
            {
                await Task.Delay(pause, stop);
            }
            await CallAsync(trigger.IsMonitored ? storage.Status(function.Name) : null, isPastDue: false);
        }
    }

    /// <summary>The next call waits for this one: inside one host, calls of a timer never overlap.</summary>
    private async Task CallAsync(TimerStatus? status, bool isPastDue)
    {
        var began = DateTime.UtcNow;
        await call(
            new TimerCall
            {
                IsPastDue = isPastDue,
                Status = trigger.IsMonitored
                    ? status ?? new TimerStatus(null, trigger.Schedule.NextAfter(began), null)
                    : null,
            }
        );
        if (trigger.IsMonitored)
        {
            storage.Note(
                function.Name,
                new TimerStatus(began, trigger.Schedule.NextAfter(DateTime.UtcNow), DateTime.UtcNow)
            );
        }
    }
}
