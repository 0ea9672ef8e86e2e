using Tributary.PromQL.Sources;

namespace Tributary.PromQL.Evaluation;

/// <summary>Evaluates PromQL over a source: reads all series first, then computes by columns. Safe for several threads.</summary>
internal sealed class QueryEngine(QuerySource source, EngineOptions options, TimeProvider time)
{
    /// <summary>Evaluates a query at one moment.</summary>
    /// <param name="query">The text.</param>
    /// <param name="timeMs">The moment, milliseconds since the epoch.</param>
    /// <param name="queryOptions">What else is asked for.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="Syntax.ParseException">The text is no query.</exception>
    /// <exception cref="QueryException">There is no answer.</exception>
    public Task<QueryResult> InstantAsync(
        string query,
        long timeMs,
        QueryOptions queryOptions,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException($"{source} {options} {time}");

    /// <summary>Evaluates a query at every step of a range.</summary>
    /// <param name="query">The text.</param>
    /// <param name="startMs">The first step, milliseconds since the epoch.</param>
    /// <param name="endMs">No step is later.</param>
    /// <param name="stepMs">From step to step, above 0.</param>
    /// <param name="queryOptions">What else is asked for.</param>
    /// <param name="cancellationToken">Ends the query.</param>
    /// <exception cref="Syntax.ParseException">The text is no query.</exception>
    /// <exception cref="QueryException">There is no answer.</exception>
    public Task<QueryResult> RangeAsync(
        string query,
        long startMs,
        long endMs,
        long stepMs,
        QueryOptions queryOptions,
        CancellationToken cancellationToken
    ) => throw new NotSupportedException($"{source} {options} {time}");
}
