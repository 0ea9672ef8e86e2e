namespace Tributary.PromQL.Syntax;

/// <summary>A piece of query text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Start">Where it starts in the query, in UTF-16 units.</param>
/// <param name="End">Where the text behind it begins.</param>
/// <param name="Value">Of a string the text without quotes and escapes, else null.</param>
internal readonly record struct Token(TokenKind Kind, int Start, int End, string? Value = null)
{
    /// <summary>A literal longer than this is cut in errors.</summary>
    private const int ShownRunes = 10;

    /// <summary>Where it stands.</summary>
    public PositionRange Position => new(Start, End);

    /// <summary>Whether the token is a metric name where an expression is expected.</summary>
    public bool IsMetricName =>
        Kind
            is TokenKind.Identifier
                or TokenKind.MetricIdentifier
                or (>= TokenKind.Or and <= TokenKind.Unless)
                or (>= TokenKind.Sum and <= TokenKind.FillRight)
                or >= TokenKind.Start;

    /// <summary>Whether the token is a label where labels are listed, besides strings.</summary>
    public bool IsLabelName =>
        (IsMetricName && Kind != TokenKind.Without)
        || Kind is TokenKind.Atan2 or (>= TokenKind.On and <= TokenKind.Bool);

    /// <summary>Whether an expression can begin with the token.</summary>
    public bool StartsExpression =>
        IsMetricName
        || Kind
            is TokenKind.LeftParen
                or TokenKind.LeftBrace
                or TokenKind.String
                or TokenKind.Number
                or TokenKind.Duration
                or TokenKind.Add
                or TokenKind.Subtract;

    /// <summary>Whether the token is an aggregation.</summary>
    public bool IsAggregation => Kind is >= TokenKind.Sum and <= TokenKind.LimitRatio;

    /// <summary>The operator between two expressions that the token is, if it is one.</summary>
    public BinaryOperator? BinaryOperator =>
        Kind is >= TokenKind.Or and <= TokenKind.Power ? (BinaryOperator)(Kind - TokenKind.Or) : null;

    /// <summary>The token as Prometheus' errors name it.</summary>
    public string Describe(string query)
    {
        var text = query[Start..End];
        return Kind switch
        {
            TokenKind.EndOfInput => "end of input",
            TokenKind.Identifier => "identifier " + Quoting.Quote(text),
            TokenKind.MetricIdentifier => "metric identifier " + Quoting.Quote(text),
            TokenKind.String => "string " + Quoting.Quote(text, ShownRunes),
            TokenKind.Number => "number " + Quoting.Quote(text, ShownRunes),
            TokenKind.Duration => "duration " + Quoting.Quote(text, ShownRunes),
            >= TokenKind.Or and <= TokenKind.At => $"<op:{text}>",
            >= TokenKind.Sum and <= TokenKind.LimitRatio => $"<aggr:{text}>",
            >= TokenKind.Offset and <= TokenKind.Bool => $"<{text}>",
            _ => Quoting.Quote(text),
        };
    }
}
