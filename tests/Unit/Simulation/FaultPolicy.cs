namespace Tributary.Tests.Unit.Simulation;

/// <summary>How probable each fault is, per operation, and how long things take.</summary>
internal sealed record FaultPolicy
{
    public static readonly FaultPolicy None = new();

    /// <summary>About one operation in seven goes wrong: a bad day, in which there is still progress.</summary>
    public static readonly FaultPolicy Rough = new()
    {
        ErrorBefore = 0.03,
        ErrorAfter = 0.04,
        LandsLater = 0.04,
        Throttled = 0.02,
        Slow = 0.02,
        LeaseLost = 0.05,
        ReadError = 0.02,
    };

    public double ErrorBefore { get; init; }

    public double ErrorAfter { get; init; }

    public double LandsLater { get; init; }

    public double Throttled { get; init; }

    public double Slow { get; init; }

    /// <summary>Only of operations with a lease.</summary>
    public double LeaseLost { get; init; }

    /// <summary>Only of reads and lists: <c>Unknown</c> after the retries inside.</summary>
    public double ReadError { get; init; }

    /// <summary>The longest usual way to the store, and back.</summary>
    public TimeSpan Latency { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>The longest way of a slow operation.</summary>
    public TimeSpan SlowLatency { get; init; } = TimeSpan.FromSeconds(40);

    /// <summary>How long after the caller's time-out a request may land.</summary>
    public TimeSpan LandsWithin { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How probable it is that a request on its way arrives after its instance was killed.</summary>
    public double ArrivesAfterKill { get; init; } = 0.5;

    public Fault Draw(SeededRandom random, in StoreCall call)
    {
        if (ReferenceEquals(this, None))
        {
            return Fault.None;
        }
        var chance = random.NextDouble();
        if (call.UsesLease && (chance -= LeaseLost) < 0)
        {
            return Fault.LeaseLost;
        }
        if ((chance -= Throttled) < 0)
        {
            return Fault.Throttled;
        }
        if ((chance -= Slow) < 0)
        {
            return Fault.Slow;
        }
        if (!call.Changes)
        {
            return chance < ReadError ? Fault.ErrorBefore : Fault.None;
        }
        if ((chance -= ErrorBefore) < 0)
        {
            return Fault.ErrorBefore;
        }
        if ((chance -= ErrorAfter) < 0)
        {
            return Fault.ErrorAfter;
        }
        return chance < LandsLater ? Fault.LandsLater : Fault.None;
    }
}
