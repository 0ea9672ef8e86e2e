namespace Tributary.PromQL.Syntax;

/// <summary>A part of a query, immutable. Two are equal if their structure is, wherever they stand in their queries.</summary>
/// <param name="Position">The piece of the query that it was read from.</param>
/// <remarks>No expression that <see cref="QueryParser"/> returns is deeper than <see cref="QueryParser.MaxDepth"/>.</remarks>
public abstract record Expression(PositionRange Position)
{
    /// <summary>What it evaluates to.</summary>
    public abstract ExpressionType Type { get; }

    /// <summary>The operands, arguments or inner expression, in the order in which they are written; selectors of ranges have theirs.</summary>
    public virtual IReadOnlyList<Expression> Children => [];

    /// <summary>How many expressions the longest way down has, this one included.</summary>
    internal int Depth { get; private protected init; } = 1;

    /// <summary>Whether the structure is the same; positions do not count.</summary>
    public virtual bool Equals(Expression? other) => other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The expression as one line of query text in Prometheus' form; parsed again, it is equal to this one.</summary>
    public sealed override string ToString() => ExpressionPrinter.Print(this);
}
