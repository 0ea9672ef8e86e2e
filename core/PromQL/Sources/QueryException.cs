namespace Tributary.PromQL.Sources;

/// <summary>Why a query has no answer; decides error type and status of HTTP.</summary>
internal enum QueryFailure
{
    /// <summary>The query or a parameter is not valid: <c>bad_data</c>, 400.</summary>
    BadData,

    /// <summary>The query cannot be evaluated over this data, or within the limits: <c>execution</c>, 422.</summary>
    Execution,

    /// <summary>It took too long: <c>timeout</c>, 503.</summary>
    Timeout,

    /// <summary>The client went away: <c>canceled</c>, 499.</summary>
    Canceled,

    /// <summary>The store could not be read: <c>internal</c>, 500.</summary>
    Internal,
}

/// <summary>A query ended without an answer. Messages are Prometheus' where it has one.</summary>
/// <param name="kind">Why.</param>
/// <param name="message">For people.</param>
/// <param name="inner">The cause, if another.</param>
internal sealed class QueryException(QueryFailure kind, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public QueryFailure Kind { get; } = kind;

    internal static QueryException Execution(string message) => new(QueryFailure.Execution, message);

    internal static QueryException TooManySamples() =>
        Execution("query processing would load too many samples into memory in query execution");

    internal static QueryException TimedOut(string where) =>
        new(QueryFailure.Timeout, $"query timed out in {where}");

    internal static QueryException Canceled(string where) =>
        new(QueryFailure.Canceled, $"query was canceled in {where}");
}
