namespace Tributary.PromQL.Syntax;

/// <summary>Reads whole queries.</summary>
public sealed class QueryParser
{
    /// <summary>How deep an expression may be.</summary>
    public const int MaxDepth = 1000;
}
