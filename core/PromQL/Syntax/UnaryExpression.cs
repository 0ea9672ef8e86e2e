namespace Tributary.PromQL.Syntax;

/// <summary>An expression with a sign: <c>-foo</c>. The sign of a number is part of its <see cref="NumberLiteral"/>.</summary>
public sealed record UnaryExpression : Expression
{
    /// <param name="isNegative">Whether the sign is a minus.</param>
    /// <param name="expression">A scalar or an instant vector.</param>
    /// <param name="position">Where it stands.</param>
    public UnaryExpression(bool isNegative, Expression expression, PositionRange position)
        : base(position)
    {
        IsNegative = isNegative;
        Expression = expression;
        Depth = expression.Depth + 1;
    }

    /// <summary>Whether the sign is a minus, rather than a plus, which changes no value.</summary>
    public bool IsNegative { get; }

    /// <summary>What the sign stands before, a scalar or an instant vector.</summary>
    public Expression Expression { get; }

    /// <inheritdoc/>
    public override ExpressionType Type => Expression.Type;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Expression];
}

/// <summary>An expression in parentheses.</summary>
public sealed record ParenthesesExpression : Expression
{
    /// <param name="expression">What stands inside.</param>
    /// <param name="position">Where it stands, with the parentheses.</param>
    public ParenthesesExpression(Expression expression, PositionRange position)
        : base(position)
    {
        Expression = expression;
        Depth = expression.Depth + 1;
    }

    /// <summary>What stands inside.</summary>
    public Expression Expression { get; }

    /// <inheritdoc/>
    public override ExpressionType Type => Expression.Type;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Expression];
}
