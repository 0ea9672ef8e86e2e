namespace Tributary.PromQL.Syntax;

/// <summary>A duration in a range, an offset or the step of a subquery. Mostly a <see cref="DurationLiteral"/>; equal as <see cref="Expression"/>s are.</summary>
/// <param name="Position">Where it stands.</param>
public abstract record DurationExpression(PositionRange Position)
{
    /// <summary>How many expressions the longest way down has, this one included.</summary>
    internal int Depth { get; private protected init; } = 1;

    /// <summary>Whether the structure is the same; positions do not count.</summary>
    public virtual bool Equals(DurationExpression? other) =>
        other is not null && EqualityContract == other.EqualityContract;

    /// <inheritdoc/>
    public override int GetHashCode() => EqualityContract.GetHashCode();

    /// <summary>The duration as query text in Prometheus' form.</summary>
    public sealed override string ToString() => DurationPrinter.Print(this);
}

/// <summary>A fixed duration.</summary>
/// <param name="Seconds">Negative only in offsets and inside of larger expressions.</param>
/// <param name="IsDuration">Whether it is written as a duration, <c>5m</c>, rather than as a number of seconds.</param>
/// <param name="Position">Where it stands, with its sign.</param>
public sealed record DurationLiteral(double Seconds, bool IsDuration, PositionRange Position)
    : DurationExpression(Position)
{
    /// <summary>The duration in milliseconds: rounded to nanoseconds, then cut.</summary>
    public long Milliseconds => (long)Math.Round(Seconds * 1e9, MidpointRounding.AwayFromZero) / 1_000_000;

    /// <summary>Whether the duration is the same, however it is written.</summary>
    public bool Equals(DurationLiteral? other) => other is not null && Seconds.Equals(other.Seconds);

    /// <inheritdoc/>
    public override int GetHashCode() => Seconds.GetHashCode();
}

/// <summary>A duration that the query brings.</summary>
public enum QueryDuration
{
    /// <summary><c>step()</c>, the time between two evaluations; 0 in an instant query.</summary>
    Step,

    /// <summary><c>range()</c>, the time from the start to the end of the query; 0 in an instant query.</summary>
    Range,
}

/// <summary>The step or the range of the query.</summary>
/// <param name="Kind">Which of them.</param>
/// <param name="Position">Where it stands, with its parentheses.</param>
public sealed record DurationOfQuery(QueryDuration Kind, PositionRange Position) : DurationExpression(Position);

/// <summary>An operator or function between two durations.</summary>
public enum DurationOperator
{
    /// <summary><c>+</c></summary>
    Add,

    /// <summary><c>-</c></summary>
    Subtract,

    /// <summary><c>*</c></summary>
    Multiply,

    /// <summary><c>/</c></summary>
    Divide,

    /// <summary><c>%</c>, with the sign of the left side.</summary>
    Modulo,

    /// <summary><c>^</c></summary>
    Power,

    /// <summary><c>min_of(a, b)</c></summary>
    MinOf,

    /// <summary><c>max_of(a, b)</c></summary>
    MaxOf,
}

/// <summary>Two durations joined.</summary>
public sealed record DurationBinary : DurationExpression
{
    /// <param name="operator">The operator or function.</param>
    /// <param name="left">The left side.</param>
    /// <param name="right">The right side.</param>
    /// <param name="position">Where it stands.</param>
    public DurationBinary(
        DurationOperator @operator,
        DurationExpression left,
        DurationExpression right,
        PositionRange position
    )
        : base(position)
    {
        Operator = @operator;
        Left = left;
        Right = right;
        Depth = 1 + Math.Max(left.Depth, right.Depth);
    }

    /// <summary>The operator or function.</summary>
    public DurationOperator Operator { get; }

    /// <summary>The left side.</summary>
    public DurationExpression Left { get; }

    /// <summary>The right side.</summary>
    public DurationExpression Right { get; }
}

/// <summary>A duration with a minus before it; that of a <see cref="DurationLiteral"/> is part of its number.</summary>
public sealed record DurationNegation : DurationExpression
{
    /// <param name="inner">What the sign stands before.</param>
    /// <param name="position">Where it stands.</param>
    public DurationNegation(DurationExpression inner, PositionRange position)
        : base(position)
    {
        Inner = inner;
        Depth = inner.Depth + 1;
    }

    /// <summary>What the sign stands before.</summary>
    public DurationExpression Inner { get; }
}

/// <summary>A duration in parentheses.</summary>
public sealed record DurationParentheses : DurationExpression
{
    /// <param name="inner">What stands inside.</param>
    /// <param name="position">Where it stands, with the parentheses.</param>
    public DurationParentheses(DurationExpression inner, PositionRange position)
        : base(position)
    {
        Inner = inner;
        Depth = inner.Depth + 1;
    }

    /// <summary>What stands inside.</summary>
    public DurationExpression Inner { get; }
}
