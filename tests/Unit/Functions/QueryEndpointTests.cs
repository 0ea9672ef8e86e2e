using System.Net;
using System.Text.Json;
using Tributary.Api;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Sources;
using Tributary.PromQL.Syntax;

namespace Tributary.Tests.Unit.Functions;

/// <summary>Queries and what belongs to them, on the real server.</summary>
public sealed class QueryEndpointTests
{
    private static readonly FailingSource Source = new();

    private static readonly ServerState State = WebPlace.State with
    {
        Queries = () => new QueryEngine(Source, new EngineOptions(), TimeProvider.System),
        Runtime = () => new RuntimeInfo { Config = new ConfigStatus { IsLastReloadSuccessful = false } },
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(
        "/api/v1/query",
        "invalid parameter \"query\": unknown position: parse error: no expression found in input"
    )]
    [InlineData(
        "/api/v1/query?query=1&time=x",
        "invalid parameter \"time\": invalid time value for 'time': cannot parse \"x\" to a valid timestamp"
    )]
    [InlineData(
        "/api/v1/query?query=1&timeout=x",
        "invalid parameter \"timeout\": cannot parse \"x\" to a valid duration"
    )]
    [InlineData("/api/v1/query?query=1&limit=-1", "invalid parameter \"limit\": limit must be non-negative")]
    [InlineData(
        "/api/v1/query?query=1&lookback_delta=x",
        "error parsing lookback delta duration: cannot parse \"x\" to a valid duration"
    )]
    [InlineData("/api/v1/query?query=up%zz", "error parsing form values: invalid URL escape \"%zz\"")]
    [InlineData("/api/v1/query_range?query=1", "invalid parameter \"start\": cannot parse \"\" to a valid timestamp")]
    [InlineData(
        "/api/v1/query_range?query=1&start=2&end=1&step=1",
        "invalid parameter \"end\": end timestamp must not be before start time"
    )]
    [InlineData(
        "/api/v1/query_range?query=1&start=1&end=2",
        "invalid parameter \"step\": cannot parse \"\" to a valid duration"
    )]
    [InlineData(
        "/api/v1/query_range?query=1&start=1&end=2&step=0",
        "invalid parameter \"step\": zero or negative query resolution step widths are not accepted. Try a positive integer"
    )]
    [InlineData(
        "/api/v1/query_range?query=1&start=1&end=11002&step=1",
        "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)"
    )]
    [InlineData("/api/v1/query_exemplars?query=up&start=2&end=1", "end timestamp must not be before start timestamp")]
    [InlineData("/api/v1/rules?type=x", "invalid parameter \"type\": not supported value \"x\"")]
    [InlineData(
        "/api/v1/rules?group_next_token=x",
        "invalid parameter \"group_next_token\": group_limit needs to be present in order to paginate over the groups"
    )]
    public async Task BadInput_IsAnsweredAsByPrometheus(string path, string error)
    {
        await using var place = await WebPlace.StartAsync(State);
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var address = new Uri(place.Server.Address.GetLeftPart(UriPartial.Authority) + path, raw);
        using var response = await place.Client.GetAsync(address, Token);
        using var json = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal(error, json.RootElement.GetProperty("error").GetString());
        Assert.Equal("bad_data", json.RootElement.GetProperty("errorType").GetString());
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    /// <summary>As by a client whose base address ends with a slash.</summary>
    [Theory]
    [InlineData("//api/v1/format_query", HttpStatusCode.PermanentRedirect, "/api/v1/format_query?query=a%2Fb")]
    [InlineData("/api///v1/format_query", HttpStatusCode.PermanentRedirect, "/api/v1/format_query?query=a%2Fb")]
    [InlineData("//evil.example/api/v1/format_query", HttpStatusCode.NotFound, null)]
    [InlineData("/api/v1/format_query/", HttpStatusCode.NotFound, null)]
    public async Task DoubledSlashes_LeadToTheEndpoint(string path, HttpStatusCode status, string? location)
    {
        await using var place = await WebPlace.StartAsync(State);
        var raw = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        var address = new Uri(place.Server.Address.GetLeftPart(UriPartial.Authority) + path + "?query=a%2Fb", raw);
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler);
        using var form = new StringContent("");
        using var response = await client.PostAsync(address, form, Token);
        Assert.Equal((status, location), (response.StatusCode, response.Headers.Location?.OriginalString));
    }

    /// <summary>As Kayenta does it, which sends credentials only after a 401: anything else breaks it.</summary>
    [Theory]
    [InlineData("/api/v1/query_range?query=1&start=2020-01-01T00:00:00.123Z&end=2020-01-01T00:01:00Z&step=60")]
    [InlineData("/api/v1/label/__name__/values")]
    public async Task Credentials_AreAskedForWith401_AndTakenThen(string path)
    {
        await using var place = await WebPlace.StartAsync(State with { Web = () => WebPlace.WithCredentials });
        var (refused, _) = await place.AskAsync("GET", path);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        Assert.Contains(refused.Headers.WwwAuthenticate, challenge => challenge.Scheme is "Basic");
        foreach (var credentials in (string[])[WebPlace.Basic("anna", WebPlace.Password), $"Bearer {WebPlace.Token}"])
        {
            var (answer, _) = await place.AskAsync("GET", path, credentials);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("bad_data", 400)]
    [InlineData("execution", 422)]
    [InlineData("timeout", 503)]
    [InlineData("canceled", 499)]
    [InlineData("internal", 500)]
    public async Task Failure_DecidesTypeAndStatus(string type, int status)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync("GET", $"/api/v1/query?query={type}");
        using var json = JsonDocument.Parse(text);
        Assert.Equal(type, json.RootElement.GetProperty("errorType").GetString());
        Assert.Equal($"it is {type}", json.RootElement.GetProperty("error").GetString());
        Assert.Equal(status, (int)response.StatusCode);
    }

    [Theory]
    [InlineData(
        "/api/v1/query_exemplars?query=test&start=1700000000000&end=1700000060000",
        """{"status":"success","data":[]}"""
    )]
    [InlineData("/api/v1/format_query?query=foo%2Fbar", """{"status":"success","data":"foo / bar"}""")]
    [InlineData(
        "/api/v1/rules?type=alert&match[]={a=\"b\"}&exclude_alerts=true&group_limit=5",
        """{"status":"success","data":{"groups":[]}}"""
    )]
    [InlineData("/api/v1/alerts", """{"status":"success","data":{"alerts":[]}}""")]
    [InlineData(
        "/api/v1/alertmanagers",
        """{"status":"success","data":{"activeAlertmanagers":[],"droppedAlertmanagers":[]}}"""
    )]
    [InlineData(
        "/api/v1/notifications",
        """{"status":"success","data":[{"text":"Configuration reload has failed.","date":"0001-01-01T00:00:00Z","active":true}]}"""
    )]
    public async Task Others_AnswerAsAPrometheusWithoutRules(string path, string expected)
    {
        await using var place = await WebPlace.StartAsync(State);
        var (response, text) = await place.AskAsync("GET", path);
        Assert.Equal((HttpStatusCode.OK, expected), (response.StatusCode, text));
    }

    [Fact]
    public async Task Statistics_OfAnUnknownKind_AreGivenWithAWarning()
    {
        await using var place = await WebPlace.StartAsync(State);
        var (_, text) = await place.AskAsync("GET", "/api/v1/query?query=1&time=1&stats=yes");
        using var json = JsonDocument.Parse(text);
        Assert.True(json.RootElement.GetProperty("data").GetProperty("stats").TryGetProperty("samples", out _), text);
        Assert.Equal(
            "value \"yes\" for parameter \"stats\" is deprecated and will be rejected in the next major release, "
                + "use \"true\" or \"all\"",
            json.RootElement.GetProperty("warnings")[0].GetString()
        );
    }

    [Fact]
    public async Task Notifications_Live_AreSentWhenTheyCome()
    {
        await using var place = await WebPlace.StartAsync(State);
        await using var events = await place.Client.GetStreamAsync("/api/v1/notifications/live", Token);
        using var reader = new StreamReader(events);
        Assert.Equal(
            """data: {"text":"Configuration reload has failed.","date":"0001-01-01T00:00:00Z","active":true}""",
            await reader.ReadLineAsync(Token)
        );
    }

    [Fact]
    public async Task Query_OfAClientThatGoesAway_Stops()
    {
        await using var place = await WebPlace.StartAsync(State);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var asking = place.Client.GetAsync("/api/v1/query?query=forever", patience.Token);
        await Source.Begun.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
        await Source.Stopped.Task.WaitAsync(TimeSpan.FromSeconds(30), Token);
    }

    [Theory]
    [InlineData("garbage")]
    [InlineData("")]
    public async Task Read_OfWhatIsNoRequest_IsABadRequest(string body)
    {
        await using var place = await WebPlace.StartAsync(State);
        using var content = new StringContent(body);
        using var response = await place.Client.PostAsync("/api/v1/read", content, Token);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("text/plain", response.Content.Headers.ContentType?.MediaType);
    }

    /// <summary>Fails as the metric's name says, or waits until it is not wanted any more.</summary>
    private sealed class FailingSource : QuerySource
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource Stopped { get; } = new();

        public override async Task<SourceSelection> SelectAsync(
            IReadOnlyList<LabelMatcher> matchers,
            TimeRange range,
            SourceLimits limits,
            CancellationToken cancellationToken
        )
        {
            var name = matchers[0].Value;
            if (name is "forever")
            {
                Begun.TrySetResult();
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
                }
                catch (OperationCanceledException)
                {
                    Stopped.TrySetResult();
                    throw;
                }
            }
            var kind = name switch
            {
                "bad_data" => QueryFailure.BadData,
                "execution" => QueryFailure.Execution,
                "timeout" => QueryFailure.Timeout,
                "canceled" => QueryFailure.Canceled,
                _ => QueryFailure.Internal,
            };
            throw new QueryException(kind, $"it is {name}");
        }
    }
}
