namespace Tributary.PromQL.Evaluation;

/// <summary>What a query took: the <c>stats</c> of the HTTP API. Times in seconds.</summary>
internal sealed record QueryStatistics
{
    /// <summary>All time of evaluation: preparing, reading, computing, sorting.</summary>
    public double EvalTotalTime { get; init; }

    /// <summary>Sorting the result.</summary>
    public double ResultSortTime { get; init; }

    /// <summary>Preparing: finding and reading the series.</summary>
    public double QueryPreparationTime { get; init; }

    /// <summary>Computing.</summary>
    public double InnerEvalTime { get; init; }

    /// <summary>Waiting for other queries.</summary>
    public double ExecQueueTime { get; init; }

    /// <summary>All together.</summary>
    public double ExecTotalTime { get; init; }

    /// <summary>Samples looked at over all steps: one a selected value, all of a window of a range.</summary>
    public long TotalQueryableSamples { get; init; }

    /// <summary>The most samples in memory at once.</summary>
    public long PeakSamples { get; init; }

    /// <summary>Samples read and decoded.</summary>
    public long SamplesRead { get; init; }

    /// <summary>The samples looked at by step of the result's grid, if asked for.</summary>
    public IReadOnlyList<long>? TotalQueryableSamplesPerStep { get; init; }
}
