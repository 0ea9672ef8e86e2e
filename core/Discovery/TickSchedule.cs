namespace Tributary.Discovery;

/// <summary>When each source is due: at <c>k · interval + offset</c>, counted from the epoch.</summary>
/// <remarks>The offset depends on the source's key alone, so that every process sees the same ticks.</remarks>
public sealed class TickSchedule
{
    /// <summary>Every source at an offset of its own, so that sources of one interval do not all fall on one moment.</summary>
    public static readonly TickSchedule Spread = new(isSpread: true);

    /// <summary>Every source at a multiple of its interval, where a timer outside is the clock.</summary>
    public static readonly TickSchedule Aligned = new(isSpread: false);

    private readonly bool isSpread;

    private TickSchedule(bool isSpread) => this.isSpread = isSpread;

    /// <summary>The offset of a target's ticks inside its interval, in milliseconds.</summary>
    public long OffsetMs(Target target) => isSpread ? (long)(Hash(target.Source) % (ulong)IntervalMs(target)) : 0;

    /// <summary>The last tick at or before a moment, both in milliseconds since the epoch.</summary>
    public long TickAtOrBefore(Target target, long nowMs)
    {
        var intervalMs = IntervalMs(target);
        var offsetMs = OffsetMs(target);
        var sinceTickMs = (nowMs - offsetMs) % intervalMs;
        return nowMs - (sinceTickMs < 0 ? sinceTickMs + intervalMs : sinceTickMs);
    }

    /// <summary>The first tick after a moment, both in milliseconds since the epoch.</summary>
    public long NextTickAfter(Target target, long nowMs) => TickAtOrBefore(target, nowMs) + IntervalMs(target);

    /// <summary>The last scheduled time of something that is no target at or before a moment, both in milliseconds.</summary>
    /// <remarks>Of intervals of whole seconds the offset is one, too, so that no time of theirs has fractions of seconds.</remarks>
    /// <param name="key">What it is known by.</param>
    /// <param name="interval">From time to time.</param>
    /// <param name="nowMs">The moment.</param>
    public long TickAtOrBefore(string key, TimeSpan interval, long nowMs)
    {
        var intervalMs = Math.Max(1, (long)interval.TotalMilliseconds);
        var offsetMs = isSpread ? (long)(Hash(key) % (ulong)intervalMs) : 0;
        if (intervalMs % TimeSpan.MillisecondsPerSecond == 0)
        {
            offsetMs -= offsetMs % TimeSpan.MillisecondsPerSecond;
        }
        var sinceTickMs = (nowMs - offsetMs) % intervalMs;
        return nowMs - (sinceTickMs < 0 ? sinceTickMs + intervalMs : sinceTickMs);
    }

    /// <summary>The first scheduled time of something that is no target after a moment.</summary>
    /// <inheritdoc cref="TickAtOrBefore(string, TimeSpan, long)"/>
    public long NextTickAfter(string key, TimeSpan interval, long nowMs) =>
        TickAtOrBefore(key, interval, nowMs) + Math.Max(1, (long)interval.TotalMilliseconds);

    private static long IntervalMs(Target target) => Math.Max(1, (long)target.Interval.TotalMilliseconds);

    /// <summary>FNV-1a over UTF-16 units, mixed at the end; spreading needs no more.</summary>
    private static ulong Hash(string text)
    {
        var hash = 0xcbf29ce484222325UL;
        foreach (var c in text)
        {
            hash = unchecked((hash ^ c) * 0x100000001b3UL);
        }
        hash ^= hash >> 32;
        hash = unchecked(hash * 0x9e3779b97f4a7c15UL);
        return hash ^ (hash >> 29);
    }
}
