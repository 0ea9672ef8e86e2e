namespace Tributary.PromQL.Syntax;

/// <summary>A function of the language as the type checker sees it.</summary>
/// <param name="Name">As queries write it.</param>
/// <param name="ArgumentTypes">The type of each argument; the last is that of all further ones.</param>
/// <param name="Variadic">
/// 0 for exactly these arguments, else the last of them is optional: a positive number is how often it may stand, -1 any
/// number of times.
/// </param>
/// <param name="ReturnType">The type of the result.</param>
/// <param name="IsExperimental">Whether it needs <see cref="ParserOptions.ExperimentalFunctions"/>.</param>
public sealed record FunctionSignature(
    string Name,
    IReadOnlyList<ExpressionType> ArgumentTypes,
    int Variadic,
    ExpressionType ReturnType,
    bool IsExperimental
)
{
    /// <summary>The type of an argument.</summary>
    /// <param name="index">From 0; also beyond <see cref="ArgumentTypes"/> if the function is variadic.</param>
    public ExpressionType TypeOfArgument(int index) => ArgumentTypes[Math.Min(index, ArgumentTypes.Count - 1)];
}
