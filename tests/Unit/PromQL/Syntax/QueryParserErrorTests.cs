using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Syntax;

/// <summary>The errors of queries, in Prometheus' words, most of them compared with what it says.</summary>
public sealed class QueryParserErrorTests
{
    [Theory]
    [InlineData("", "unknown position: parse error: no expression found in input")]
    [InlineData(" # nothing", "1:1: parse error: no expression found in input")]
    [InlineData("5q", "1:1: parse error: bad number or duration syntax: \"5\"")]
    [InlineData("1mx", "1:1: parse error: bad number or duration syntax: \"1mx\"")]
    [InlineData("1.5.2", "1:1: parse error: bad number or duration syntax: \"1.5.\"")]
    [InlineData("1e", "1:1: parse error: bad number or duration syntax: \"1e\"")]
    [InlineData("1.5h", "1:1: parse error: unknown unit \".\" in duration \"1.5h\"")]
    [InlineData("1m1h", "1:1: parse error: not a valid duration string: \"1m1h\"")]
    [InlineData("1hs", "1:1: parse error: unknown unit \"hs\" in duration \"1hs\"")]
    [InlineData("300y", "1:1: parse error: duration out of range")]
    [InlineData("0x", "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"0x\": invalid syntax")]
    [InlineData("1__0", "1:1: parse error: bad number or duration syntax: \"1__\"")]
    [InlineData("1_", "1:1: parse error: bad number or duration syntax: \"1_\"")]
    [InlineData("1._0", "1:1: parse error: bad number or duration syntax: \"1._\"")]
    [InlineData("1e+", "1:1: parse error: bad number or duration syntax: \"1e+\"")]
    [InlineData("1e_5", "1:1: parse error: bad number or duration syntax: \"1e_\"")]
    [InlineData("1e5e5", "1:1: parse error: bad number or duration syntax: \"1e5e\"")]
    [InlineData("1e *", "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e\": invalid syntax")]
    [InlineData(
        "1e5.5",
        "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e5.5\": invalid syntax"
    )]
    [InlineData(
        "1e999",
        "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e999\": value out of range"
    )]
    [InlineData("sum(", "1:5: parse error: unclosed left parenthesis")]
    [InlineData("(a", "1:3: parse error: unclosed left parenthesis")]
    [InlineData("a)", "1:3: parse error: unexpected right parenthesis ')'")]
    [InlineData("a b", "1:3: parse error: unexpected identifier \"b\"")]
    [InlineData("a +", "1:4: parse error: unexpected end of input")]
    [InlineData("a + * b", "1:5: parse error: unexpected <op:*>")]
    [InlineData("a = b", "1:3: parse error: unexpected \"=\"")]
    [InlineData("a $", "1:3: parse error: unexpected character: '$'")]
    [InlineData("1 or $", "1:6: parse error: unexpected character: '$'")]
    [InlineData("sum(foo bar)", "1:9: parse error: unexpected identifier \"bar\" in aggregation")]
    [InlineData("sum by (x) foo", "1:12: parse error: unexpected identifier \"foo\" in aggregation")]
    [InlineData("sum(a) foo", "1:8: parse error: unexpected identifier \"foo\"")]
    [InlineData("sum(rate(a[5m]) b)", "1:17: parse error: unexpected identifier \"b\" in aggregation")]
    [InlineData("sum sum", "1:5: parse error: unexpected <aggr:sum>")]
    [InlineData("sum()", "1:1: parse error: no arguments for aggregate expression provided")]
    [InlineData(
        "sum(a, b)",
        "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 1, got 2"
    )]
    [InlineData(
        "topk(a)",
        "1:1: parse error: wrong number of arguments for aggregate expression provided, expected 2, got 1"
    )]
    [InlineData("sum(a,,b)", "1:6: parse error: trailing commas not allowed in function call args")]
    [InlineData("rate(a[5m],)", "1:11: parse error: trailing commas not allowed in function call args")]
    [InlineData("sum by (without) (a)", "1:9: parse error: unexpected <without> in grouping opts, expected label")]
    [InlineData("sum by (5) (a)", "1:9: parse error: unexpected number \"5\" in grouping opts, expected label")]
    [InlineData(
        "sum by (x y) (a)",
        "1:11: parse error: unexpected identifier \"y\" in grouping opts, expected \",\" or \")\""
    )]
    [InlineData("sum by ('') (a)", "1:9: parse error: invalid label name for grouping: \"\"")]
    [InlineData("sum by ('\\xff') (a)", "1:9: parse error: invalid label name for grouping: \"\\xff\"")]
    [InlineData("sum(a) by", "1:10: parse error: unexpected end of input in grouping opts, expected \"(\"")]
    [InlineData("a + on b", "1:8: parse error: unexpected identifier \"b\" in grouping opts, expected \"(\"")]
    [InlineData("a + on(x) group_left", "1:21: parse error: unexpected end of input in grouping opts, expected \"(\"")]
    [InlineData("a + on(x) group_right on", "1:23: parse error: unexpected <on> in grouping opts, expected \"(\"")]
    [InlineData("a + group_left(x) b", "1:5: parse error: unexpected <group_left>")]
    [InlineData("a + fill(x) b", "1:10: parse error: unexpected identifier \"x\"")]
    [InlineData("a[5m 5]", "1:6: parse error: unexpected number \"5\" in subquery or range, expected \":\" or \"]\"")]
    [InlineData("a[5m x]", "1:6: parse error: unexpected character: 'x', expected ':'")]
    [InlineData("a[x]", "1:3: parse error: unexpected character in duration expression: 'x'")]
    [InlineData("a[ # c\n5m]", "1:4: parse error: unexpected character in duration expression: '#'")]
    [InlineData("a[", "1:3: parse error: unexpected end of input in duration expression")]
    [InlineData("a[5m", "1:5: parse error: unclosed left bracket")]
    [InlineData(
        "a[]",
        "1:3: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()"
    )]
    [InlineData(
        "a[5m +]",
        "1:7: parse error: unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()"
    )]
    [InlineData("a[:5m]", "1:4: parse error: unexpected colon before duration in duration expression")]
    [InlineData("a[5m:1m:]", "1:8: parse error: unexpected colon ':'")]
    [InlineData("a[5m:1m 2]", "1:9: parse error: unexpected number \"2\" in subquery selector, expected \"]\"")]
    [InlineData(
        "a[5m:*]",
        "1:6: parse error: unexpected <op:*> in subquery selector, expected number, duration, step(), range(), or \"]\""
    )]
    [InlineData("a[0]", "1:3: parse error: duration must be greater than 0")]
    [InlineData("a[-5m]", "1:3: parse error: duration must be greater than 0")]
    [InlineData("a[5m / 0]", "1:6: parse error: division by zero")]
    [InlineData("a[5m % 0]", "1:6: parse error: modulo by zero")]
    [InlineData("a[1e10]", "1:3: parse error: duration out of range")]
    [InlineData("1[5m]", "1:2: parse error: ranges only allowed for vector selectors")]
    [InlineData("a offset 5m [5m]", "1:13: parse error: no offset modifiers allowed before range")]
    [InlineData("a @ 5 [5m]", "1:7: parse error: no @ modifiers allowed before range")]
    [InlineData(
        "a offset",
        "1:9: parse error: unexpected end of input in offset, expected number, duration, step(), or range()"
    )]
    [InlineData(
        "a offset (1h) - b",
        "1:17: parse error: unexpected identifier \"b\" in offset, expected number, duration, step(), or range()"
    )]
    [InlineData("a offset 5m offset 5m", "1:1: parse error: offset may not be set multiple times")]
    [InlineData(
        "1 offset 5m",
        "1:1: parse error: offset modifier must be preceded by an instant vector selector or range vector selector or a subquery"
    )]
    [InlineData("a @ b", "1:5: parse error: unexpected identifier \"b\" in @, expected timestamp")]
    [InlineData("a @ start", "1:10: parse error: unexpected end of input in @, expected timestamp")]
    [InlineData("a @ 1 @ 2", "1:1: parse error: @ <timestamp> may not be set multiple times")]
    [InlineData(
        "(a) @ 1",
        "1:1: parse error: @ modifier must be preceded by an instant vector selector or range vector selector or a subquery"
    )]
    [InlineData("a @ Inf", "1:1: parse error: timestamp out of bounds for @ modifier: +Inf")]
    [InlineData("a anchored smoothed", "1:1: parse error: anchored and smoothed modifiers cannot be used together")]
    [InlineData("a[5m:] smoothed", "1:1: parse error: smoothed modifier is not supported for subqueries")]
    [InlineData("1 anchored", "1:1: parse error: anchored modifier not implemented")]
    [InlineData("foo(a)", "1:1: parse error: unknown function with name \"foo\"")]
    [InlineData("1 + RATE(a[5m])", "1:5: parse error: unknown function with name \"RATE\"")]
    [InlineData("foo(a) $", "1:1: parse error: unknown function with name \"foo\"")]
    [InlineData("a{b=1}", "1:5: parse error: unexpected character inside braces: '1'")]
    [InlineData("a{b='(', c=~'('}", "1:10: parse error: ")]
    [InlineData("'\\xff'", "1:1: parse error: the escapes in the string do not spell valid UTF-8")]
    public void Parse_BrokenQuery_SaysWhereAndWhy(string query, string message) =>
        Assert.StartsWith(message, MessageOf(query, ParserOptions.All), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "rate(a)",
        "1:6: parse error: expected type range vector in call to function \"rate\", got instant vector"
    )]
    [InlineData("sum(1)", "1:5: parse error: expected type instant vector in aggregation expression, got scalar")]
    [InlineData("topk('a', b)", "1:6: parse error: expected type scalar in aggregation parameter, got string")]
    [InlineData("count_values(1, b)", "1:14: parse error: expected type string in aggregation parameter, got scalar")]
    [InlineData("count_values('a\\xc5z', b)", "invalid label name \"a\\xc5z\"")]
    [InlineData("time(1)", "1:1: parse error: expected 0 argument(s) in call to \"time\", got 1")]
    [InlineData("label_join(a)", "1:1: parse error: expected at least 3 argument(s) in call to \"label_join\", got 1")]
    [InlineData("hour(a, b)", "1:1: parse error: expected at most 1 argument(s) in call to \"hour\", got 2")]
    [InlineData(
        "label_join(a, 'b', 'c', 1)",
        "1:25: parse error: expected type string in call to function \"label_join\", got scalar"
    )]
    [InlineData("info(a, b)", "1:9: parse error: expected label selectors only, got vector selector instead")]
    [InlineData("info(a, (b))", "1:9: parse error: expected label selectors only")]
    [InlineData(
        "info(a, 1)",
        "1:1: parse error: expected type instant vector in call to function \"info\", got scalar"
    )]
    [InlineData("{}", "1:1: parse error: vector selector must contain at least one non-empty matcher")]
    [InlineData("rate({a=~'.*'}[5m])", "1:6: parse error: vector selector must contain at least one non-empty matcher")]
    [InlineData("a{__name__='b'}", "1:1: parse error: metric name must not be set twice: \"a\" or \"b\"")]
    [InlineData("1 == 1", "1:3: parse error: comparisons between scalars must use BOOL modifier")]
    [InlineData("a +  bool b", "1:3: parse error: bool modifier can only be used on comparison operators")]
    [InlineData("1 and 1", "1:1: parse error: set operator \"and\" not allowed in binary scalar expression")]
    [InlineData("a or 1", "1:1: parse error: set operator \"or\" not allowed in binary scalar expression")]
    [InlineData("a + 'b'", "1:5: parse error: binary expression must contain only scalar and instant vector types")]
    [InlineData("a[5m] + 'b'", "1:1: parse error: binary expression must contain only scalar and instant vector types")]
    [InlineData("a + on (x) 1", "1:1: parse error: vector matching only allowed between instant vectors")]
    [InlineData("1 + fill(1) a", "1:1: parse error: filling in missing series only allowed between instant vectors")]
    [InlineData("a or fill(1) b", "1:1: parse error: filling in missing series not allowed for set operators")]
    [InlineData("a and on (x) group_left b", "1:1: parse error: no grouping allowed for \"and\" operation")]
    [InlineData(
        "a + on (x, y) group_left (y) b",
        "1:3: parse error: label \"y\" must not occur in ON and GROUP clause at once"
    )]
    [InlineData(
        "-'a'",
        "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"string\""
    )]
    [InlineData(
        "-a[5m]",
        "1:1: parse error: unary expression only allowed on expressions of type scalar or instant vector, got \"range vector\""
    )]
    [InlineData("1[5m:1m]", "1:1: parse error: subquery is only allowed on instant vector, got scalar instead")]
    public void Parse_TypesThatDoNotFit_SaysWhereAndWhy(string query, string message) =>
        Assert.Equal(message, MessageOf(query, ParserOptions.All));

    [Theory]
    [InlineData("start()", "1:1: parse error: function \"start\" is not enabled")]
    [InlineData("sum(mad_over_time(a[5m]))", "1:5: parse error: function \"mad_over_time\" is not enabled")]
    [InlineData(
        "limitk(1, a)",
        "1:1: parse error: limitk() is experimental and must be enabled with --enable-feature=promql-experimental-functions"
    )]
    [InlineData("a[5m * 2]", "1:3: parse error: experimental duration expression is not enabled")]
    [InlineData("a[step()]", "1:3: parse error: experimental duration expression is not enabled")]
    [InlineData("a offset (5m)", "1:11: parse error: experimental duration expression is not enabled")]
    [InlineData("a[5m] anchored", "1:1: parse error: anchored modifier is experimental and not enabled")]
    [InlineData("a smoothed", "1:1: parse error: smoothed modifier is experimental and not enabled")]
    [InlineData("a + fill(0) b", "1:1: parse error: binop fill modifiers are experimental and not enabled")]
    public void Parse_ExperimentalPart_NeedsItsFeature(string query, string message)
    {
        Assert.Equal(message, MessageOf(query, ParserOptions.Stable));
        Assert.NotNull(QueryParser.Parse(query, ParserOptions.All));
    }

    [Theory]
    [InlineData("(", "a", ")")]
    [InlineData("-", "a", "")]
    [InlineData("abs(", "a", ")")]
    [InlineData("sum(", "a", ")")]
    [InlineData("a + ", "a", "")]
    [InlineData("a ^ ", "a", "")]
    [InlineData("", "a", "[5m:1m]")]
    [InlineData("a[1 + (", "1", ")]")]
    [InlineData("a offset (", "1", ")")]
    [InlineData("a offset -(", "1", ")")]
    [InlineData("", "a", " or a")]
    public void Parse_ManyThousandLevels_IsAClearError(string open, string middle, string close)
    {
        const int Levels = 50_000;
        var query = Repeat(open, Levels) + middle + Repeat(close, Levels);
        Assert.Matches("nested deeper than 500|unexpected|unclosed|subquery", MessageOf(query, ParserOptions.All));
    }

    [Theory]
    [InlineData("", "(", "a", ")", "", 480)]
    [InlineData("", "-", "(a)", "", "", 480)]
    [InlineData("", "", "a", " or a", "", 480)]
    [InlineData("", "a ^ ", "a", "", "", 480)]
    [InlineData("a[", "(1 + ", "1", ")", "]", 240)]
    public async Task Parse_DeepestExpression_NeedsLittleStack(
        string start,
        string open,
        string middle,
        string close,
        string end,
        int levels
    )
    {
        var query = start + Repeat(open, levels) + middle + Repeat(close, levels) + end;
        // What follows must not run on the small stack.
        var result = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(
            () =>
            {
                try
                {
                    var expression = QueryParser.Parse(query, ParserOptions.All);
                    var again = QueryParser.Parse(ExpressionFormatter.Format(expression), ParserOptions.All);
                    result.SetResult(expression.Equals(again) && expression.GetHashCode() == again.GetHashCode());
                }
                catch (ParseException exception)
                {
                    result.SetException(exception);
                }
            },
            maxStackSize: 768 * 1024
        );
        thread.Start();
        Assert.True(await result.Task);
    }

    [Fact]
    public void Parse_TooMuch_IsAClearError()
    {
        var longest = new string(' ', QueryParser.MaxLength) + "a";
        Assert.Contains("query is longer than", MessageOf(longest, ParserOptions.All), StringComparison.Ordinal);
        var many = $"label_join(a{Repeat(", 'b'", QueryParser.MaxExpressions)})";
        Assert.Contains("more than 20000 expressions", MessageOf(many, ParserOptions.All), StringComparison.Ordinal);
        var labels = $"sum by (a{Repeat(", a", QueryParser.MaxLabels)}) (b)";
        Assert.Contains("more than 1000 labels", MessageOf(labels, ParserOptions.All), StringComparison.Ordinal);
        var matchers = $"{{a=\"b\"{Repeat(",a=\"b\"", SelectorParser.MaxMatchers)}}}";
        Assert.Contains("more than 512 matchers", MessageOf(matchers, ParserOptions.All), StringComparison.Ordinal);
    }

    private static string Repeat(string text, int count) => string.Concat(Enumerable.Repeat(text, count));

    private static string MessageOf(string query, ParserOptions options) =>
        Assert.Throws<ParseException>(() => QueryParser.Parse(query, options)).Message;
}
