using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;
using Tributary.PromQL.Values;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.PromQL.Evaluation;

/// <summary>Random expressions over random series: what has to be the same, however it is evaluated.</summary>
public sealed class RandomQueryTests
{
    private const int AtScaleOne = 1000;
    private const long StepMs = 45_000;
    private const long StartMs = 600_000;

    /// <summary>These are other times in an instant query.</summary>
    private static readonly List<string> OfTheQuery = ["start()", "end()", "step()", "range()"];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RangeQuery_EqualsInstantQueriesAtItsSteps()
    {
        // The choice among equal values goes by the order of series, which depends on which series there are at all.
        var options = new RandomExpressionOptions
        {
            Durations = [15_000, 60_000, 90_000, 300_000],
            Times = [StartMs, StartMs + 100_000, 0],
            Functions = function => function.Name is not ("start" or "end" or "step" or "range"),
            Aggregations = item =>
                item is not (AggregateOperator.TopK or AggregateOperator.BottomK or AggregateOperator.LimitK),
        };
        var (total, compared) = (SimulationSeeds.Scaled(AtScaleOne, Environment.GetEnvironmentVariable), 0);
        for (var seed = 1; seed <= total; seed++)
        {
            var query = QueryOf(seed, options, text => !OfTheQuery.Exists(text.Contains));
            using var engine = EngineOf(SourceOf(seed, 24), QueryFeatures.All);
            if (await AnswerAsync(engine, query, 6) is not { } range)
            {
                continue;
            }
            compared++;
            for (var step = 0; step < range.Grid.Count; step++)
            {
                var instant = await engine.InstantAsync(query, range.Grid.At(step), QueryOptions.Default, Token);
                AssertSame(Vector(range, step), Vector(instant, 0), $"seed {seed}, step {step}: {query}");
            }
        }
        Assert.InRange(compared, total / 4, total);
    }

    [Fact]
    public async Task Answer_DoesNotDependOnThreads()
    {
        var options = new RandomExpressionOptions
        {
            Durations = [15_000, 60_000, 90_000, 300_000],
            Times = [StartMs, StartMs + 100_000, 0],
        };
        var total = SimulationSeeds.Scaled(AtScaleOne / 4, Environment.GetEnvironmentVariable);
        for (var seed = 1; seed <= total; seed++)
        {
            var query = QueryOf(seed, options, _ => true);
            var source = SourceOf(seed, 150);
            var answers = new List<string>();
            foreach (var threads in (int[])[1, 4])
            {
                using var engine = EngineOf(source, QueryFeatures.All, threads);
                answers.Add(await TextAsync(engine, query));
            }
            Assert.True(
                string.Equals(answers[0], answers[1], StringComparison.Ordinal),
                $"seed {seed}: {query}\n{answers[0]}\n{answers[1]}"
            );
        }
    }

    private static string QueryOf(int seed, RandomExpressionOptions options, Func<string, bool> isWanted)
    {
        for (var attempt = 0; ; attempt++)
        {
            var random = new Random((seed * 1000) + attempt);
            var query = new RandomExpressions(random, options with { MaxDepth = 2 + (seed % 3) }).Next().ToString();
            if (isWanted(query))
            {
                return query;
            }
        }
    }

    private static MemorySource SourceOf(int seed, int series)
    {
        var random = new Random(seed);
        var source = new MemorySource();
        var options = new RandomExpressionOptions();
        for (var i = 0; i < series; i++)
        {
            var labels = LabelSet.Of(
                LabelSet.MetricNameLabel,
                options.Metrics[i % options.Metrics.Count],
                "job",
                options.Values[random.Next(options.Values.Count)],
                "instance",
                $"{i / 3}",
                "le",
                random.Next(3) == 0 ? options.Values[random.Next(options.Values.Count)] : ""
            );
            var hasHistograms = random.Next(8) == 0;
            var value = random.Next(100) / 4.0;
            for (var time = (long)random.Next(30_000); time < 1_000_000; time += 15_000)
            {
                if (random.Next(12) == 0)
                {
                    time += random.Next(200_000);
                }
                value = random.Next(20) == 0 ? 0 : value + (random.Next(8) / 4.0);
                var isStale = random.Next(40) == 0;
                source.Add(
                    labels,
                    time,
                    isStale ? StaleMarker.Value : value,
                    hasHistograms && !isStale ? HistogramOf(value) : null
                );
            }
        }
        return source;
    }

    private static Histogram HistogramOf(double value)
    {
        var count = (ulong)value;
        var layout = HistogramLayout.OfIndexes(0, 0.001, [0, 1], [], []);
        return Histogram.OfIntegers(layout, 3 * count, count, value * 2, [(long)count, (long)count]);
    }

    private static QueryEngine EngineOf(QuerySource source, QueryFeatures features, int threads = 1) =>
        new(source, new EngineOptions { Features = features, Parallelism = threads }, TimeProvider.System);

    /// <summary>The answer at some steps; null when the query has none.</summary>
    private static async Task<QueryResult?> AnswerAsync(QueryEngine engine, string query, int steps)
    {
        try
        {
            var endMs = StartMs + ((steps - 1) * StepMs);
            return await engine.RangeAsync(query, StartMs, endMs, StepMs, QueryOptions.Default, Token);
        }
        catch (Exception e) when (e is ParseException or QueryException { Kind: QueryFailure.Execution })
        {
            // What was computed for a duration may be none: that is a parse error.
            return null;
        }
    }

    private static async Task<string> TextAsync(QueryEngine engine, string query)
    {
        try
        {
            var endMs = StartMs + (130 * 2_000);
            var result = await engine.RangeAsync(query, StartMs, endMs, 2_000, QueryOptions.Default, Token);
            var lines = result.Series.Select(series =>
                $"{series.Labels} {string.Join(' ', series.Values.ToArray().Select(BitConverter.DoubleToInt64Bits))} "
                + string.Join(' ', series.Histograms?.ToArray().Select(Text) ?? [])
            );
            return string.Join('\n', lines.Concat(result.Warnings).Concat(result.Infos));
        }
        catch (Exception e) when (e is ParseException or QueryException)
        {
            return $"{(e as QueryException)?.Kind}: {e.Message}";
        }
    }

    private static Dictionary<LabelSet, (double Value, Histogram? Histogram)> Vector(QueryResult result, int step)
    {
        var vector = new Dictionary<LabelSet, (double Value, Histogram? Histogram)>();
        foreach (var series in result.Series)
        {
            var histogram = series.Histograms?.Span[step];
            if (histogram is not null || !Absent.Is(series.Values.Span[step]))
            {
                vector.Add(series.Labels, (series.Values.Span[step], histogram));
            }
        }
        return vector;
    }

    private static void AssertSame(
        Dictionary<LabelSet, (double Value, Histogram? Histogram)> expected,
        Dictionary<LabelSet, (double Value, Histogram? Histogram)> actual,
        string place
    )
    {
        var missing = expected.Keys.Except(actual.Keys).Concat(actual.Keys.Except(expected.Keys)).ToList();
        Assert.True(missing.Count == 0, $"{place}\nonly in one: {string.Join(", ", missing)}");
        foreach (var (labels, one) in expected)
        {
            var other = actual[labels];
            var isSame =
                one.Histogram is { } left && other.Histogram is { } right
                    ? IsNear(left.Count, right.Count) && IsNear(left.Sum, right.Sum)
                    : one.Histogram is null && other.Histogram is null && IsNear(one.Value, other.Value);
            Assert.True(isSame, $"{place}\n{labels}: {Text(one)} is not {Text(other)}");
        }
    }

    private static string Text((double Value, Histogram? Histogram) value) =>
        value.Histogram is null ? value.Value.ToString("R", null) : Text(value.Histogram);

    private static string Text(Histogram? histogram) => histogram is null ? "" : $"{histogram.Count}/{histogram.Sum}";

    private static bool IsNear(double one, double other) =>
        one.Equals(other)
        || Math.Abs(one - other) <= 1e-9 * Math.Max(1, Math.Min(Math.Abs(one) + Math.Abs(other), double.MaxValue));
}
