using System.Globalization;
using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Columns;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;
using Tributary.Storage.Selection;

namespace Tributary.PromQL.Evaluation;

/// <summary>Evaluates PromQL over a source: reads all series first, then computes by columns. Safe for several threads.</summary>
internal sealed class QueryEngine : IDisposable
{
    /// <summary>So many damaged places of one query are left out.</summary>
    private const int MaxDamagedPlaces = 16;

    private readonly QuerySource source;
    private readonly EngineOptions options;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim places;
    private readonly QueryShare share;
    private readonly bool isBorrowing;
    private int running;

    /// <summary>An engine.</summary>
    /// <param name="source">Where series come from.</param>
    /// <param name="options">What queries may use.</param>
    /// <param name="time">The clock of timeouts and statistics.</param>
    public QueryEngine(QuerySource source, EngineOptions options, TimeProvider time)
    {
        (this.source, this.options, this.time) = (source, options, time);
        places = new SemaphoreSlim(options.MaxConcurrency);
        share = new QueryShare(
            new SharedMemory(options.MaxTotalMemoryBytes),
            new SemaphoreSlim(Math.Max(1, options.Parallelism - 1))
        );
    }

    private QueryEngine(QueryEngine lender, QuerySource source)
    {
        (this.source, options, time) = (source, lender.options, lender.time);
        (places, share) = (lender.places, lender.share);
        isBorrowing = true;
    }

    /// <summary>What queries may use.</summary>
    public EngineOptions Options => options;

    /// <summary>How many queries are evaluated, or wait to be.</summary>
    public int Running => Volatile.Read(ref running);

    /// <summary>What the running queries hold in memory, in bytes.</summary>
    public long MemoryInUse => share.Memory.Bytes;

    /// <summary>Evaluates a query at one moment.</summary>
    /// <param name="query">The text.</param>
    /// <param name="timeMs">The moment, milliseconds since the epoch.</param>
    /// <param name="queryOptions">What else is asked for.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="ParseException">The text is no query.</exception>
    /// <exception cref="QueryException">There is no answer.</exception>
    public Task<QueryResult> InstantAsync(
        string query,
        long timeMs,
        QueryOptions queryOptions,
        CancellationToken cancellationToken
    )
    {
        var grid = StepGrid.Instant(timeMs);
        return ExecuteAsync(query, grid, timeMs, isInstant: true, queryOptions, cancellationToken);
    }

    /// <summary>Evaluates a query at every step of a range.</summary>
    /// <param name="query">The text.</param>
    /// <param name="startMs">The first step, milliseconds since the epoch.</param>
    /// <param name="endMs">No step is later.</param>
    /// <param name="stepMs">From step to step, above 0.</param>
    /// <param name="queryOptions">What else is asked for.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="ParseException">The text is no query.</exception>
    /// <exception cref="QueryException">There is no answer.</exception>
    public Task<QueryResult> RangeAsync(
        string query,
        long startMs,
        long endMs,
        long stepMs,
        QueryOptions queryOptions,
        CancellationToken cancellationToken
    )
    {
        if (stepMs <= 0)
        {
            throw new QueryException(
                QueryFailure.BadData,
                "zero or negative query resolution step widths are not accepted. Try a positive integer"
            );
        }
        if (endMs < startMs)
        {
            throw new QueryException(QueryFailure.BadData, "end timestamp must not be before start time");
        }
        var steps = (Int128)endMs - startMs;
        // As in Prometheus the last step is one more.
        if (steps / stepMs > options.MaxPoints)
        {
            throw new QueryException(
                QueryFailure.BadData,
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"exceeded maximum resolution of {options.MaxPoints:N0} points per timeseries. "
                ) + "Try decreasing the query resolution (?step=XX)"
            );
        }
        var grid = new StepGrid(startMs, stepMs, (int)(steps / stepMs) + 1);
        return ExecuteAsync(query, grid, endMs, isInstant: false, queryOptions, cancellationToken);
    }

    /// <summary>An engine over another source, whose queries share places and memory with this one's; valid as long as it.</summary>
    /// <param name="wrap">Makes the other source of this one's.</param>
    public QueryEngine Over(Func<QuerySource, QuerySource> wrap) => new(this, wrap(source));

    /// <inheritdoc/>
    public void Dispose()
    {
        if (isBorrowing)
        {
            return;
        }
        places.Dispose();
        share.Helpers.Dispose();
    }

    private async Task<QueryResult> ExecuteAsync(
        string query,
        StepGrid grid,
        long endMs,
        bool isInstant,
        QueryOptions queryOptions,
        CancellationToken cancellationToken
    )
    {
        var expression = QueryParser.Parse(query, options.Syntax);
        if (!isInstant && expression.Type is not (ExpressionType.Vector or ExpressionType.Scalar))
        {
            throw new QueryException(
                QueryFailure.BadData,
                $"invalid expression type {Quoting.Quote(expression.Type.DocumentedName())} for range query, "
                    + "must be Scalar or instant Vector"
            );
        }
        var lookback = queryOptions.LookbackDelta is { } given && given > TimeSpan.Zero ? given : options.LookbackDelta;
        var context = new PlanContext(query, grid, endMs, isInstant, (long)lookback.TotalMilliseconds, options);
        using var timeout = new CancellationTokenSource(TimeoutOf(queryOptions), time);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var isWaiting = true;
        Interlocked.Increment(ref running);
        try
        {
            var timer = new QueryTimer(time);
            await places.WaitAsync(stop.Token);
            isWaiting = false;
            try
            {
                timer.Queued();
                return await EvaluateAsync(
                    () => new QueryExecution(query, expression, context, queryOptions, source, timer, share),
                    stop.Token
                );
            }
            finally
            {
                places.Release();
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            var where = isWaiting ? "query queue" : "expression evaluation";
            throw cancellationToken.IsCancellationRequested
                ? QueryException.Canceled(where)
                : QueryException.TimedOut(where);
        }
        catch (Exception e) when (e is FunctionException or SelectionLimitException or TooManyBucketsException)
        {
            throw new QueryException(QueryFailure.Execution, e.Message, e);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    /// <summary>Evaluates; again without a chunk that turns out to be damaged when it is decoded.</summary>
    private async Task<QueryResult> EvaluateAsync(Func<QueryExecution> execution, CancellationToken stop)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await execution().RunAsync(stop);
            }
            catch (CorruptDataException e)
            {
                if (attempt > MaxDamagedPlaces || !await source.LeaveOutAsync(e, stop))
                {
                    throw new QueryException(QueryFailure.Internal, $"decoding samples: {e.Message}", e);
                }
            }
        }
    }

    private TimeSpan TimeoutOf(QueryOptions queryOptions) =>
        queryOptions.Timeout is { } given && given < options.Timeout
            ? given > TimeSpan.Zero
                ? given
                : TimeSpan.Zero
            : options.Timeout;
}
