namespace Tributary.PromQL.Syntax;

/// <summary>What a piece of query text is; errors name a token by its kind.</summary>
internal enum TokenKind
{
    EndOfInput,
    Comma,
    LeftBrace,
    RightBrace,
    LeftBracket,
    LeftParen,
    Equal,
    NotEqual,
    EqualRegex,
    NotEqualRegex,
    String,
    Number,
    Duration,

    /// <summary>A word that is no keyword and has no colon; inside braces every word.</summary>
    Identifier,

    /// <summary>A word with a colon.</summary>
    MetricIdentifier,

    /// <summary>A keyword that may also be a metric name, such as <c>by</c>.</summary>
    Keyword,

    /// <summary>A keyword that is never a metric name, such as <c>on</c>.</summary>
    ReservedKeyword,

    /// <summary>An aggregation, <c>sum</c>; also a metric name.</summary>
    Aggregator,

    /// <summary>A word of durations and the <c>@</c> modifier, <c>start</c>; also a metric name.</summary>
    Preprocessor,

    /// <summary>A set operator, <c>and</c>; also a metric name.</summary>
    SetOperator,

    /// <summary>Any other operator.</summary>
    Operator,
}
