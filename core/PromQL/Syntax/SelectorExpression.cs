namespace Tributary.PromQL.Syntax;

/// <summary>The newest samples of the selected series, or inside a <see cref="MatrixSelector"/> the series of the range.</summary>
/// <param name="Name">The metric name before the braces, if there is one; it is also the first matcher.</param>
/// <param name="Selector">The matchers; with none of them not empty only as the second argument of <c>info</c>.</param>
/// <param name="Offset">How far back the selection looks, or ahead if it is negative; null for not at all.</param>
/// <param name="At">The fixed time of the selection, if there is one.</param>
/// <param name="Extension">Whether ranges reach beyond their ends.</param>
/// <param name="Position">
/// Where it stands, with its modifiers; inside a <see cref="MatrixSelector"/> without range and what follows it.
/// </param>
public sealed record SelectorExpression(
    string? Name,
    VectorSelector Selector,
    DurationExpression? Offset,
    AtModifier At,
    RangeExtension Extension,
    PositionRange Position
) : Expression(Position)
{
    /// <inheritdoc/>
    public override ExpressionType Type => ExpressionType.Vector;

    /// <inheritdoc/>
    public bool Equals(SelectorExpression? other) =>
        base.Equals(other)
        && string.Equals(Name, other.Name, StringComparison.Ordinal)
        && At == other.At
        && Extension == other.Extension
        && Equals(Offset, other.Offset)
        && Selector.Matchers.SequenceEqual(other.Selector.Matchers);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(base.GetHashCode());
        hash.Add(Offset);
        hash.Add(At);
        hash.Add(Extension);
        foreach (var matcher in Selector.Matchers)
        {
            hash.Add(matcher);
        }
        return hash.ToHashCode();
    }
}

/// <summary>The samples of the selected series in a range before each time.</summary>
/// <param name="Selector">The series, with offset and fixed time.</param>
/// <param name="Range">How long the range is.</param>
/// <param name="Position">Where it stands, with its modifiers.</param>
public sealed record MatrixSelector(SelectorExpression Selector, DurationExpression Range, PositionRange Position)
    : Expression(Position)
{
    /// <inheritdoc/>
    public override ExpressionType Type => ExpressionType.Matrix;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Selector];
}

/// <summary>The results of an expression at the steps of a range before each time: <c>expression[1h:5m]</c>.</summary>
public sealed record SubqueryExpression : Expression
{
    /// <param name="expression">An instant vector.</param>
    /// <param name="range">How long the range is.</param>
    /// <param name="step">The time between two evaluations; null for the default.</param>
    /// <param name="offset">How far back the range lies, or ahead if it is negative; null for not at all.</param>
    /// <param name="at">The fixed time of the end of the range, if there is one.</param>
    /// <param name="position">Where it stands, with its modifiers.</param>
    public SubqueryExpression(
        Expression expression,
        DurationExpression range,
        DurationExpression? step,
        DurationExpression? offset,
        AtModifier at,
        PositionRange position
    )
        : base(position)
    {
        Expression = expression;
        Range = range;
        Step = step;
        Offset = offset;
        At = at;
        Depth = expression.Depth + 1;
    }

    /// <summary>What is evaluated, an instant vector.</summary>
    public Expression Expression { get; }

    /// <summary>How long the range is.</summary>
    public DurationExpression Range { get; }

    /// <summary>The time between two evaluations; null for the default.</summary>
    public DurationExpression? Step { get; }

    /// <summary>How far back the range lies, or ahead if it is negative; null for not at all.</summary>
    public DurationExpression? Offset { get; }

    /// <summary>The fixed time of the end of the range, if there is one.</summary>
    public AtModifier At { get; }

    /// <inheritdoc/>
    public override ExpressionType Type => ExpressionType.Matrix;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => [Expression];
}
