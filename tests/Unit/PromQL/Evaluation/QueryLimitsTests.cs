using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.PromQL.Evaluation;

/// <summary>Queries that ask for too much end in a clear error, and stop.</summary>
public sealed class QueryLimitsTests
{
    private const string TooManySamples = "query processing would load too many samples into memory in query execution";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("m")]
    [InlineData("m + m")]
    [InlineData("count_over_time(m[10s])")]
    [InlineData("sum_over_time(vector(1)[100y:1ms])")]
    public async Task TooManySamples_IsAnExecutionError(string query)
    {
        var failure = await FailAsync(query, new EngineOptions { MaxSamples = 500 });
        Assert.Equal((QueryFailure.Execution, TooManySamples), (failure.Kind, failure.Message));
    }

    [Theory]
    [InlineData("m * on() group_left m")]
    [InlineData("m + on() m")]
    public async Task CartesianJoin_NamesTheGroup(string query)
    {
        var failure = await FailAsync(query, new EngineOptions());
        Assert.Equal(QueryFailure.Execution, failure.Kind);
        Assert.StartsWith("found duplicate series for the match group {}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("m")]
    [InlineData("count_values(\"value\", m)")]
    [InlineData("sum by (i) (m)")]
    [InlineData("rate(m[20s]) / m")]
    [InlineData("sort(m or m)")]
    public async Task TooMuchMemory_IsAnExecutionErrorThatSaysWhatToDo(string query)
    {
        var failure = await FailAsync(query, new EngineOptions { MaxMemoryBytes = 10_000 });
        Assert.Equal(QueryFailure.Execution, failure.Kind);
        Assert.Contains("needs more than 10000 bytes of memory", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Aggregation_OverManySeries_NeedsNoMemoryPerSeries()
    {
        var source = Source(2000);
        using var engine = new QueryEngine(
            source,
            new EngineOptions { MaxSamples = 1000, MaxMemoryBytes = 1_000_000 },
            TimeProvider.System
        );
        var result = await engine.RangeAsync("sum(rate(m[20s]))", 0, 300_000, 1_000, QueryOptions.Default, Token);
        Assert.Single(result.Series);
        Assert.InRange(result.Statistics.PeakSamples, 1, 301);
    }

    [Theory]
    [InlineData(
        0,
        11_001_000,
        1000,
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
    )]
    [InlineData(0, 10, 0, "zero or negative query resolution step widths are not accepted. Try a positive integer")]
    [InlineData(10, 0, 1, "end timestamp must not be before start time")]
    public async Task Range_OutOfBounds_IsBadData(long startMs, long endMs, long stepMs, string message)
    {
        using var engine = new QueryEngine(Source(1), new EngineOptions(), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync("m", startMs, endMs, stepMs, QueryOptions.Default, Token)
        );
        Assert.Equal((QueryFailure.BadData, message), (failure.Kind, failure.Message));
    }

    [Fact]
    public async Task Range_OfAMatrix_IsBadData()
    {
        using var engine = new QueryEngine(Source(1), new EngineOptions(), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync("m[5m]", 0, 10, 1, QueryOptions.Default, Token)
        );
        Assert.Equal(
            "invalid expression type \"range vector\" for range query, must be Scalar or instant Vector",
            failure.Message
        );
    }

    [Fact]
    public async Task Timeout_WhileReading_SaysSo()
    {
        var source = Source(1);
        var time = new ManualTime(0);
        source.BeforeAnswer = stop =>
        {
            time.Advance(TimeSpan.FromSeconds(2));
            return Task.Delay(Timeout.Infinite, stop);
        };
        using var engine = new QueryEngine(source, new EngineOptions(), time);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.InstantAsync("m", 0, new QueryOptions { Timeout = TimeSpan.FromSeconds(1) }, Token)
        );
        Assert.Equal(QueryFailure.Timeout, failure.Kind);
        Assert.Equal("query timed out in expression evaluation", failure.Message);
        Assert.Equal(0, engine.Running);
    }

    [Fact]
    public async Task Timeout_WhileOthersRun_SaysThatItWaited()
    {
        var source = Source(1);
        var gate = new TaskCompletionSource();
        source.BeforeAnswer = _ => gate.Task;
        using var engine = new QueryEngine(source, new EngineOptions { MaxConcurrency = 1 }, TimeProvider.System);
        var first = engine.InstantAsync("m", 0, QueryOptions.Default, Token);
        var options = new QueryOptions { Timeout = TimeSpan.FromMilliseconds(1) };
        var failure = await Assert.ThrowsAsync<QueryException>(() => engine.InstantAsync("m", 0, options, Token));
        Assert.Equal("query timed out in query queue", failure.Message);
        gate.SetResult();
        Assert.Single((await first).Series);
    }

    [Fact]
    public async Task Cancellation_EndsTheQuery()
    {
        using var stop = new CancellationTokenSource();
        var source = Source(1);
        source.BeforeAnswer = async token =>
        {
            await stop.CancelAsync();
            token.ThrowIfCancellationRequested();
        };
        using var engine = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.InstantAsync("m", 0, QueryOptions.Default, stop.Token)
        );
        Assert.Equal(QueryFailure.Canceled, failure.Kind);
    }

    [Theory]
    [InlineData("m + m * m", 1)]
    [InlineData("rate(m[20s]) / m", 1)]
    [InlineData("m / m offset 1m", 1)]
    [InlineData("m / m offset 1d", 2)]
    [InlineData("m{i=\"1\"} / m", 2)]
    [InlineData("1 + 1", 0)]
    public async Task EachSelection_IsReadOnce(string query, int selections)
    {
        var source = Source(3);
        using var engine = new QueryEngine(source, new EngineOptions(), TimeProvider.System);
        await engine.InstantAsync(query, 100_000, QueryOptions.Default, Token);
        Assert.Equal(selections, source.Selections);
    }

    [Fact]
    public async Task Limit_CutsTheAnswerWithAWarning()
    {
        using var engine = new QueryEngine(Source(5), new EngineOptions(), TimeProvider.System);
        var result = await engine.InstantAsync("m", 100_000, new QueryOptions { Limit = 2 }, Token);
        Assert.Equal(2, result.Series.Count);
        Assert.Equal(["results truncated due to limit"], result.Warnings);
    }

    [Fact]
    public async Task Statistics_CountWhatIsLookedAt()
    {
        var engineOptions = new EngineOptions { Features = QueryFeatures.PerStepStatistics };
        using var engine = new QueryEngine(Source(2), engineOptions, TimeProvider.System);
        var options = new QueryOptions { PerStepStatistics = true };
        var result = await engine.RangeAsync("sum(rate(m[20s]))", 50_000, 70_000, 10_000, options, Token);
        Assert.Equal(12, result.Statistics.TotalQueryableSamples);
        Assert.Equal([4, 4, 4], result.Statistics.TotalQueryableSamplesPerStep);
    }

    /// <summary>Series <c>m{i}</c> with a sample every ten seconds for five minutes, with different values each.</summary>
    private static MemorySource Source(int series)
    {
        var source = new MemorySource();
        for (var i = 0; i < series; i++)
        {
            var labels = LabelSet.Of(LabelSet.MetricNameLabel, "m", "i", $"{i}");
            for (var time = 0; time <= 300_000; time += 10_000)
            {
                source.Add(labels, time, (i * 1000) + (time / 1000));
            }
        }
        return source;
    }

    private static async Task<QueryException> FailAsync(string query, EngineOptions options)
    {
        using var engine = new QueryEngine(Source(40), options, TimeProvider.System);
        return await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync(query, 0, 300_000, 10_000, QueryOptions.Default, Token)
        );
    }
}
