using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Syntax;

public sealed class ExpressionFormatterTests
{
    private const string Long =
        "a_metric_with_a_long_name_that_takes_much_of_a_line{with_a_label=\"and a value of it\"}";

    [Theory]
    [InlineData("sum(a)by(b)", "sum by (b) (a)")]
    [InlineData($"sum(rate({Long}[5m]))by(job)", $"sum by (job) (\n  rate({Long}[5m])\n)")]
    [InlineData($"topk(3,{Long}+{Long})", $"topk(\n  3,\n    {Long}\n  +\n    {Long}\n)")]
    [InlineData($"-({Long}-on(a)group_left {Long})", $"-(\n    {Long}\n  - on (a) group_left ()\n    {Long}\n)")]
    [InlineData(
        $"label_replace({Long},'a','b','c','d')",
        $"label_replace(\n  {Long},\n  \"a\",\n  \"b\",\n  \"c\",\n  \"d\"\n)"
    )]
    [InlineData(
        $"max_over_time(({Long}>{Long})[5m:1m]offset 1h)",
        $"max_over_time(\n  (\n      {Long}\n    >\n      {Long}\n  )[5m:1m] offset 1h\n)"
    )]
    [InlineData($"avg_over_time({Long}[5m:1m])", $"avg_over_time(\n{Long}[5m:1m]\n)")]
    public void Format_LongParts_AreBrokenUp(string query, string expected) =>
        Assert.Equal(expected, ExpressionFormatter.Format(QueryParser.Parse(query, ParserOptions.Stable)));
}
