using System.Globalization;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.PromQL.Evaluation;

/// <summary>Queries that are made to take too much: each ends in an answer or in an error that says why, within its limits.</summary>
public sealed class HostileQueryTests
{
    private const long StartMs = 600_000;
    private const long EndMs = 900_000;
    private const int Series = 60;

    private static readonly EngineOptions Options = new()
    {
        MaxMemoryBytes = 32L << 20,
        MaxSamples = 2_000_000,
        Timeout = TimeSpan.FromMinutes(2),
        Features = QueryFeatures.All & ~QueryFeatures.DelayedNameRemoval,
        Parallelism = 2,
    };

    private static readonly Lazy<MemorySource> Source = new(() => SourceOf(Series));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Queries with what their error says; an answer where that is empty.</summary>
    public static TheoryData<string, string, string> Queries { get; } =
        new()
        {
            { "parentheses", Nested("(", "m", ")", 10_000), "nested deeper than 500 levels" },
            { "parentheses that are allowed", Nested("(", "m", ")", 400), "" },
            { "functions", Nested("abs(", "m", ")", 490), "" },
            { "deep functions", Nested("abs(", "m", ")", 100_000), "nested deeper than 500 levels" },
            { "signs", new string('-', 100_000) + "1", "nested deeper than 500 levels" },
            { "aggregations", Nested("sum by (i) (", "m", ")", 400), "" },
            { "a chain of sums", string.Join(" + ", Enumerable.Repeat("m", 400)), "" },
            {
                "a long chain of sums",
                string.Join(" + ", Enumerable.Repeat("m", 100_000)),
                "nested deeper than 500 levels"
            },
            {
                "a chain of powers",
                string.Join(" ^ ", Enumerable.Repeat("2", 100_000)),
                "nested deeper than 500 levels"
            },
            { "2 MB", "m" + new string(' ', 2 * 1024 * 1024), "query is longer than 1048576 characters" },
            { "1 MB of one name", new string('m', 1024 * 1024), "" },
            {
                "many labels",
                $"m{{{string.Join(',', Enumerable.Range(0, 5000).Select(i => $"a{i}=\"\""))}}}",
                "512 matchers"
            },
            { "alternation", $"m{{i=~\"{string.Join('|', Enumerable.Range(0, 10_000))}\"}}", "" },
            { "negative alternation", $"m{{i!~\"{string.Join('|', Enumerable.Range(1, 10_000))}\"}}", "" },
            { "backtracking", "m{i=~\"(a+)+(a+)+(a*)*$|(x|x|x)*y|.*.*.*.*.*.*=.*\"}", "" },
            { "repetition of repetition", "m{i=~\"((a{1000}){1000}){1000}\"}", "regex" },
            { "replacement that backtracks", "label_replace(m, \"x\", \"$1\", \"i\", \"(.*)*(.*)*(.*)*\")", "" },
            {
                "a bomb of label_replace",
                Nested("label_replace(", "m", ",\"i\",\"$1$1$1$1\",\"i\",\"(.*)\")", 60),
                "memory"
            },
            { "a bomb of label_join", Nested("label_join(", "m", ",\"i\",\"-\",\"i\",\"i\",\"i\")", 60), "memory" },
            { "many labels from label_replace", Labels(150), "" },
            { "count_values of values that differ", "count_values(\"v\", m * time() * vector(1) or m)", "" },
            { "count_values in count_values", "count_values(\"a\", count_values(\"b\", count_values(\"c\", m)))", "" },
            { "cartesian", "m * on() group_left m", "found duplicate series" },
            { "cartesian with fill", "m * on() group_left fill(0) m", "found duplicate series" },
            { "many-to-many", "m and on() m or on() m unless on() m", "" },
            { "subqueries", Nested("max_over_time(", "m", "[1h:1s])", 10), "" },
            { "subqueries of tiny steps", Nested("max_over_time(", "m", "[1y:1ms])", 3), "too many samples" },
            { "subqueries over years", Nested("sum_over_time(", "m", "[100y:1s])", 3), "too many samples" },
            { "subqueries of scalars", "sum_over_time((vector(time()) + time() + time() + 1)[1900s:1ms])", "memory" },
            { "subquery of a huge range", "rate(m[290y:1h])", "too many samples" },
            { "topk of everything", "topk(1e9, m)", "" },
            { "topk of too much", "topk(1e19, m)", "overflows int64" },
            { "topk of NaN", "topk(NaN, m)", "Parameter value is NaN" },
            { "topk of infinity", "topk(Inf, m)", "overflows int64" },
            { "bottomk of less than nothing", "bottomk(-Inf, m)", "" },
            { "limitk of infinity", "limitk(+Inf, m)", "overflows int64" },
            { "limit_ratio of infinity", "limit_ratio(Inf, m) or limit_ratio(-Inf, m)", "" },
            { "limit_ratio of NaN", "limit_ratio(NaN, m)", "Ratio value is NaN" },
            { "quantile of NaN", "quantile(NaN, m) + quantile(Inf, m) + quantile(-Inf, m)", "" },
            {
                "quantile_over_time over years",
                "quantile_over_time(NaN, m[250y]) or quantile_over_time(0.5, m[250y])",
                ""
            },
            { "round to nothing", "round(m, 0) or round(m, NaN) or round(m, Inf)", "" },
            { "clamp of NaN", "clamp(m, NaN, Inf) or clamp(m, Inf, -Inf)", "" },
            { "predictions", "predict_linear(m[5m], Inf) or predict_linear(m[5m], NaN)", "" },
            { "smoothing", "double_exponential_smoothing(m[5m], 2, 2)", "invalid smoothing factor" },
            { "dates", "year(m * 1e300) + month(m * -Inf) + days_in_month(m * NaN)", "" },
            { "@ in the far past", "m @ -9223372036854775.807", "" },
            { "@ in the far future", "m @ 9223372036854775.807", "" },
            { "@ beyond time", "m @ 1e300", "timestamp" },
            { "@ at no time", "m @ NaN", "timestamp" },
            { "a long offset", "m offset 292y", "" },
            { "a long offset ahead", "rate(m[292y] offset -292y)", "" },
            { "a long offset at a time", "sum_over_time(m[292y] @ -9223372036854775 offset 292y)", "" },
            { "an offset beyond time", "m offset 9999999999y", "duration" },
            { "absent of much", $"absent(m{{i=~\"{string.Join('|', Enumerable.Range(100, 10_000))}\"}})", "" },
            { "absent over years", "absent_over_time(m[290y]) or absent(nothing{a=\"b\"})", "" },
            { "everything", "{__name__=~\".+\"} or {__name__!=\"\"}", "" },
            { "histograms that do not meet", "sum(wide @ 600)", "buckets" },
            { "sums of histograms at many steps", "sum(wide)", "memory" },
            { "rates of histograms", "sum(rate(wide[5m]))", "" },
            { "sums over time of histograms", "avg(sum_over_time(wide[5m] @ 600))", "buckets" },
            { "differences of histograms", "sum(wide @ 600) - on() wide{i=\"0\"}", "buckets" },
            { "counted histograms", "count_values(\"v\", wide * time())", "memory" },
            { "quantiles of histograms", "count(histogram_quantile(0.9, wide)) + count(histogram_stddev(wide))", "" },
            { "many sorts", Nested("sort_desc(", "m", ")", 200), "" },
        };

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task HostileQuery_IsAnswered_OrRefusedForAReason(string name, string query, string reason)
    {
        using var engine = new QueryEngine(Source.Value, Options, TimeProvider.System);
        var problem = await ProblemAsync(() =>
            engine.RangeAsync(query, StartMs, EndMs, 10_000, QueryOptions.Default, Token)
        );
        Assert.True(
            reason.Length == 0 ? problem is null : problem?.Contains(reason, StringComparison.Ordinal) == true,
            $"{name}: {Cut(problem ?? "answered")}"
        );
        Assert.Equal((0, 0L), (engine.Running, engine.MemoryInUse));
        // Another query is as good as ever.
        var normal = await engine.InstantAsync("count(m)", StartMs, QueryOptions.Default, Token);
        Assert.Equal(Series, normal.Series[0].Values.Span[0]);
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public async Task HostileQuery_AtOneMoment_Ends(string name, string query, string reason)
    {
        using var engine = new QueryEngine(Source.Value, Options, TimeProvider.System);
        var problem = await ProblemAsync(() => engine.InstantAsync(query, EndMs, QueryOptions.Default, Token));
        // One moment takes less than many: only what is wrong at any moment has to fail.
        Assert.True(reason.Length > 0 || problem is null, $"{name}: {Cut(problem ?? "")}");
    }

    [Fact]
    public async Task StepsOfAMillisecondOverAYear_AreTooMany()
    {
        using var engine = new QueryEngine(Source.Value, Options, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync("m", 0, 365L * 86_400_000, 1, QueryOptions.Default, Token)
        );
        Assert.Contains("exceeded maximum resolution", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Range_FromEndToEndOfTime_IsRefused()
    {
        using var engine = new QueryEngine(Source.Value, Options, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync("m", long.MinValue, long.MaxValue, 1000, QueryOptions.Default, Token)
        );
        Assert.Equal(QueryFailure.BadData, failure.Kind);
    }

    /// <summary>What takes long looks at the clock: windows, steps of joins, texts.</summary>
    [Theory]
    [InlineData("mad_over_time(long[1d])")]
    [InlineData("quantile_over_time(0.5, long[1d])")]
    [InlineData("deriv(long[1d])")]
    [InlineData("ts_of_max_over_time(long[1d])")]
    public async Task LongWindows_AreLeftWhenTheTimeIsOver(string query)
    {
        using var stop = new CancellationTokenSource();
        var source = new MemorySource();
        var labels = LabelSet.Of(LabelSet.MetricNameLabel, "long");
        var random = new Random(1);
        for (var time = 0; time < 100_000; time++)
        {
            source.Add(labels, time * 10, random.NextDouble());
        }
        // The client goes away when all is read and nothing is computed.
        source.BeforeAnswer = _ => stop.CancelAsync();
        using var engine = new QueryEngine(source, Options, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync(query, 0, 1_000_000, 100, QueryOptions.Default, stop.Token)
        );
        Assert.Equal((QueryFailure.Canceled, 0), (failure.Kind, engine.Running));
    }

    [Fact]
    public async Task QueriesTogether_DoNotHoldMoreThanAllMay()
    {
        var source = SourceOf(50);
        var options = Options with { MaxMemoryBytes = 4L << 20, MaxTotalMemoryBytes = 1L << 20 };
        using var engine = new QueryEngine(source, options, TimeProvider.System);
        var failure = await Assert.ThrowsAsync<QueryException>(() =>
            engine.RangeAsync("m + 1 + m", StartMs, EndMs, 50, QueryOptions.Default, Token)
        );
        Assert.Contains(
            "all queries that run now need more than 1048576 bytes",
            failure.Message,
            StringComparison.Ordinal
        );
        Assert.Equal(0, engine.MemoryInUse);
        Assert.Single((await engine.InstantAsync("sum(m)", StartMs, QueryOptions.Default, Token)).Series);
    }

    [Fact]
    public async Task ManyHostileQueriesAtOnce_LeaveRoomForOthers()
    {
        using var engine = new QueryEngine(Source.Value, Options with { MaxConcurrency = 4 }, TimeProvider.System);
        using var stop = new CancellationTokenSource();
        const string heavy = "count(max_over_time(max_over_time(m[4m:50ms])[4m:50ms]))";
        var hostile = Enumerable
            .Range(0, 3)
            .Select(_ =>
                ProblemAsync(() => engine.RangeAsync(heavy, StartMs, EndMs, 100, QueryOptions.Default, stop.Token))
            )
            .ToList();
        for (var i = 0; i < 5; i++)
        {
            var normal = await engine.InstantAsync("count(m)", StartMs, QueryOptions.Default, Token);
            Assert.Equal(Series, normal.Series[0].Values.Span[0]);
        }
        await stop.CancelAsync();
        await Task.WhenAll(hostile);
        Assert.Equal((0, 0L), (engine.Running, engine.MemoryInUse));
    }

    private static async Task<string?> ProblemAsync(Func<Task<QueryResult>> query)
    {
        try
        {
            await query();
            return null;
        }
        catch (Exception e) when (e is QueryException or ParseException)
        {
            return e.Message;
        }
    }

    private static string Cut(string text) => text.Length > 300 ? text[..300] + "…" : text;

    private static string Nested(string before, string inner, string after, int times) =>
        string.Concat(Enumerable.Repeat(before, times)) + inner + string.Concat(Enumerable.Repeat(after, times));

    private static string Labels(int count)
    {
        var query = "m";
        for (var i = 0; i < count; i++)
        {
            query = string.Create(CultureInfo.InvariantCulture, $"label_replace({query},\"l{i}\",\"v\",\"i\",\".*\")");
        }
        return query;
    }

    /// <summary>Series <c>m{i}</c> for a quarter of an hour; and histograms <c>wide{i}</c>, whose buckets are all others.</summary>
    private static MemorySource SourceOf(int series)
    {
        var source = new MemorySource();
        for (var i = 0; i < series; i++)
        {
            var labels = LabelSet.Of(LabelSet.MetricNameLabel, "m", "i", $"{i}");
            for (var time = 0L; time <= EndMs; time += 10_000)
            {
                source.Add(labels, time, (i * 1000) + (time / 1000));
            }
        }
        for (var i = 0; i < 4; i++)
        {
            const int buckets = 30_000;
            var layout = new HistogramLayout(8, 0, [new BucketSpan(i * buckets, buckets)], [], []);
            var labels = LabelSet.Of(LabelSet.MetricNameLabel, "wide", "i", $"{i}");
            var counts = new double[buckets];
            Array.Fill(counts, 1);
            var histogram = Histogram.OfFloats(layout, buckets, 0, 1, counts);
            for (var time = 0L; time <= EndMs; time += 60_000)
            {
                source.Add(labels, time, StaleMarker.NormalNaN, histogram);
            }
        }
        return source;
    }
}
