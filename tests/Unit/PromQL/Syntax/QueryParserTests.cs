using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Syntax;

public sealed class QueryParserTests
{
    [Theory]
    [InlineData("1", "1")]
    [InlineData("1_000.5", "1000.5")]
    [InlineData("0x1F", "31")]
    [InlineData("0x_ff", "255")]
    [InlineData("017", "15")]
    [InlineData("09", "9")]
    [InlineData("0_7", "7")]
    [InlineData(".5e-3", "0.0005")]
    [InlineData("1e23", "100000000000000000000000")]
    [InlineData("5e-7", "0.0000005")]
    [InlineData("iNf", "+Inf")]
    [InlineData("-INF", "-Inf")]
    [InlineData("nAn", "NaN")]
    [InlineData("- +2", "-2")]
    [InlineData("1h30m", "1h30m")]
    [InlineData("-90d", "-90d")]
    [InlineData("14d", "2w")]
    [InlineData("1500ms", "1s500ms")]
    [InlineData("5m * 2", "5m * 2")]
    [InlineData("'a\\'b' # comment", "\"a'b\"")]
    [InlineData("`a\\b`", "\"a\\\\b\"")]
    [InlineData("a + b * c ^ d ^ e", "a + b * c ^ d ^ e")]
    [InlineData("a-b-c", "a - b - c")]
    [InlineData("-a ^ b", "-a ^ b")]
    [InlineData("--a", "--a")]
    [InlineData("a == bool 1", "a == bool 1")]
    [InlineData("a </ 1 >/ 2", "a </ 1 >/ 2")]
    [InlineData("a ATAN2 b", "a atan2 b")]
    [InlineData("a AND b UnLess c or d", "a and b unless c or d")]
    [InlineData("a + on() b", "a + on () b")]
    [InlineData("a + ignoring() b", "a + b")]
    [InlineData("a / ON (x,) GROUP_LEFT b", "a / on (x) group_left () b")]
    [InlineData("a / ignoring(x) group_right(y, 'z z') b", "a / ignoring (x) group_right (y, \"z z\") b")]
    [InlineData("a + fill(0x10) b", "a + fill (16) b")]
    [InlineData(
        "a + on(x) group_left fill_right(-1) fill_left(5m) b",
        "a + on (x) group_left () fill_left (300) fill_right (-1) b"
    )]
    [InlineData("a + fill(1e21) b", "a + fill (1e+21) b")]
    [InlineData("fill + fill_left", "fill + fill_left")]
    [InlineData("sum by (a) (b)", "sum by (a) (b)")]
    [InlineData("SUM(b) BY (a, on, 'without', a:b)", "sum by (a, on, \"without\", \"a:b\") (b)")]
    [InlineData("sum without() (b)", "sum without () (b)")]
    [InlineData("sum by () (b)", "sum(b)")]
    [InlineData("topk by (x) (3, b)", "topk by (x) (3, b)")]
    [InlineData("count_values('v', b)", "count_values(\"v\", b)")]
    [InlineData("limit_ratio(-0.5, b)", "limit_ratio(-0.5, b)")]
    [InlineData("sum", "sum")]
    [InlineData("by offset 5m", "by offset 5m")]
    [InlineData("start + end{a='b'}", "start + end{a=\"b\"}")]
    [InlineData("start() + step()", "start() + step()")]
    [InlineData("max_of(1, 2)", "max_of(1, 2)")]
    [InlineData("{'a.b', 'c d'='e'}", "{\"c d\"=\"e\",__name__=\"a.b\"}")]
    [InlineData("a{z='1',b=~'2'}", "a{b=~\"2\",z=\"1\"}")]
    [InlineData("a[5m] offset -1d @ 1.5", "a[5m] @ 1.500 offset -1d")]
    [InlineData("a @ start() offset 5", "a @ start() offset 5s")]
    [InlineData("a @ -1m", "a @ -60.000")]
    [InlineData("a offset 0s", "a")]
    [InlineData("a[0.5]", "a[500ms]")]
    [InlineData("a[5m] smoothed", "a[5m] smoothed")]
    [InlineData("a anchored [5m]", "a[5m] anchored")]
    [InlineData("sum(a)[1h:] offset 5m", "sum(a)[1h:] offset 5m")]
    [InlineData("a[1h:5m] @ end()", "a[1h:5m] @ end()")]
    [InlineData("a[step() + 5m*2]", "a[step() + 5m * 2]")]
    [InlineData("a[step():range()]", "a[step():range()]")]
    [InlineData("a[((5m))]", "a[(5m)]")]
    [InlineData("a[MAX_OF(1m, step()):min_of(2, 3)]", "a[max_of(1m, step()):min_of(2, 3)]")]
    [InlineData("a offset -(5m + 1)", "a offset -(5m + 1)")]
    [InlineData("a offset -step() - 1", "a offset -step() - 1")]
    [InlineData("a offset 2 ^ 2", "a offset 2s ^ 2")]
    [InlineData("a offset (2 ^ 2) * 3", "a offset (2 ^ 2) * 3")]
    [InlineData("rate(a[5m])", "rate(a[5m])")]
    [InlineData("label_join(a, 'b', ',')", "label_join(a, \"b\", \",\")")]
    [InlineData("info(a, {})", "info(a, {})")]
    [InlineData("info(a, {b=~'.*'})", "info(a, {b=~\".*\"})")]
    [InlineData("hour()", "hour()")]
    public void Parse_ValidQuery_IsUnderstood(string query, string printed) =>
        Assert.Equal(printed, QueryParser.Parse(query, ParserOptions.All).ToString());

    [Theory]
    [InlineData("a offset 2 ^ 2", typeof(BinaryExpression))]
    [InlineData("a offset (2 ^ 2) * 3", typeof(SelectorExpression))]
    [InlineData("-a * b", typeof(BinaryExpression))]
    [InlineData("-a ^ b", typeof(UnaryExpression))]
    [InlineData("-1 ^ 2", typeof(UnaryExpression))]
    [InlineData("-1", typeof(NumberLiteral))]
    public void Parse_Precedence_DecidesTheOutermost(string query, Type outermost) =>
        Assert.IsType(outermost, QueryParser.Parse(query, ParserOptions.All));

    [Theory]
    [InlineData("up", 0, 2)]
    [InlineData(" up{a='b'} offset 5m # x", 1, 20)]
    [InlineData("sum(up) by (x) ", 0, 14)]
    [InlineData("sum by (x) (up) ", 0, 15)]
    [InlineData("- 1", 0, 3)]
    [InlineData("rate( up[5m] offset 1m )", 0, 24)]
    [InlineData("a + (b)", 0, 7)]
    [InlineData("a[5m:1m] @ end()", 0, 16)]
    public void Parse_Position_IsThePieceOfTheQuery(string query, int start, int end) =>
        Assert.Equal(new PositionRange(start, end), QueryParser.Parse(query, ParserOptions.All).Position);

    [Fact]
    public void LineAndColumn_CountsBytesFromTheLine() =>
        Assert.Equal("2:8", new PositionRange(10, 11).LineAndColumn("1 +\n{'é'} + b"));

    [Theory]
    [InlineData("a + 1", "a + 2")]
    [InlineData("a + b", "b + a")]
    [InlineData("a and on (x) b", "a and on (y) b")]
    [InlineData("a", "a offset 1m")]
    [InlineData("a @ 1", "a @ 2")]
    [InlineData("a[5m]", "a[6m]")]
    [InlineData("a[5m:]", "a[5m:1m]")]
    [InlineData("a[step()]", "a[range()]")]
    [InlineData("a[5m + 1]", "a[5m + 2]")]
    [InlineData("sum by (x) (a)", "sum without (x) (a)")]
    [InlineData("topk(1, a)", "topk(2, a)")]
    [InlineData("rate(a[5m])", "increase(a[5m])")]
    [InlineData("a + fill(1) b", "a + fill_left(1) b")]
    [InlineData("a > 1", "a > bool 1")]
    [InlineData("'a'", "'b'")]
    [InlineData("(a)", "a")]
    public void Equals_OtherStructure_IsFalse(string one, string other) =>
        Assert.NotEqual(QueryParser.Parse(one, ParserOptions.All), QueryParser.Parse(other, ParserOptions.All));

    [Fact]
    public void Equals_OtherSpaces_IsTrue()
    {
        var one = QueryParser.Parse("sum(rate(a{b='c'}[5m]))by(d)", ParserOptions.All);
        var other = QueryParser.Parse(" sum by ( d ) ( rate(a{b=\"c\"}[300]) )", ParserOptions.All);
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
    }
}
