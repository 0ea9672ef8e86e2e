using System.Net;
using System.Text;
using System.Text.Json;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Tests.Unit.Functions;

/// <summary>The endpoints of <c>/api/v1</c> and the formats of <c>/federate</c>, on the real server.</summary>
public sealed class ApiEndpointTests
{
    private static readonly ServerState State = new()
    {
        IsReady = () => true,
        SelectLatest = WebPlace.Latest((_, _) => [new LatestSample(LabelSet.Of("__name__", "my.metric"), 5, 1)]),
        ExternalLabels = () => new ExternalLabels(LabelSet.Empty),
        Targets = () => [Api.Targets.Up],
        Pools = () =>
            [
                new ScrapePoolStatus
                {
                    Name = "empty",
                    DroppedCount = 1,
                    Dropped = [new DroppedTargetStatus("empty", LabelSet.Of("__address__", "x:1"))],
                },
            ],
        Metadata = () =>
            [new TargetMetadata(LabelSet.Of("job", "self"), [new MetricMetadata("my.metric", "gauge", "Mine.", "")])],
        Config = () =>
            new CollectorConfig
            {
                EffectiveYaml = "global:\n",
                ScrapeConfigs = [new ScrapeConfig { JobName = "idle" }],
            },
        Blocks = _ =>
            Task.FromResult(
                new BlocksStatus
                {
                    Commit = 4,
                    Windows = [new OpenWindow(new Window(7_200_000), 2, 99)],
                    Problems = ["a row"],
                    Blocks =
                    [
                        new BlockRow(
                            new BlockDescription
                            {
                                Ulid = new Ulid(1),
                                Level = 2,
                                MinTimeMs = 0,
                                MaxTimeMs = 7_200_000,
                                Number = 3,
                                Series = 5,
                                Samples = 6,
                                Chunks = 7,
                                Sources = [new Ulid(2)],
                                Files = [new BlockFile("index", 8)],
                            },
                            BlockState.Quarantined
                        )
                        {
                            Reason = "bad",
                            Since = DateTimeOffset.UnixEpoch,
                        },
                    ],
                }
            ),
        Runtime = () => new RuntimeInfo { StartTimeMs = 1_700_000_000_000, StorageRetention = "15d" },
        Flags = new Dictionary<string, string>(StringComparer.Ordinal) { ["config.file"] = "x.yml" },
        Version = "1.2.3",
        ExternalUrl = () => new Uri("https://tributary.example/"),
        Metrics = () => new OwnMetricsInput { Version = "1.2.3", Process = ProcessFigures.Read(0) },
        Status = () => throw new InvalidOperationException("not asked for"),
    };

    [Theory]
    [InlineData("/api/v1/scrape_pools", """{"scrapePools":["empty","idle","self"]}""")]
    [InlineData("/api/v1/metadata", """{"my.metric":[{"type":"gauge","help":"Mine.","unit":""}]}""")]
    [InlineData("/api/v1/metadata?limit=0", "{}")]
    [InlineData(
        "/api/v1/targets/metadata?match_target={job=\"self\"}&metric=my.metric",
        """[{"target":{"job":"self"},"type":"gauge","help":"Mine.","unit":""}]"""
    )]
    [InlineData("/api/v1/targets/metadata?match_target={job=\"other\"}", "[]")]
    [InlineData(
        "/api/v1/status/blocks",
        """
            {"commit":4,"blocks":[{"ulid":"00000000000000000000000001","state":"quarantined","reason":"bad",
            "since":"1970-01-01T00:00:00Z","level":2,"minTime":0,"maxTime":7200000,"numSeries":5,"numSamples":6,
            "numChunks":7,"bytes":8,"number":3,"sources":["00000000000000000000000002"],"parents":[]}],
            "uncompactedWindows":[{"minTime":7200000,"maxTime":14400000,"files":2,"bytes":99}],"problems":["a row"]}
            """
    )]
    [InlineData("/api/v1/status/config", """{"yaml":"global:\n"}""")]
    [InlineData("/api/v1/status/flags", """{"config.file":"x.yml"}""")]
    [InlineData("/api/v1/status/walreplay", """{"min":0,"max":1,"current":1}""")]
    [InlineData(
        "/api/v1/targets?state=dropped",
        """
            {"activeTargets":[],"droppedTargets":[{"discoveredLabels":{"__address__":"x:1"},"scrapePool":"empty"}],
            "droppedTargetCounts":{"empty":1,"self":0}}
            """
    )]
    public async Task Request_Api_AnswersSuccessWithData(string path, string data)
    {
        using var response = await GetAsync(State, path);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("application/json", response.Content.Headers.ContentType!.ToString());
        using var json = await JsonAsync(response);
        Assert.Equal("success", json.RootElement.GetProperty("status").GetString());
        using var expected = JsonDocument.Parse(data);
        Assert.True(
            JsonElement.DeepEquals(expected.RootElement, json.RootElement.GetProperty("data")),
            json.RootElement.GetRawText()
        );
    }

    [Theory]
    [InlineData("/api/v1/metadata?limit=x", "limit must be a number")]
    [InlineData("/api/v1/metadata?limit=99999999999", "limit must be a number")]
    [InlineData("/api/v1/metadata?limit_per_metric=x", "limit_per_metric must be a number")]
    [InlineData("/api/v1/targets/metadata?limit=x", "limit must be a number")]
    [InlineData("/api/v1/targets/metadata?match_target={x", "invalid parameter \"match_target\": 1:3: parse error:")]
    public async Task Request_BadParameter_IsBadData(string path, string error)
    {
        using var response = await GetAsync(State, path);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        using var json = await JsonAsync(response);
        Assert.Equal("bad_data", json.RootElement.GetProperty("errorType").GetString());
        Assert.StartsWith(error, json.RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/nothing")]
    [InlineData("/api/v2")]
    public async Task Request_UnknownApiPath_IsText(string path)
    {
        using var response = await GetAsync(State, path);
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("text/plain; charset=utf-8", response.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Targets_OnThisMachine_HaveTheExternalHost()
    {
        using var response = await GetAsync(State, "/api/v1/targets?state=active");
        using var json = await JsonAsync(response);
        var target = json.RootElement.GetProperty("data").GetProperty("activeTargets")[0];
        Assert.Equal("http://127.0.0.1:19090/metrics", target.GetProperty("scrapeUrl").GetString());
        Assert.Equal("http://tributary.example:19090/metrics", target.GetProperty("globalUrl").GetString());
    }

    [Fact]
    public async Task BuildInfo_Version_IsThatOfPrometheusAndOursIsTheRevision()
    {
        using var response = await GetAsync(State, "/api/v1/status/buildinfo");
        using var json = await JsonAsync(response);
        var data = json.RootElement.GetProperty("data");
        Assert.Equal("3.14.0", data.GetProperty("version").GetString());
        Assert.Equal("tributary-1.2.3", data.GetProperty("revision").GetString());
        // Grafana takes a server with this member for Mimir.
        Assert.False(data.TryGetProperty("features", out _));
        using var version = await GetAsync(State, "/version");
        using var same = await JsonAsync(version);
        Assert.Equal(data.GetRawText(), same.RootElement.GetRawText());
    }

    [Fact]
    public async Task RuntimeInfo_Members_ArePrometheus()
    {
        using var response = await GetAsync(State, "/api/v1/status/runtimeinfo");
        using var json = await JsonAsync(response);
        var data = json.RootElement.GetProperty("data");
        string[] names =
        [
            "startTime",
            "CWD",
            "hostname",
            "serverTime",
            "reloadConfigSuccess",
            "lastConfigTime",
            "corruptionCount",
            "goroutineCount",
            "GOMAXPROCS",
            "GOMEMLIMIT",
            "GOGC",
            "GODEBUG",
            "storageRetention",
        ];
        Assert.Equal(names, data.EnumerateObject().Select(member => member.Name));
        Assert.Equal("2023-11-14T22:13:20Z", data.GetProperty("startTime").GetString());
        Assert.Equal("15d", data.GetProperty("storageRetention").GetString());
    }

    [Theory]
    [InlineData(null, "my_metric{instance=\"\"} 1 5", "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(
        "text/plain;version=1.0.0;escaping=allow-utf-8",
        "{\"my.metric\",instance=\"\"} 1 5",
        "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
    )]
    [InlineData(
        "application/openmetrics-text;version=1.0.0",
        "my_metric{instance=\"\"} 1 5",
        "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
    )]
    public async Task Federate_Accept_DecidesFormatAndEscaping(string? accept, string line, string contentType)
    {
        using var response = await GetAsync(State, "/federate?match[]={}", accept);
        Assert.Equal(contentType, response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Contains(line + "\n", await TextAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Federate_MetadataSetting_ShowsTypeAndHelp()
    {
        var state = State with { Config = () => new CollectorConfig { Federate = new FederateConfig(Metadata: true) } };
        using var response = await GetAsync(state, "/federate?match[]=x");
        Assert.Equal(
            "# HELP my_metric Mine.\n# TYPE my_metric gauge\nmy_metric{instance=\"\"} 1 5\n",
            await TextAsync(response)
        );
    }

    [Fact]
    public async Task Federate_ManySelectors_AreTakenUpToTheLimit()
    {
        var path = "/federate?" + string.Join('&', Enumerable.Repeat("match[]={job=\"a\"}", 1000));
        using var most = await GetAsync(State, path);
        using var tooMany = await GetAsync(State, path + "&match[]=x");
        Assert.Equal(HttpStatusCode.OK, most.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, tooMany.StatusCode);
        Assert.Contains("1000 is the most", await TextAsync(tooMany), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "text/plain; version=0.0.4; charset=utf-8; escaping=underscores")]
    [InlineData(
        "application/openmetrics-text;version=1.0.0",
        "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores"
    )]
    public async Task Metrics_Accept_DecidesTheFormat(string? accept, string contentType)
    {
        using var response = await GetAsync(State, "/metrics", accept);
        Assert.Equal(contentType, response.Content.Headers.NonValidated["Content-Type"].ToString());
        Assert.Equal(accept is not null, (await TextAsync(response)).EndsWith("# EOF\n", StringComparison.Ordinal));
    }

    [Fact]
    public void Flags_StorageConnection_IsShownWithoutItsKey()
    {
        var flags = ServerFlags.Of(
            new Settings
            {
                Config = null,
                Storage = "AccountName=acme;AccountKey=c2VjcmV0",
                Listen = ListenAddress.Parse(ListenAddress.Default),
            }
        );
        Assert.Equal("storage account acme", flags["storage.tsdb.path"]);
        Assert.Equal("127.0.0.1:19090", flags["web.listen-address"]);
        Assert.DoesNotContain(flags.Values, value => value.Contains("c2VjcmV0", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> GetAsync(ServerState state, string path, string? accept = null)
    {
        await using var server = await WebServer.StartAsync(
            ListenAddress.Parse("127.0.0.1:0"),
            state,
            new ConsoleLoggerFactory(_ => { }, TimeProvider.System),
            TestContext.Current.CancellationToken
        );
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(server.Address, path));
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static Task<string> TextAsync(HttpResponseMessage response) =>
        response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static async Task<JsonDocument> JsonAsync(HttpResponseMessage response) =>
        JsonDocument.Parse(Encoding.UTF8.GetBytes(await TextAsync(response)));
}
