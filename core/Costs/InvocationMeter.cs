using Tributary.Stores;

namespace Tributary.Costs;

/// <summary>
/// Counts invocations, and the time that is billed for them: once for all that run at the same time, which share it by how
/// long each of them ran. Safe for several threads.
/// </summary>
/// <param name="meter">Takes what is counted.</param>
/// <param name="time">The clock.</param>
public sealed class InvocationMeter(UsageMeter meter, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly List<(Payer Payer, long Ticks)> ended = [];
    private int running;
    private long began;

    /// <summary>The memory of an instance, in MB.</summary>
    public int MemoryMb { get; set; } = CostSettings.DefaultMemoryMb;

    /// <summary>Jobs whose instances are always ready.</summary>
    public IReadOnlySet<string> AlwaysReady { get; set; } = new HashSet<string>(StringComparer.Ordinal);

    /// <summary>Counts an invocation, which ends when the result is disposed; its job pays for what is done meanwhile.</summary>
    public Invocation Begin(Payer payer)
    {
        var now = time.GetTimestamp();
        lock (gate)
        {
            if (running++ == 0)
            {
                began = now;
            }
        }
        return new Invocation(this, payer, now, Payers.By(payer));
    }

    private void End(Payer payer, long since)
    {
        var now = time.GetTimestamp();
        meter.CountInvocation(payer);
        List<(Payer Payer, long Ticks)> shares;
        TimeSpan activity;
        lock (gate)
        {
            ended.Add((payer, time.GetElapsedTime(since, now).Ticks));
            if (--running > 0)
            {
                return;
            }
            activity = time.GetElapsedTime(began, now);
            shares = [.. ended];
            ended.Clear();
        }
        var mbMs = BilledTime.Of(activity) * MemoryMb;
        var payers = Payers.Of(shares);
        for (var i = 0; i < payers.Count; i++)
        {
            meter.CountBilled(payers[i], payers.ShareOf(i, mbMs), AlwaysReady.Contains(payers[i].Job));
        }
    }

    /// <summary>An invocation that runs.</summary>
    public readonly struct Invocation : IDisposable
    {
        private readonly InvocationMeter meter;
        private readonly Payer payer;
        private readonly long since;
        private readonly PayerScope scope;

        internal Invocation(InvocationMeter meter, Payer payer, long since, PayerScope scope)
        {
            this.meter = meter;
            this.payer = payer;
            this.since = since;
            this.scope = scope;
        }

        /// <summary>Ends it.</summary>
        public void Dispose()
        {
            scope.Dispose();
            meter.End(payer, since);
        }
    }
}
