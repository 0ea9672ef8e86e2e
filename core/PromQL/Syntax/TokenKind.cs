namespace Tributary.PromQL.Syntax;

/// <summary>What a piece of query text is; errors name a token by its kind. The order of some groups has a meaning.</summary>
internal enum TokenKind : byte
{
    EndOfInput,
    Comma,
    Colon,
    LeftBrace,
    RightBrace,
    LeftBracket,
    RightBracket,
    LeftParen,
    RightParen,
    String,
    Number,
    Duration,

    /// <summary>A word that is no keyword and has no colon; inside braces every word.</summary>
    Identifier,

    /// <summary>A word with a colon.</summary>
    MetricIdentifier,

    /// <summary><c>=</c></summary>
    Assign,

    // Operators: those between expressions as in BinaryOperator, then the others.
    Or,
    And,
    Unless,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    TrimUpper,
    TrimLower,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
    Atan2,
    Power,
    EqualRegex,
    NotEqualRegex,
    At,

    // Aggregations, as in AggregateOperator; also metric names.
    Sum,
    Average,
    Count,
    Min,
    Max,
    Group,
    StandardDeviation,
    StandardVariance,
    TopK,
    BottomK,
    CountValues,
    Quantile,
    LimitK,
    LimitRatio,

    // Keywords that are also metric names.
    Offset,
    Smoothed,
    Anchored,
    By,
    Without,
    Fill,
    FillLeft,
    FillRight,

    // Keywords that are not.
    On,
    Ignoring,
    GroupLeft,
    GroupRight,
    Bool,

    // Words of durations and of @; also functions and metric names.
    Start,
    End,
    Step,
    Range,
    MaxOf,
    MinOf,
}
