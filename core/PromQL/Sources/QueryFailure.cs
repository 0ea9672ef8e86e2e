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
