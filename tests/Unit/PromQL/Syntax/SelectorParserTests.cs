using Tributary.Model;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Syntax;

public sealed class SelectorParserTests
{
    [Theory]
    [InlineData("up", "{__name__=\"up\"}")]
    [InlineData("job:up:sum", "{__name__=\"job:up:sum\"}")]
    [InlineData(":up", "{__name__=\":up\"}")]
    [InlineData(" up { } ", "{__name__=\"up\"}")]
    [InlineData("up{job=\"a\",}", "{__name__=\"up\", job=\"a\"}")]
    [InlineData("{job=\"a\", job!=\"b\", x=~\"c.*\", x!~'d'}", "{job=\"a\", job!=\"b\", x=~\"c.*\", x!~\"d\"}")]
    [InlineData("{\"metric.name\"}", "{__name__=\"metric.name\"}")]
    [InlineData("{\"metric.name\", \"label.x\"=\"v\"}", "{__name__=\"metric.name\", \"label.x\"=\"v\"}")]
    [InlineData("{'a b'=~`x+`, y=\"\"}", "{\"a b\"=~\"x+\", y=\"\"}")]
    [InlineData(
        "{by=\"a\", on='b', sum=`c`, offset=\"d\", inf=\"e\"}",
        "{by=\"a\", on=\"b\", sum=\"c\", offset=\"d\", inf=\"e\"}"
    )]
    [InlineData("sum{a=\"b\"}", "{__name__=\"sum\", a=\"b\"}")]
    [InlineData("BY", "{__name__=\"BY\"}")]
    [InlineData("fill", "{__name__=\"fill\"}")]
    [InlineData("start", "{__name__=\"start\"}")]
    [InlineData("or", "{__name__=\"or\"}")]
    [InlineData("up # a comment {\n{ # another }\na=\"b\" # \"\r}", "{__name__=\"up\", a=\"b\"}")]
    [InlineData("{a=\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"}", "{a=\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"}")]
    [InlineData("{a='\\''}", "{a=\"'\"}")]
    [InlineData("{a=\"\\x41\\102\\u00e9\\U0001F600\"}", "{a=\"ABé😀\"}")]
    [InlineData("{a=\"\\xc3\\xa9\\303\\251\"}", "{a=\"éé\"}")]
    [InlineData("{a=`\\n\"'\n`}", "{a=\"\\\\n\\\"'\\n\"}")]
    [InlineData("{a=\"😀é\"}", "{a=\"😀é\"}")]
    public void Parse_ValidSelector_YieldsMatchers(string text, string expected) =>
        Assert.Equal(expected, SelectorParser.Parse(text).ToString());

    [Theory]
    [InlineData("", "unknown position: parse error: unexpected end of input")]
    [InlineData(" ", "1:2: parse error: unexpected end of input")]
    [InlineData("{}", "match[] must contain at least one non-empty matcher")]
    [InlineData("{a=\"\"}", "match[] must contain at least one non-empty matcher")]
    [InlineData("{a!=\"b\", c=~\".*\", d!~\".+\"}", "match[] must contain at least one non-empty matcher")]
    [InlineData("foo{", "1:5: parse error: unexpected end of input inside braces")]
    [InlineData("foo[5m]", "1:4: parse error: unexpected \"[\"")]
    [InlineData("foo offset 5m", "1:5: parse error: unexpected <offset>")]
    [InlineData("foo @ 5", "1:5: parse error: unexpected <op:@>")]
    [InlineData("foo + bar", "1:5: parse error: unexpected <op:+>")]
    [InlineData("foo and bar", "1:5: parse error: unexpected <op:and>")]
    [InlineData("foo bar", "1:5: parse error: unexpected identifier \"bar\"")]
    [InlineData("foo a:b", "1:5: parse error: unexpected metric identifier \"a:b\"")]
    [InlineData("foo sum", "1:5: parse error: unexpected <aggr:sum>")]
    [InlineData("foo end", "1:5: parse error: unexpected \"end\"")]
    [InlineData("rate(foo[5m])", "1:5: parse error: unexpected \"(\"")]
    [InlineData("sum(foo)", "1:4: parse error: unexpected \"(\"")]
    [InlineData("(foo)", "1:1: parse error: unexpected \"(\"")]
    [InlineData("foo)", "1:5: parse error: unexpected right parenthesis ')'")]
    [InlineData("foo]", "1:4: parse error: unexpected right bracket ']'")]
    [InlineData("foo,bar", "1:4: parse error: unexpected \",\"")]
    [InlineData("on", "1:1: parse error: unexpected <on>")]
    [InlineData("NaN", "1:1: parse error: unexpected number \"NaN\"")]
    [InlineData("5", "1:1: parse error: unexpected number \"5\"")]
    [InlineData("0x1F", "1:1: parse error: unexpected number \"0x1F\"")]
    [InlineData("5m", "1:1: parse error: unexpected duration \"5m\"")]
    [InlineData("5q", "1:1: parse error: bad number or duration syntax: \"5\"")]
    [InlineData("\"foo\"", "1:1: parse error: unexpected string \"\\\"foo\\\"\"")]
    [InlineData("\"a long string\"", "1:1: parse error: unexpected string \"\\\"a long st\"...")]
    [InlineData("foo{}{}", "1:6: parse error: unexpected \"{\"")]
    [InlineData("{a}", "1:3: parse error: unexpected \"}\" in label matching, expected label matching operator")]
    [InlineData(
        "{a b}",
        "1:4: parse error: unexpected identifier \"b\" in label matching, expected label matching operator"
    )]
    [InlineData("{a=b}", "1:4: parse error: unexpected identifier \"b\" in label matching, expected string")]
    [InlineData(
        "{a=\"b\" c=\"d\"}",
        "1:8: parse error: unexpected identifier \"c\" in label matching, expected \",\" or \"}\""
    )]
    [InlineData(
        "{\"a\" \"b\"}",
        "1:6: parse error: unexpected string \"\\\"b\\\"\" in label matching, expected \",\" or \"}\""
    )]
    [InlineData("{,}", "1:2: parse error: unexpected \",\" in label matching, expected identifier or \"}\"")]
    [InlineData("{a=\"b\",,}", "1:8: parse error: unexpected \",\" in label matching, expected identifier or \"}\"")]
    [InlineData("{=\"b\"}", "1:2: parse error: unexpected \"=\" in label matching, expected identifier or \"}\"")]
    [InlineData("{a==\"b\"}", "1:4: parse error: unexpected \"=\" in label matching, expected string")]
    [InlineData("{a=~~\"b\"}", "1:5: parse error: unexpected character inside braces: '~'")]
    [InlineData("{a!\"b\"}", "1:3: parse error: unexpected character after '!' inside braces: '\"'")]
    [InlineData("{a!", "1:3: parse error: unexpected character after '!' inside braces: '\ufffd'")]
    [InlineData("{{", "1:2: parse error: unexpected left brace '{'")]
    [InlineData("{5}", "1:2: parse error: unexpected character inside braces: '5'")]
    [InlineData("foo=~\"x\"", "1:4: parse error: unexpected character after '=': '~'")]
    [InlineData("foo!~\"x\"", "1:4: parse error: unexpected character after '!': '~'")]
    [InlineData("fooé", "1:4: parse error: unexpected character: 'é'")]
    [InlineData("{\"é\"=é}", "1:7: parse error: unexpected character inside braces: 'é'")]
    [InlineData(
        "{a=\"1\",\n  b}",
        "2:4: parse error: unexpected \"}\" in label matching, expected label matching operator"
    )]
    [InlineData("{a=\"b", "1:4: parse error: unterminated quoted string")]
    [InlineData("{a=\"b\n\"}", "1:4: parse error: unterminated quoted string")]
    [InlineData("{a=`b", "1:4: parse error: unterminated raw string")]
    [InlineData("{a=\"\\", "1:4: parse error: escape sequence not terminated")]
    [InlineData("{a=\"\\x4", "1:4: parse error: escape sequence not terminated")]
    [InlineData("{a=\"\\q\"}", "1:4: parse error: unknown escape sequence U+0071 'q'")]
    [InlineData("{a=\"\\'\"}", "1:4: parse error: unknown escape sequence U+0027 '''")]
    [InlineData("{a=\"\\xg0\"}", "1:4: parse error: illegal character U+0067 'g' in escape sequence")]
    [InlineData("{a=\"\\08\"}", "1:4: parse error: illegal character U+0038 '8' in escape sequence")]
    [InlineData("{a=\"\\400\"}", "1:4: parse error: escape sequence is an invalid Unicode code point")]
    [InlineData("{a=\"\\ud800\"}", "1:4: parse error: escape sequence is an invalid Unicode code point")]
    [InlineData("{a=\"\\UFFFFFFFF\"}", "1:4: parse error: escape sequence is an invalid Unicode code point")]
    [InlineData("{a=\"\\xff\"}", "1:4: parse error: the escapes in the string do not spell valid UTF-8")]
    [InlineData("{a=\"\ufffd\"}", "1:4: parse error: invalid UTF-8 rune")]
    [InlineData("foo{__name__=\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\"")]
    [InlineData("foo{\"bar\"}", "1:1: parse error: metric name must not be set twice: \"foo\" or \"bar\"")]
    public void Parse_BrokenSelector_SaysWhereAndWhy(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ParseException>(() => SelectorParser.Parse(text)).Message);

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData(" { } ", "{}")]
    [InlineData("{a=\"\"}", "{a=\"\"}")]
    [InlineData("foo{__name__=\"bar\"}", "{__name__=\"foo\", __name__=\"bar\"}")]
    [InlineData("{\"foo\", \"bar\"}", "{__name__=\"foo\", __name__=\"bar\"}")]
    public void ParseAny_SelectorOfAnything_YieldsMatchers(string text, string expected) =>
        Assert.Equal(expected, SelectorParser.ParseAny(text).ToString());

    [Theory]
    [InlineData("", "unknown position: parse error: unexpected end of input")]
    [InlineData("foo[5m]", "1:4: parse error: unexpected \"[\"")]
    [InlineData("{,}", "1:2: parse error: unexpected \",\" in label matching, expected identifier or \"}\"")]
    public void ParseAny_BrokenSelector_SaysWhereAndWhy(string text, string message) =>
        Assert.Equal(message, Assert.Throws<ParseException>(() => SelectorParser.ParseAny(text)).Message);

    [Theory]
    [InlineData("{a=\"\ud800\"}", 4)]
    [InlineData("{\ud83d}", 2)]
    public void Parse_HalfASurrogatePair_IsAnError(string text, int column)
    {
        var exception = Assert.Throws<ParseException>(() => SelectorParser.Parse(text));
        Assert.Equal((1, column), (exception.Line, exception.Column));
    }

    [Fact]
    public void Parse_BrokenRegularExpression_PointsAtTheMatcher()
    {
        var exception = Assert.Throws<ParseException>(() => SelectorParser.Parse("{a=\"b\",\nc=~\"(\"}"));
        Assert.Equal((2, 1), (exception.Line, exception.Column));
        Assert.NotNull(exception.InnerException);
    }

    [Fact]
    public void Parse_TooLongOrTooManyMatchers_IsAnError()
    {
        var longest = "{a=\"" + new string('x', SelectorParser.MaxLength - 6) + "\"}";
        Assert.Single(SelectorParser.Parse(longest).Matchers);
        Assert.Throws<ParseException>(() => SelectorParser.Parse(longest + " "));
        var most = string.Concat(Enumerable.Repeat("a=\"b\",", SelectorParser.MaxMatchers));
        Assert.Equal(SelectorParser.MaxMatchers, SelectorParser.Parse("{" + most + "}").Matchers.Count);
        Assert.Throws<ParseException>(() => SelectorParser.Parse("{" + most + "a=\"b\"}"));
    }

    [Theory]
    [InlineData("{a=\"x\"}", true)]
    [InlineData("{a!=\"x\", b=\"y\"}", false)]
    [InlineData("{b=\"y\", missing=\"\"}", true)]
    [InlineData("{b=\"y\", missing!=\"\"}", false)]
    [InlineData("{b=\"y\", missing=~\"z|\"}", true)]
    [InlineData("{b=\"y\", missing!~\".+\"}", true)]
    [InlineData("{a=~\"x|y\", b=~\".+\"}", true)]
    [InlineData("{a=~\"x.\"}", false)]
    [InlineData("{c=~\"1.2\"}", true)]
    [InlineData("m", true)]
    [InlineData("mm", false)]
    [InlineData("{__name__=~\"m+\"}", true)]
    public void Matches_Series_TakesAMissingLabelAsEmpty(string selector, bool matches) =>
        Assert.Equal(
            matches,
            SelectorParser.Parse(selector).Matches(LabelSet.Of("__name__", "m", "a", "x", "b", "y", "c", "1\n2"))
        );

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Parse_MutatedSelectors_ThrowOnlyParseExceptions(int seed)
    {
        string[] seeds =
        [
            "up{job=\"node\", instance!~'a.*b|c', \"x.y\"=`raw`} # end",
            "{\"metric.name\", a=\"\\x41\\u00e9\\U0001F600\\101\", b=~\"(a|b)[c-d]+\"}",
            "sum{by=\"\", on=~\"😀.+\",}",
        ];
        var parsed = 0;
        Mutations
            .Of(seeds, "{}[]()=!~\"'`\\,#@:\n\0\ud800xuU0\u00e9", 3000, seed)
            .ForEach(text =>
            {
                try
                {
                    SelectorParser.Parse(text);
                    parsed++;
                }
                catch (ParseException exception)
                {
                    Assert.NotEmpty(exception.Message);
                }
            });
        Assert.InRange(parsed, 1, 2999);
    }
}
