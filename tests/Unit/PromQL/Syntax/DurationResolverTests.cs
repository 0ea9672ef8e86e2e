using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Syntax;

public sealed class DurationResolverTests
{
    [Theory]
    [InlineData("5m", 300_000)]
    [InlineData("1.0009", 1_000)]
    [InlineData("(1 + 2) * 3s", 9_000)]
    [InlineData("2 ^ 3 ^ 2", 512_000)]
    [InlineData("-2 ^ 2 + 10", 6_000)]
    [InlineData("1h % 7m", 240_000)]
    [InlineData("7 / 2", 3_500)]
    [InlineData("step() * 3", 45_000)]
    [InlineData("range()", 600_000)]
    [InlineData("max_of(step(), 1m) - min_of(step(), 1m)", 45_000)]
    public void ResolvePositive_AnyDuration_IsComputed(string duration, long milliseconds)
    {
        var query = $"a[{duration}]";
        var matrix = Assert.IsType<MatrixSelector>(QueryParser.Parse(query, ParserOptions.All));
        Assert.Equal(milliseconds, new DurationResolver(query, 15_000, 600_000).ResolvePositive(matrix.Range));
    }

    [Theory]
    [InlineData("a", 0)]
    [InlineData("a offset 5m", 300_000)]
    [InlineData("a offset -5m", -300_000)]
    [InlineData("a offset -step()", -15_000)]
    [InlineData("a offset (1m - 2m)", -60_000)]
    public void ResolveOffset_AnyOffset_IsComputed(string query, long milliseconds)
    {
        var selector = Assert.IsType<SelectorExpression>(QueryParser.Parse(query, ParserOptions.All));
        Assert.Equal(milliseconds, new DurationResolver(query, 15_000, 0).ResolveOffset(selector.Offset));
    }

    [Theory]
    [InlineData("é[1m - 2m]", "3:10: duration must be greater than 0")]
    [InlineData("a[step() - 15]", "2:13: duration must be greater than 0")]
    [InlineData("a[5m / (step() - 15)]", "2:20: division by zero")]
    [InlineData("a[5m % (step() - 15)]", "2:20: modulo by zero")]
    [InlineData("a[0 ^ -1]", "2:8: duration is NaN or infinite")]
    [InlineData("a[300 ^ 300]", "2:11: duration is NaN or infinite")]
    [InlineData("a[1000y * 1000]", "1:3: parse error: duration out of range")]
    [InlineData("a[100y * 100]", "2:12: duration is out of range")]
    [InlineData("a[(1 - 1)]", "3:8: duration must be greater than 0")]
    public void ResolvePositive_NoDuration_IsAnError(string query, string message)
    {
        query = query.Replace("é", "{'é'}", StringComparison.Ordinal);
        var exception = Assert.Throws<ParseException>(() =>
        {
            var matrix = (MatrixSelector)QueryParser.Parse(query, ParserOptions.All);
            new DurationResolver(query, 15_000, 0).ResolvePositive(matrix.Range);
        });
        Assert.Equal(message.Replace("3:10", "7:14", StringComparison.Ordinal), exception.Message);
    }
}
