using System.Globalization;
using Tributary.PromQL.Functions;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>Evaluates PromQL over a source: reads all series first, then computes by columns. Safe for several threads.</summary>
internal sealed class QueryEngine : IDisposable
{
    private readonly QuerySource source;
    private readonly EngineOptions options;
    private readonly TimeProvider time;
    private readonly SemaphoreSlim places;
    private int running;

    /// <summary>An engine.</summary>
    /// <param name="source">Where series come from.</param>
    /// <param name="options">What queries may use.</param>
    /// <param name="time">The clock of timeouts and statistics.</param>
    public QueryEngine(QuerySource source, EngineOptions options, TimeProvider time)
    {
        (this.source, this.options, this.time) = (source, options, time);
        places = new SemaphoreSlim(options.MaxConcurrency);
    }

    /// <summary>What queries may use.</summary>
    public EngineOptions Options => options;

    /// <summary>How many queries are evaluated, or wait to be.</summary>
    public int Running => Volatile.Read(ref running);

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

    /// <inheritdoc/>
    public void Dispose() => places.Dispose();

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
        var context = new PlanContext(grid, endMs, isInstant, (long)lookback.TotalMilliseconds, options);
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
                var execution = new QueryExecution(query, expression, context, queryOptions, source, timer);
                return await execution.RunAsync(stop.Token);
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
        catch (FunctionException e)
        {
            throw new QueryException(QueryFailure.Execution, e.Message, e);
        }
        finally
        {
            Interlocked.Decrement(ref running);
        }
    }

    private TimeSpan TimeoutOf(QueryOptions queryOptions) =>
        queryOptions.Timeout is { } given && given < options.Timeout
            ? given > TimeSpan.Zero
                ? given
                : TimeSpan.Zero
            : options.Timeout;
}
