namespace Tributary.PromQL.Syntax;

/// <summary>Two expressions joined by an operator.</summary>
public sealed record BinaryExpression : Expression
{
    /// <param name="operator">The operator.</param>
    /// <param name="left">A scalar or an instant vector.</param>
    /// <param name="right">A scalar or an instant vector.</param>
    /// <param name="matching">How the series of two vectors meet; null if one side is no vector.</param>
    /// <param name="returnBool">Whether a comparison yields 0 or 1 rather than keeping or dropping.</param>
    /// <param name="position">Where it stands.</param>
    public BinaryExpression(
        BinaryOperator @operator,
        Expression left,
        Expression right,
        VectorMatching? matching,
        bool returnBool,
        PositionRange position
    )
        : base(position)
    {
        Operator = @operator;
        Left = left;
        Right = right;
        Matching = matching;
        ReturnBool = returnBool;
        var areScalars = left.Type == ExpressionType.Scalar && right.Type == ExpressionType.Scalar;
        Type = areScalars ? ExpressionType.Scalar : ExpressionType.Vector;
        Depth = 1 + Math.Max(left.Depth, right.Depth);
    }

    /// <summary>The operator.</summary>
    public BinaryOperator Operator { get; }

    /// <summary>The left side, a scalar or an instant vector.</summary>
    public Expression Left { get; }

    /// <summary>The right side, a scalar or an instant vector.</summary>
    public Expression Right { get; }

    /// <summary>How the series of two vectors meet; null exactly if one side is no vector.</summary>
    public VectorMatching? Matching { get; }

    /// <summary>Whether a comparison yields 0 or 1 rather than keeping or dropping.</summary>
    public bool ReturnBool { get; }

    /// <inheritdoc/>
    public override ExpressionType Type { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Left, Right];
}
