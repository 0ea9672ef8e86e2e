namespace Tributary.Storage.Compaction;

/// <summary>The memory that steps of a compaction leave behind, which would stay resident beside that of the next one.</summary>
internal static class Garbage
{
    /// <summary>From so many series on it is worth the time.</summary>
    public const int ManySeries = 100_000;

    /// <summary>Gives it back, after a step over so many series.</summary>
    public static void GiveBack(long series)
    {
        if (series >= ManySeries)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        }
    }
}
