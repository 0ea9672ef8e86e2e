namespace Tributary.PromQL.Syntax;

/// <summary>Series of a vector joined in groups: <c>sum by (job) (…)</c>.</summary>
public sealed record AggregateExpression : Expression
{
    /// <param name="operator">How series are joined.</param>
    /// <param name="expression">An instant vector.</param>
    /// <param name="parameter">The first argument of the operators that take two.</param>
    /// <param name="grouping">The labels named in <c>by</c> or <c>without</c>.</param>
    /// <param name="without">Whether groups keep all labels but the named ones.</param>
    /// <param name="position">Where it stands.</param>
    public AggregateExpression(
        AggregateOperator @operator,
        Expression expression,
        Expression? parameter,
        IReadOnlyList<string> grouping,
        bool without,
        PositionRange position
    )
        : base(position)
    {
        Operator = @operator;
        Expression = expression;
        Parameter = parameter;
        Grouping = grouping;
        Without = without;
        Depth = 1 + Math.Max(expression.Depth, parameter?.Depth ?? 0);
    }

    /// <summary>How series are joined.</summary>
    public AggregateOperator Operator { get; }

    /// <summary>What is aggregated, an instant vector.</summary>
    public Expression Expression { get; }

    /// <summary>The first argument of the operators that take two, a scalar or for <c>count_values</c> a text; else null.</summary>
    public Expression? Parameter { get; }

    /// <summary>The labels named in <c>by</c> or <c>without</c>, as written.</summary>
    public IReadOnlyList<string> Grouping { get; }

    /// <summary>Whether groups keep all labels but the named ones, rather than only those.</summary>
    public bool Without { get; }

    /// <inheritdoc/>
    public override ExpressionType Type => ExpressionType.Vector;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => Parameter is null ? [Expression] : [Parameter, Expression];

    /// <inheritdoc/>
    public bool Equals(AggregateExpression? other) =>
        base.Equals(other)
        && Operator == other.Operator
        && Without == other.Without
        && Grouping.SequenceEqual(other.Grouping, StringComparer.Ordinal)
        && Equals(Parameter, other.Parameter)
        && Expression.Equals(other.Expression);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Operator, Without, Grouping.Count, Parameter, Expression);
}
