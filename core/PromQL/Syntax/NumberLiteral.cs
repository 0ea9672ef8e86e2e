namespace Tributary.PromQL.Syntax;

/// <summary>A number.</summary>
/// <param name="Value">The number; of a duration its seconds.</param>
/// <param name="IsDuration">Whether it is written as a duration, <c>5m</c>.</param>
/// <param name="Position">Where it stands, with its sign.</param>
public sealed record NumberLiteral(double Value, bool IsDuration, PositionRange Position) : Expression(Position)
{
    /// <inheritdoc/>
    public override ExpressionType Type => ExpressionType.Scalar;
}
