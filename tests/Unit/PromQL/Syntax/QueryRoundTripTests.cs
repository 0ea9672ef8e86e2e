using Tributary.PromQL.Syntax;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.PromQL.Syntax;

/// <summary>Printing and parsing again is the identity.</summary>
public sealed class QueryRoundTripTests
{
    private const int AtScaleOne = 20_000;

    [Fact]
    public void Print_AnyExpression_ParsesToAnEqualOne()
    {
        for (var seed = 1; seed <= SimulationSeeds.Scaled(AtScaleOne, Environment.GetEnvironmentVariable); seed++)
        {
            var expressions = new RandomExpressions(
                new Random(seed),
                new RandomExpressionOptions { IsOdd = seed % 4 > 0, MaxDepth = 1 + (seed % 6) }
            );
            var type = (ExpressionType)(1 + (seed % 4));
            var expression = expressions.Next(type);
            AssertSurvives(seed, expression, expression.ToString());
            AssertSurvives(seed, expression, ExpressionFormatter.Format(expression));
        }
    }

    [Fact]
    public void Next_SameSeed_MakesTheSameExpression()
    {
        var options = new RandomExpressionOptions();
        var first = new RandomExpressions(new Random(7), options).Next(ExpressionType.Vector);
        var second = new RandomExpressions(new Random(7), options).Next(ExpressionType.Vector);
        Assert.Equal(first, second);
        Assert.Equal(first.GetHashCode(), second.GetHashCode());
    }

    private static void AssertSurvives(int seed, Expression expression, string text)
    {
        try
        {
            var again = QueryParser.Parse(text, ParserOptions.All);
            Assert.True(expression.Equals(again), $"seed {seed}: {text}\nbecame {again}");
        }
        catch (ParseException exception)
        {
            Assert.Fail($"seed {seed}: {text}\n{exception.Message}");
        }
    }
}
