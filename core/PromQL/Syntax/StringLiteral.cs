namespace Tributary.PromQL.Syntax;

/// <summary>A text.</summary>
/// <param name="Value">The text without quotes and escapes.</param>
/// <param name="Position">Where it stands, with its quotes.</param>
public sealed record StringLiteral(string Value, PositionRange Position) : Expression(Position)
{
    /// <inheritdoc/>
    public override ExpressionType Type => ExpressionType.String;
}
