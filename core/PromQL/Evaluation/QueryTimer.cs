namespace Tributary.PromQL.Evaluation;

/// <summary>When the phases of a query ended.</summary>
internal sealed class QueryTimer(TimeProvider time)
{
    private readonly long start = time.GetTimestamp();
    private long queued;
    private long prepared;
    private long evaluated;

    /// <summary>The query has its place.</summary>
    public void Queued() => queued = time.GetTimestamp();

    /// <summary>All series are read.</summary>
    public void Prepared() => prepared = time.GetTimestamp();

    /// <summary>The result is computed.</summary>
    public void Evaluated() => evaluated = time.GetTimestamp();

    /// <summary>The times so far; the rest went to sorting.</summary>
    public QueryStatistics Statistics()
    {
        var now = time.GetTimestamp();
        return new QueryStatistics
        {
            ExecQueueTime = Seconds(start, queued),
            QueryPreparationTime = Seconds(queued, prepared),
            InnerEvalTime = Seconds(prepared, evaluated),
            ResultSortTime = Seconds(evaluated, now),
            EvalTotalTime = Seconds(queued, now),
            ExecTotalTime = Seconds(start, now),
        };
    }

    private double Seconds(long from, long to) => time.GetElapsedTime(from, to).TotalSeconds;
}
