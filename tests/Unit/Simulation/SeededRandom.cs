namespace Tributary.Tests.Unit.Simulation;

/// <summary>A small generator (SplitMix64) whose sequence depends on the seed alone, on every runtime version.</summary>
internal sealed class SeededRandom(ulong seed)
{
    private ulong state = seed;

    public ulong NextUInt64()
    {
        var z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>In [0, 1).</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>In [0, <paramref name="exclusive"/>).</summary>
    public int Next(int exclusive)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(exclusive);
        return (int)(NextUInt64() % (ulong)exclusive);
    }

    /// <summary>In [<paramref name="from"/>, <paramref name="exclusive"/>).</summary>
    public int Next(int from, int exclusive) => from + Next(exclusive - from);

    public bool Chance(double probability) => probability > 0 && NextDouble() < probability;

    /// <summary>Evenly in [0, <paramref name="limit"/>).</summary>
    public TimeSpan NextDelay(TimeSpan limit) => new((long)(NextDouble() * limit.Ticks));

    /// <summary>In [0, <paramref name="limit"/>), evenly by order of magnitude: short waits are as likely as long ones.</summary>
    public TimeSpan NextSpread(TimeSpan limit) => NextDelay(limit / (1 << Next(12)));
}
