namespace Tributary.Api;

/// <summary>What the runtime says of this process.</summary>
/// <param name="StartTimeSeconds">When it started, seconds since the epoch.</param>
/// <param name="CpuSeconds">Processor time used, user and system.</param>
/// <param name="ResidentBytes">Resident memory.</param>
/// <param name="HeapBytes">Managed memory in use, garbage included.</param>
/// <param name="AllocatedBytes">Managed memory allocated since the start.</param>
/// <param name="Collections">Garbage collections by generation.</param>
/// <param name="GcPauseSeconds">Time that all threads stood still for garbage collections.</param>
/// <param name="Threads">Threads of the pool.</param>
public sealed record ProcessFigures(
    double StartTimeSeconds,
    double CpuSeconds,
    long ResidentBytes,
    long HeapBytes,
    long AllocatedBytes,
    IReadOnlyList<int> Collections,
    double GcPauseSeconds,
    int Threads
)
{
    /// <summary>The figures now.</summary>
    /// <param name="startTimeMs">When the process started, milliseconds since the epoch.</param>
    public static ProcessFigures Read(long startTimeMs) =>
        new(
            startTimeMs / 1000.0,
            CpuTime().TotalSeconds,
            Environment.WorkingSet,
            GC.GetTotalMemory(forceFullCollection: false),
            GC.GetTotalAllocatedBytes(),
            [.. Enumerable.Range(0, GC.MaxGeneration + 1).Select(GC.CollectionCount)],
            GC.GetTotalPauseDuration().TotalSeconds,
            ThreadPool.ThreadCount
        );

    private static TimeSpan CpuTime() =>
        OperatingSystem.IsIOS() || OperatingSystem.IsTvOS() ? TimeSpan.Zero : Environment.CpuUsage.TotalTime;
}
