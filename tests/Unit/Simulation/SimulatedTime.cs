namespace Tributary.Tests.Unit.Simulation;

/// <summary>The virtual clock, as one instance sees it: off by its skew, at the same speed as all others.</summary>
internal sealed class SimulatedTime(SimulationScheduler scheduler, TimeSpan skew, SimulationContext? owner = null)
    : TimeProvider
{
    /// <summary>Where virtual time begins: at the beginning of a two-hour window.</summary>
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far this clock is ahead of the true one; a change is a step of the clock.</summary>
    public TimeSpan Skew { get; set; } = skew;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    private SimulationScheduler Scheduler => scheduler;

    private bool IsStopped => owner is { IsStopped: true };

    /// <summary>The same time on a clock that is off.</summary>
    public TimeProvider ForInstance(TimeSpan skew) => new SimulatedTime(scheduler, skew);

    public override DateTimeOffset GetUtcNow()
    {
        scheduler.AssertThread("GetUtcNow");
        return Start + scheduler.Now + Skew;
    }

    public override long GetTimestamp()
    {
        scheduler.AssertThread("GetTimestamp");
        return scheduler.Now.Ticks;
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new SimulatedTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class SimulatedTimer(SimulatedTime time, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan period;
        private int armed;
        private bool disposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Scheduler.AssertThread("a timer's change");
            if (disposed)
            {
                return false;
            }
            this.period = period;
            Arm(dueTime);
            return true;
        }

        public void Dispose() => Stop();

        public ValueTask DisposeAsync()
        {
            Stop();
            return ValueTask.CompletedTask;
        }

        internal void Fire(int arming)
        {
            if (arming != armed || time.IsStopped)
            {
                return;
            }
            if (period > TimeSpan.Zero)
            {
                Arm(period);
            }
            callback(state);
        }

        private void Stop()
        {
            disposed = true;
            armed++;
        }

        private void Arm(TimeSpan due)
        {
            armed++;
            if (due != Timeout.InfiniteTimeSpan)
            {
                time.Scheduler.Schedule(due, new Firing(this, armed));
            }
        }
    }

    private sealed class Firing(SimulatedTimer timer, int arming) : SimulationEvent
    {
        public override void Fire() => timer.Fire(arming);
    }
}
