using System.Globalization;
using System.Net;
using System.Text.Json;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd;

/// <summary>What Grafana, Kayenta and a Prometheus with <c>remote_read</c> rely on, whatever runs the server.</summary>
public abstract class QueryContract(FederateFixture fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Now => Seconds(fixture.StampMs);

    [Fact]
    public async Task Grafana_SaveAndTest_GetsAScalar()
    {
        using var answer = await PostAsync("query", ("query", "1+1"), ("time", "4"));
        Assert.Equal("""{"resultType":"scalar","result":[4,"2"]}""", Data(answer).GetRawText());
    }

    [Fact]
    public async Task Grafana_RangeQuery_TakesFloatSecondsAsText()
    {
        using var answer = await PostAsync(
            "query_range",
            ("query", "http_requests_total{code=\"500\"}"),
            ("start", Now),
            ("end", Seconds(fixture.StampMs + 1000)),
            ("step", "0.5")
        );
        var values = Assert.Single(Data(answer).GetProperty("result").EnumerateArray()).GetProperty("values");
        Assert.Equal(3, values.GetArrayLength());
        Assert.Equal(fixture.StampMs + 500, (long)(values[1][0].GetDecimal() * 1000));
        Assert.Equal("3", values[1][1].GetString());
    }

    [Fact]
    public async Task Grafana_ExemplarProbe_GetsAnEmptyList()
    {
        using var answer = await PostAsync(
            "query_exemplars",
            ("query", "test"),
            ("start", "1700000000000"),
            ("end", "1700000060000")
        );
        Assert.Equal("""{"status":"success","data":[]}""", answer.RootElement.GetRawText());
    }

    [Fact]
    public async Task Grafana_LookUps_RegardSelectorsAndLimits()
    {
        using var labels = await PostAsync("labels", ("match[]", "job:errors:rate5m"), ("limit", "2"));
        Assert.Equal("""["__name__","job"]""", Data(labels).GetRawText());
        using var values = await GetAsync("label/code/values?match[]=http_requests_total%7Bcode%3D~%225..%22%7D");
        Assert.Equal("""["500"]""", Data(values).GetRawText());
        using var escaped = await GetAsync("label/U__code/values?match[]=http_requests_total&limit=1");
        Assert.Equal("""["200"]""", Data(escaped).GetRawText());
        using var series = await PostAsync("series", ("match[]", "http_requests_total"), ("limit", "1"));
        Assert.Equal("200", Assert.Single(Data(series).EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal("results truncated due to limit", series.RootElement.GetProperty("warnings")[0].GetString());
    }

    [Fact]
    public async Task Grafana_Start_FindsMetadataRulesAndAVersion()
    {
        using var metadata = await GetAsync("metadata?metric=http_requests_total");
        var family = Data(metadata).GetProperty("http_requests_total")[0];
        Assert.Equal("counter", family.GetProperty("type").GetString());
        using var rules = await GetAsync("rules");
        Assert.Equal("""{"groups":[]}""", Data(rules).GetRawText());
        using var build = await GetAsync("status/buildinfo");
        Assert.False(Data(build).TryGetProperty("features", out _));
        Assert.True(Version.Parse(Data(build).GetProperty("version").GetString()!) >= new Version(2, 24, 0));
    }

    [Theory]
    [InlineData("query", "sum(", 400, "bad_data")]
    [InlineData("query", "many + on() many", 422, "execution")]
    [InlineData("query_range", "many[5m]", 400, "bad_data")]
    public async Task Grafana_Errors_AreOfInputOrOfExecution(string endpoint, string query, int status, string type)
    {
        using var form = new FormUrlEncodedContent([
            new("query", query),
            new("start", Now),
            new("end", Now),
            new("time", Now),
            new("step", "1"),
        ]);
        using var response = await fixture.Http.PostAsync($"/api/v1/{endpoint}", form, Token);
        Assert.Equal(status, (int)response.StatusCode);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(type, json.RootElement.GetProperty("errorType").GetString());
    }

    [Fact]
    public async Task Grafana_Hints_AreToldBesideTheAnswer()
    {
        using var answer = await PostAsync("query", ("query", "quantile(2, many)"), ("time", Now));
        Assert.Contains(
            "quantile value should be between 0 and 1, got 2",
            answer.RootElement.GetProperty("warnings")[0].GetString(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss'Z'")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.f'Z'")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'")]
    [InlineData("yyyy-MM-dd'T'HH:mm:ss.fffffff'12Z'")]
    public async Task Kayenta_RangeQuery_TakesTimesOfAnyFraction(string format)
    {
        var start = DateTimeOffset.FromUnixTimeMilliseconds((fixture.StampMs / 1000 * 1000) + 1000);
        var from = Uri.EscapeDataString(start.ToString(format, CultureInfo.InvariantCulture));
        var until = Uri.EscapeDataString(start.AddMinutes(2).ToString(format, CultureInfo.InvariantCulture));
        // Trailing by, and texts in single quotes: as Kayenta builds its queries.
        var query = Uri.EscapeDataString("avg(http_requests_total{code='500',instance=~\"web.{2}\"}) by (job,code)");
        using var answer = await GetAsync($"query_range?query={query}&start={from}&end={until}&step=60");
        var series = Assert.Single(Data(answer).GetProperty("result").EnumerateArray());
        Assert.Equal("""{"code":"500","job":"web"}""", series.GetProperty("metric").GetRawText());
        // It takes the distance of the first two points for the step.
        var values = series.GetProperty("values");
        Assert.Equal(3, values.GetArrayLength());
        Assert.Equal(60, values[1][0].GetDecimal() - values[0][0].GetDecimal());
        Assert.Equal(start.ToUnixTimeMilliseconds(), (long)(values[0][0].GetDecimal() * 1000));
    }

    [Theory]
    [InlineData("nothing_of_this_name", "[]")]
    [InlineData("odd{path=''} or vector(NaN)", "NaN")]
    [InlineData("odd", "+Inf")]
    [InlineData("-odd", "-Inf")]
    [InlineData("zone_nan", "NaN")]
    public async Task Kayenta_Values_AreTexts(string query, string expected)
    {
        var path = $"query_range?query={Uri.EscapeDataString(query)}&start={Now}&end={Now}&step=60";
        using var answer = await GetAsync(path);
        var result = Data(answer).GetProperty("result");
        Assert.Equal(
            expected,
            result.GetArrayLength() == 0 ? result.GetRawText() : result[0].GetProperty("values")[0][1].GetString()
        );
    }

    [Fact]
    public async Task Kayenta_MetricNames_AreListedWithoutATimeRange()
    {
        using var answer = await GetAsync("label/__name__/values");
        var names = Data(answer).EnumerateArray().Select(name => name.GetString()).ToList();
        Assert.Subset(names.ToHashSet(), new HashSet<string?> { "http_requests_total", "job:errors:rate5m", "many" });
        Assert.Equal(names.Order(StringComparer.Ordinal), names);
        using var healthy = await fixture.Http.GetAsync("/-/healthy", Token);
        Assert.True(healthy.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Query_PostedTwice_TakesTheBodyBeforeTheUrl()
    {
        using var form = new FormUrlEncodedContent([new("query", "2"), new("time", "1")]);
        using var response = await fixture.Http.PostAsync("/api/v1/query?query=3&time=9", form, Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains("[1,\"2\"]", await response.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sum by (job) (many)")]
    [InlineData("count by (job, code) ({__name__=~\"http_.*|many\"})")]
    [InlineData("topk(1, http_requests_total) - on (job) group_left () sum by (job) (many)")]
    public async Task Prometheus_ReadingFromUs_AnswersAsWeDo(string query)
    {
        using var folder = new TemporaryFolder();
        await using var prometheus = await PrometheusServer.StartAsync(
            folder.Path,
            _ =>
                $$"""
                    remote_read:
                      - url: {{fixture.Http.BaseAddress}}api/v1/read
                        read_recent: true
                    """
        );
        using var theirs = new HttpClient { BaseAddress = new Uri($"http://{prometheus.Authority}/") };
        var path = $"api/v1/query_range?query={Uri.EscapeDataString(query)}&start={Now}&end={Now}&step=1";
        var read = JsonDocument.Parse(await theirs.GetStringAsync(path, Token));
        var direct = JsonDocument.Parse(await fixture.Http.GetStringAsync("/" + path, Token));
        Assert.NotEqual("[]", Data(direct).GetProperty("result").GetRawText());
        Assert.Equal(WithoutExternal(direct), WithoutExternal(read));
    }

    /// <summary>Series and values; external labels are only in what is read from afar.</summary>
    private static IEnumerable<string> WithoutExternal(JsonDocument answer) =>
        Data(answer)
            .GetProperty("result")
            .EnumerateArray()
            .Select(series =>
                string.Join(
                    ',',
                    series
                        .GetProperty("metric")
                        .EnumerateObject()
                        .Where(label => label.Name is not ("region" or "replica"))
                        .Select(label => $"{label.Name}={label.Value}")
                ) + series.GetProperty("values").GetRawText()
            )
            .Order(StringComparer.Ordinal);

    private static JsonElement Data(JsonDocument answer) => answer.RootElement.GetProperty("data");

    private static string Seconds(long ms) => (ms / 1000m).ToString(CultureInfo.InvariantCulture);

    private async Task<JsonDocument> GetAsync(string path) =>
        JsonDocument.Parse(await fixture.Http.GetStringAsync($"/api/v1/{path}", Token));

    private async Task<JsonDocument> PostAsync(string endpoint, params (string Name, string Value)[] parameters)
    {
        using var form = new FormUrlEncodedContent(
            parameters.Select(pair => new KeyValuePair<string, string>(pair.Name, pair.Value))
        );
        using var response = await fixture.Http.PostAsync($"/api/v1/{endpoint}", form, Token);
        Assert.True(
            response.StatusCode is HttpStatusCode.OK,
            $"{(int)response.StatusCode}: {await response.Content.ReadAsStringAsync(Token)}"
        );
        return JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
    }
}
