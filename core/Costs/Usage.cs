using Tributary.Stores;

namespace Tributary.Costs;

/// <summary>What was used of things that are billed, by somebody and over some time. Usages add up.</summary>
public sealed record Usage
{
    /// <summary>Milliseconds in a second, and megabytes in a gigabyte of memory: what MB × ms are divided by.</summary>
    private const double PerGbSecond = 1000.0 * 1024.0;

    /// <summary>Nothing.</summary>
    public static readonly Usage None = new();

    /// <summary>Storage operations, by the classes that are billed apart.</summary>
    public OperationCounts Operations { get; init; }

    /// <summary>Bytes read from the stores.</summary>
    public long BytesRead { get; init; }

    /// <summary>Bytes written to the stores.</summary>
    public long BytesWritten { get; init; }

    /// <summary>Bytes of answers, as they went: what leaves a region is billed.</summary>
    public long BytesSent { get; init; }

    /// <summary>Bytes of what sources answered, decompressed.</summary>
    public long BytesReceived { get; init; }

    /// <summary>Answers of sources that went into the log: ticks.</summary>
    public long Ticks { get; init; }

    /// <summary>Samples that went into the log.</summary>
    public long Samples { get; init; }

    /// <summary>Bytes that lie in blobs: not over the time, but at its end.</summary>
    public long StoredBytes { get; init; }

    /// <summary>Bytes in tables: not over the time, but at its end.</summary>
    public long TableBytes { get; init; }

    /// <summary>Invocations of functions.</summary>
    public long Invocations { get; init; }

    /// <summary>Billed time × memory of instances on demand, in MB × ms.</summary>
    public long OnDemandMbMs { get; init; }

    /// <summary>Billed time × memory of invocations on instances that are always ready, in MB × ms.</summary>
    public long AlwaysReadyMbMs { get; init; }

    /// <summary>Time × memory for which instances were kept ready, busy or not, in MB × ms.</summary>
    public long BaselineMbMs { get; init; }

    /// <summary>Bytes of log lines and telemetry.</summary>
    public long LogBytes { get; init; }

    /// <summary>Both together.</summary>
    public static Usage operator +(Usage left, Usage right) =>
        new()
        {
            Operations = left.Operations + right.Operations,
            BytesRead = left.BytesRead + right.BytesRead,
            BytesWritten = left.BytesWritten + right.BytesWritten,
            BytesSent = left.BytesSent + right.BytesSent,
            BytesReceived = left.BytesReceived + right.BytesReceived,
            Ticks = left.Ticks + right.Ticks,
            Samples = left.Samples + right.Samples,
            StoredBytes = left.StoredBytes + right.StoredBytes,
            TableBytes = left.TableBytes + right.TableBytes,
            Invocations = left.Invocations + right.Invocations,
            OnDemandMbMs = left.OnDemandMbMs + right.OnDemandMbMs,
            AlwaysReadyMbMs = left.AlwaysReadyMbMs + right.AlwaysReadyMbMs,
            BaselineMbMs = left.BaselineMbMs + right.BaselineMbMs,
            LogBytes = left.LogBytes + right.LogBytes,
        };

    /// <summary>What was added since <paramref name="right"/>; both are sums over time of the same.</summary>
    public static Usage operator -(Usage left, Usage right) => left + right.Times(-1);

    /// <summary>So many times as much, rounded to whole units; −1 is exact.</summary>
    public Usage Times(double factor) => Map(amount => factor == -1 ? -amount : (long)Math.Round(amount * factor));

    /// <summary>With every number as a function has it; operations in millionths.</summary>
    public Usage Map(Func<long, long> map) =>
        new()
        {
            Operations = Operations.Map(map),
            BytesRead = map(BytesRead),
            BytesWritten = map(BytesWritten),
            BytesSent = map(BytesSent),
            BytesReceived = map(BytesReceived),
            Ticks = map(Ticks),
            Samples = map(Samples),
            StoredBytes = map(StoredBytes),
            TableBytes = map(TableBytes),
            Invocations = map(Invocations),
            OnDemandMbMs = map(OnDemandMbMs),
            AlwaysReadyMbMs = map(AlwaysReadyMbMs),
            BaselineMbMs = map(BaselineMbMs),
            LogBytes = map(LogBytes),
        };

    /// <summary>MB × ms as GB × s, the unit of the bill.</summary>
    public static double GbSeconds(long mbMs) => mbMs / PerGbSecond;

    /// <summary>The sum of many.</summary>
    public static Usage Sum(IEnumerable<Usage> usages) => usages.Aggregate(None, (sum, usage) => sum + usage);
}
