using System.Diagnostics;

namespace Tributary.PromQL.Syntax;

/// <summary>What an expression evaluates to.</summary>
public enum ExpressionType
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One number at each time.</summary>
    Scalar,

    /// <summary>An instant vector: at each time at most one sample of each series.</summary>
    Vector,

    /// <summary>A range vector: at each time a run of samples of each series.</summary>
    Matrix,

    /// <summary>A text.</summary>
    String,
}

/// <summary>The names of <see cref="ExpressionType"/>.</summary>
public static class ExpressionTypes
{
    /// <summary>The name in the HTTP API: <c>none</c>, <c>scalar</c>, <c>vector</c>, <c>matrix</c>, <c>string</c>.</summary>
    public static string Name(this ExpressionType type) =>
        type switch
        {
            ExpressionType.None => "none",
            ExpressionType.Scalar => "scalar",
            ExpressionType.Vector => "vector",
            ExpressionType.Matrix => "matrix",
            ExpressionType.String => "string",
            _ => throw new UnreachableException(),
        };

    /// <summary>The name in documentation and most errors: <c>instant vector</c>, <c>range vector</c>.</summary>
    public static string DocumentedName(this ExpressionType type) =>
        type switch
        {
            ExpressionType.Vector => "instant vector",
            ExpressionType.Matrix => "range vector",
            _ => type.Name(),
        };
}
