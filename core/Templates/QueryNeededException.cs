namespace Tributary.Templates;

/// <summary>The expansion cannot go on without the answer to a query; it begins again when that is there.</summary>
/// <param name="query">The query.</param>
internal sealed class QueryNeededException(string query) : Exception("a query has to be answered first")
{
    /// <summary>The query.</summary>
    public string Query { get; } = query;
}
