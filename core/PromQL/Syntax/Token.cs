namespace Tributary.PromQL.Syntax;

/// <summary>A piece of query text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it starts in the query, in UTF-16 units.</param>
/// <param name="Text">The piece as written.</param>
/// <param name="Value">What it means: of a string literal the text without quotes and escapes, else the same text.</param>
internal readonly record struct Token(TokenKind Kind, int Start, string Text, string Value)
{
    /// <summary>A string literal longer than this is cut in errors.</summary>
    private const int ShownRunes = 10;

    /// <summary>Whether the token can stand where a metric name is expected.</summary>
    public bool IsMetricName =>
        Kind
            is TokenKind.Identifier
                or TokenKind.MetricIdentifier
                or TokenKind.Keyword
                or TokenKind.Aggregator
                or TokenKind.Preprocessor
                or TokenKind.SetOperator;

    /// <summary>The token as Prometheus' errors name it.</summary>
    public string Describe() =>
        Kind switch
        {
            TokenKind.EndOfInput => "end of input",
            TokenKind.Identifier => "identifier " + Quoting.Quote(Text),
            TokenKind.MetricIdentifier => "metric identifier " + Quoting.Quote(Text),
            TokenKind.String => "string " + Quoting.Quote(Text, ShownRunes),
            TokenKind.Number => "number " + Quoting.Quote(Text, ShownRunes),
            TokenKind.Duration => "duration " + Quoting.Quote(Text, ShownRunes),
            TokenKind.Keyword or TokenKind.ReservedKeyword => $"<{Text}>",
            TokenKind.Aggregator => $"<aggr:{Text}>",
            TokenKind.SetOperator
            or TokenKind.Operator
            or TokenKind.NotEqual
            or TokenKind.EqualRegex
            or TokenKind.NotEqualRegex => $"<op:{Text}>",
            _ => Quoting.Quote(Text),
        };
}
