namespace Tributary.PromQL.Aggregations;

/// <summary>State of groups at steps that is only there where there are histograms.</summary>
internal sealed class HistogramGroups<T>(int groups, int steps)
    where T : class
{
    private readonly T?[]?[] states = new T?[]?[groups];

    /// <summary>The state of a group at a step.</summary>
    public ref T? this[int group, int step]
    {
        get
        {
            ref var row = ref states[group];
            if (row is null)
            {
                // Threads of other steps may come at the same time: the first row counts.
                Interlocked.CompareExchange(ref row, new T?[steps], null);
            }
            return ref row[step];
        }
    }

    /// <summary>The states of a group by step; null when it has none.</summary>
    public T?[]? Row(int group) => states[group];
}
