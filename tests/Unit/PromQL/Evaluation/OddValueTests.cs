using Tributary.Model;
using Tributary.PromQL.Evaluation;

namespace Tributary.Tests.Unit.PromQL.Evaluation;

/// <summary>What queries say at the edges of functions, as Prometheus does.</summary>
public sealed class OddValueTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("clamp_min(undefined, Inf)", double.PositiveInfinity)]
    [InlineData("clamp_max(undefined, -Inf)", double.NegativeInfinity)]
    [InlineData("clamp_max(least, NaN)", double.NegativeInfinity)]
    [InlineData("clamp(undefined, Inf, Inf)", double.PositiveInfinity)]
    [InlineData("clamp_min(undefined, 1)", double.NaN)]
    [InlineData("clamp_max(one, NaN)", double.NaN)]
    [InlineData("clamp(one, 2, 3)", 2)]
    public async Task Value_OfAFunctionOfOne_IsThatOfPrometheus(string query, double expected)
    {
        var found = Assert.Single(await AskAsync(query));
        Assert.Equal(expected, found.Values.Span[0]);
    }

    /// <summary>Several metrics have the same labels but for their names.</summary>
    [Theory]
    [InlineData("absent_over_time({__name__=~\"one|undefined\"}[1m])", 0)]
    [InlineData("absent_over_time(({__name__=~\"one|undefined\"})[1m:1s])", 0)]
    [InlineData("absent_over_time({__name__=~\"one|undefined\"}[1m] offset 1h)", 1)]
    public async Task AbsentOverTime_OfSeveralMetrics_IsNoError(string query, int expected) =>
        Assert.Equal(expected, (await AskAsync(query)).Count);

    private static async Task<IReadOnlyList<ResultSeries>> AskAsync(string query)
    {
        var source = new MemorySource();
        source.Add(LabelSet.Of("__name__", "one"), 1000, 1);
        source.Add(LabelSet.Of("__name__", "undefined"), 1000, double.NaN);
        source.Add(LabelSet.Of("__name__", "least"), 1000, double.NegativeInfinity);
        using var engine = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        return (await engine.InstantAsync(query, 1000, QueryOptions.Default, Token)).Series;
    }
}
