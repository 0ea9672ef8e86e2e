namespace Tributary.PromQL.Syntax;

/// <summary>A piece of the query text, in UTF-16 units from 0.</summary>
/// <param name="Start">Where it starts.</param>
/// <param name="End">Where the text behind it begins.</param>
public readonly record struct PositionRange(int Start, int End)
{
    /// <summary>The start as Prometheus' annotations and errors write it: <c>line:column</c>, both from 1, columns in UTF-8 bytes.</summary>
    /// <returns><c>unknown position</c> for an empty query.</returns>
    public string LineAndColumn(string query) => QueryPlace.Of(query, Start).ToString();
}
