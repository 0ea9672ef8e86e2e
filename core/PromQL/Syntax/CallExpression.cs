namespace Tributary.PromQL.Syntax;

/// <summary>A call of a function.</summary>
public sealed record CallExpression : Expression
{
    /// <param name="function">The function.</param>
    /// <param name="arguments">The arguments as they are written; left out ones are missing.</param>
    /// <param name="position">Where it stands, from the name to the closing parenthesis.</param>
    public CallExpression(FunctionSignature function, IReadOnlyList<Expression> arguments, PositionRange position)
        : base(position)
    {
        Function = function;
        Arguments = arguments;
        Depth = 1 + MaxDepthOf(arguments);
    }

    /// <summary>The function.</summary>
    public FunctionSignature Function { get; }

    /// <summary>The arguments as they are written; left out ones are missing.</summary>
    public IReadOnlyList<Expression> Arguments { get; }

    /// <inheritdoc/>
    public override ExpressionType Type => Function.ReturnType;

    /// <inheritdoc/>
    public override IReadOnlyList<Expression> Children => Arguments;

    /// <inheritdoc/>
    public bool Equals(CallExpression? other) =>
        base.Equals(other) && ReferenceEquals(Function, other.Function) && Arguments.SequenceEqual(other.Arguments);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Function.Name, StringComparer.Ordinal);
        foreach (var argument in Arguments)
        {
            hash.Add(argument);
        }
        return hash.ToHashCode();
    }

    private static int MaxDepthOf(IReadOnlyList<Expression> expressions)
    {
        var max = 0;
        foreach (var expression in expressions)
        {
            max = Math.Max(max, expression.Depth);
        }
        return max;
    }
}
