using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>The double does what the real host was seen to do.</summary>
public sealed class HostDoubleTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>What a handler answers to a timer, and what the host makes of it.</summary>
    public static TheoryData<string, string, string> Answers { get; } =
        new()
        {
            { Json(200, "{}"), nameof(Outcome.Succeeded), "" },
            { Json(202, "{}"), nameof(Outcome.Succeeded), "" },
            {
                Json(200, """{"Outputs":{"res":{"body":"x"}},"Logs":["a"],"ReturnValue":1}"""),
                nameof(Outcome.Succeeded),
                ""
            },
            { Json(200, """{"Outputs":null,"Logs":null,"ReturnValue":null}"""), nameof(Outcome.Succeeded), "" },
            { Json(200, ""), nameof(Outcome.TimedOut), "time is over" },
            { Json(200, "null"), nameof(Outcome.TimedOut), "time is over" },
            { Json(200, "", ",\"chunked\":true"), nameof(Outcome.TimedOut), "time is over" },
            { """{"status":204,"headers":{}}""", nameof(Outcome.TimedOut), "time is over" },
            { """{"status":200,"headers":{"Content-Length":"0"}}""", nameof(Outcome.TimedOut), "time is over" },
            { """{"status":200,"headers":{},"body":"{}"}""", nameof(Outcome.Failed), "No MediaTypeFormatter" },
            {
                """{"status":200,"headers":{"Content-Type":"text/plain"},"body":"{}"}""",
                nameof(Outcome.Failed),
                "No MediaTypeFormatter"
            },
            { Json(200, "[]"), nameof(Outcome.Failed), "Cannot deserialize" },
            { Json(200, "{"), nameof(Outcome.Failed), "JSON" },
            { Json(200, """{"Outputs":"x"}"""), nameof(Outcome.Failed), "Cannot deserialize" },
            { Json(200, """{"Logs":"x"}"""), nameof(Outcome.Failed), "Cannot deserialize" },
            { Json(404, "{}"), nameof(Outcome.Failed), "404" },
            { Json(500, "{}"), nameof(Outcome.Failed), "500" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Timer_Answer_IsReadAsStrictlyAsByTheHost(string answer, string outcome, string error)
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal) { ["Tick"] = answer });
        var limit = outcome == nameof(Outcome.TimedOut) ? "00:00:02" : "00:01:00";
        await using var host = await FunctionHost.StartAsync(
            app.Options(("AzureFunctionsJobHost__functionTimeout", limit))
        );
        await host.IsReadyAsync();
        var result = await host.CallTimerAsync("Tick");
        Assert.Equal(outcome, result.Outcome.ToString());
        Assert.Contains(error, result.Error, StringComparison.Ordinal);
        // Of an answer that never completes an invocation, the handler dies; then it is started again.
        await host.IsReadyAsync();
        Assert.Equal("GET", (await EchoAsync(host, "/zz")).GetProperty("method").GetString());
        Assert.Equal(result.Outcome == Outcome.TimedOut ? 2 : 1, host.HandlerStarts);
    }

    [Fact]
    public async Task Timer_Call_IsAsOfTheHost()
    {
        // Without an answer of its own, the handler tells what it got.
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal) { ["Tick"] = "null" });
        await using var host = await FunctionHost.StartAsync(app.Options());
        var next = new DateTime(2026, 11, 20, 8, 15, 23, DateTimeKind.Utc);
        var call = await host.CallTimerAsync(
            "Tick",
            new TimerCall { Status = new TimerStatus(null, next, null), IsPastDue = true }
        );
        Assert.Equal(Outcome.Succeeded, call.Outcome);
        using var echo = JsonDocument.Parse(call.Body);
        var headers = echo.RootElement.GetProperty("headers");
        Assert.Equal("POST", echo.RootElement.GetProperty("method").GetString());
        Assert.Equal("/Tick", echo.RootElement.GetProperty("url").GetString());
        Assert.Equal(host.HandlerAddress.Authority, headers.GetProperty("host").GetString());
        Assert.Equal("application/json; charset=utf-8", headers.GetProperty("content-type").GetString());
        Assert.Equal(HostVersion.UserAgent, headers.GetProperty("user-agent").GetString());
        Assert.True(headers.TryGetProperty(HostVersion.InvocationIdHeader.ToLowerInvariant(), out var id));
        Assert.True(Guid.TryParse(id.GetString(), out _));
        Assert.False(headers.TryGetProperty(HostVersion.ProxiedIdHeader, out _));
        Assert.StartsWith(
            """{"Data":{"timer":{"Schedule":{"AdjustForDST":true},"ScheduleStatus":{"Last":"0001-01-01T00:00:00","""
                + "\"Next\":\"2026-11-20T08:15:23.0000000+00:00\",\"LastUpdated\":\"0001-01-01T00:00:00\"},"
                + "\"IsPastDue\":true}},\"Metadata\":{\"sys\":{\"MethodName\":\"Tick\",",
            echo.RootElement.GetProperty("body").GetString(),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(0, 1, true)]
    [InlineData(200, 2, true)]
    [InlineData(3, 3, false)]
    public async Task Exit_Code_DecidesWhetherTheHandlerStartsAgain(int code, int starts, bool runs)
    {
        var answers = new Dictionary<string, string>(StringComparer.Ordinal) { ["Exit"] = $$"""{"exit":{{code}}}""" };
        using var app = new EchoApp(answers);
        await using var host = await FunctionHost.StartAsync(app.Options());
        for (var i = 0; i < starts; i++)
        {
            Assert.Equal(Outcome.Failed, (await host.CallTimerAsync("Exit")).Outcome);
            await Processes.Patience.UntilAsync(
                "the host to have seen it",
                () => Task.FromResult(host.Log.Split($"ended with code {code}").Length == i + 2)
            );
        }
        if (runs)
        {
            using var answer = await AskAsync(host, "/zz");
            Assert.Equal(code == 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK, answer.StatusCode);
        }
        await Processes.Patience.UntilAsync("the host's decision", () => Task.FromResult(host.IsRunning == runs));
    }

    [Fact]
    public async Task Start_Environment_IsThatOfTheHostAndItsSettings()
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal));
        await using var host = await FunctionHost.StartAsync(app.Options(("MINE", "x")));
        var echo = await EchoAsync(host, "/zz");
        var environment = echo.GetProperty("environment");
        string Variable(string name) => environment.GetProperty(name).GetString()!;
        Assert.Equal(app.Root, echo.GetProperty("directory").GetString());
        Assert.Equal(app.Root, Variable("FUNCTIONS_APP_ROOT_PATH"));
        Assert.Equal(
            host.HandlerAddress.Port.ToString(CultureInfo.InvariantCulture),
            Variable("FUNCTIONS_HTTPWORKER_PORT")
        );
        Assert.Equal(Variable("FUNCTIONS_CUSTOMHANDLER_WORKER_ID"), Variable("FUNCTIONS_HTTPWORKER_ID"));
        Assert.Equal("http://+:80", Variable("ASPNETCORE_URLS"));
        Assert.Equal("x", Variable("MINE"));
    }

    /// <summary>What is sent, and what of it the handler sees, by forwarding and by proxying.</summary>
    [Theory]
    [InlineData("/zz?match[]=a&Match[]=b&x=1", "/zz?Match%5B%5D=a,b&x=1", "/zz?match[]=a&Match[]=b&x=1")]
    [InlineData("/zz/a%2Fb", "/zz/a%2Fb", "/zz/a%252Fb")]
    [InlineData("/zz/a%3Fb", "/zz/a", "/zz/a%3Fb")]
    [InlineData("/zz/a%20b", "/zz/a%20b", "/zz/a%20b")]
    public async Task Http_Address_IsDamagedAsByTheHost(string sent, string forwarded, string proxied)
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var (isProxying, expected) in ((bool, string)[])[(false, forwarded), (true, proxied)])
        {
            await using var host = await FunctionHost.StartAsync(app.Options() with { KnowsProxying = isProxying });
            Assert.Equal(expected, (await EchoAsync(host, sent)).GetProperty("url").GetString());
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http_HeadersAndBody_AreDamagedAsByTheHost(bool isProxying)
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal));
        await using var host = await FunctionHost.StartAsync(app.Options() with { KnowsProxying = isProxying });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/zz"));
        request.Headers.Host = "tributary.example";
        request.Headers.Add("X-Forwarded-For", "192.0.2.1");
        request.Headers.Add(HostVersion.InvocationIdHeader, "spoof");
        request.Content = new ByteArrayContent("body"u8.ToArray());
        request.Content.Headers.ContentEncoding.Add("snappy");
        using var answer = await http.SendAsync(request, Token);
        using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        var headers = document.RootElement.GetProperty("headers");
        string? Header(string name) => headers.TryGetProperty(name, out var value) ? value.GetString() : null;

        Assert.Equal(["kept"], answer.Headers.GetValues("X-Own"));
        Assert.Equal("body", document.RootElement.GetProperty("body").GetString());
        var id = Header(HostVersion.InvocationIdHeader.ToLowerInvariant())!;
        if (isProxying)
        {
            Assert.Equal(host.HandlerAddress.Authority, Header("host"));
            Assert.Equal("tributary.example", Header("x-forwarded-host"));
            Assert.Equal("127.0.0.1", Header("x-forwarded-for"));
            Assert.Equal(id, Header(HostVersion.ProxiedIdHeader));
            Assert.Equal("snappy", Header("content-encoding"));
        }
        else
        {
            Assert.Equal("tributary.example", Header("host"));
            Assert.Equal("192.0.2.1", Header("x-forwarded-for"));
            Assert.StartsWith("spoof, ", id, StringComparison.Ordinal);
            Assert.Null(Header(HostVersion.ProxiedIdHeader));
            Assert.Null(Header("content-encoding"));
        }
    }

    [Theory]
    [InlineData(false, HttpStatusCode.InternalServerError)]
    [InlineData(true, HttpStatusCode.OK)]
    public async Task Http_BodyWithoutLength_NeedsProxying(bool isProxying, HttpStatusCode status)
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal));
        await using var host = await FunctionHost.StartAsync(app.Options() with { KnowsProxying = isProxying });
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/zz"));
        request.Headers.TransferEncodingChunked = true;
        request.Content = new StringContent("body", Encoding.UTF8);
        using var answer = await http.SendAsync(request, Token);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task Routes_FirstNameThatFits_Wins()
    {
        using var app = new EchoApp(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Tick"] = Json(200, "{}") }
        );
        app.Http("b", "some/{*rest}", "get");
        app.Http("A", "some/special", "post");
        await using var host = await FunctionHost.StartAsync(app.Options());
        Assert.Equal(["A", "b", "Echo", "Tick"], host.Functions.Select(function => function.Name));
        Assert.Equal(HttpStatusCode.OK, (await AskAsync(host, "/Some/special/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, "/other")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AskAsync(host, "/Tick")).StatusCode);
        Assert.Contains("'Functions.b'", host.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("admin/x", "reserved")]
    [InlineData("runtime", "reserved")]
    public async Task Start_ReservedRoute_IsRefused(string route, string error)
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal));
        app.Http("Mine", route, "get");
        var refused = await Assert.ThrowsAsync<HostException>(() => FunctionHost.StartAsync(app.Options()));
        Assert.Contains(error, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_FolderWithSecondFile_IsRefused()
    {
        using var app = new EchoApp(new Dictionary<string, string>(StringComparer.Ordinal));
        app.Write($"{EchoApp.Echo}/readme.txt", "");
        await Assert.ThrowsAsync<HostException>(() => FunctionHost.StartAsync(app.Options()));
    }

    [Fact]
    public async Task Start_ScheduleSettingMissing_IsRefused()
    {
        using var app = new EchoApp(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Tick"] = Json(200, "{}") }
        );
        var options = app.Options();
        var settings = options.Settings.Where(setting => setting.Key != "WHEN");
        var without = options with { Settings = settings.ToDictionary(StringComparer.Ordinal) };
        await Assert.ThrowsAsync<HostException>(() => FunctionHost.StartAsync(without));
    }

    [Fact]
    public async Task Timer_LockLost_StopsTheHostAndAnotherTakesOver()
    {
        using var app = new EchoApp(
            new Dictionary<string, string>(StringComparer.Ordinal) { ["Tick"] = Json(200, "{}") }
        );
        var options = app.Options(("WHEN", "00:00:00.1")) with
        {
            FiresTimers = true,
            Storage = new HostStorage(),
            Lease = TimeSpan.FromSeconds(1),
        };
        await using var first = await FunctionHost.StartAsync(options);
        await Processes.Patience.UntilAsync("calls", () => Task.FromResult(first.Invocations.Count > 2));
        await using var second = await FunctionHost.StartAsync(options);
        Assert.True(options.Storage.Lose("Tick"));
        await Processes.Patience.UntilAsync("its successor", () => Task.FromResult(second.Invocations.Count > 2));
        await Processes.Patience.UntilAsync("the first to stop", () => Task.FromResult(!first.IsRunning));
        Assert.True(second.IsRunning);
    }

    [Theory]
    [InlineData("0 * * * * *", "2026-11-20T08:15:00Z", true)]
    [InlineData("*/5 * * * *", "2026-11-20T08:15:00Z", true)]
    [InlineData("*/10 * * * * *", "2026-11-20T08:14:40Z", false)]
    [InlineData("5,35 1-3 9 * * 1", "2026-11-23T09:01:05Z", false)]
    [InlineData("00:05:00", "2026-11-20T08:19:37Z", true)]
    public void Schedule_Next_IsAsWritten(string text, string next, bool isMinuteOrSlower)
    {
        var schedule = Schedule.Parse(text);
        var now = new DateTime(2026, 11, 20, 8, 14, 37, DateTimeKind.Utc);
        Assert.Equal(DateTime.Parse(next, CultureInfo.InvariantCulture).ToUniversalTime(), schedule.NextAfter(now));
        Assert.Equal(isMinuteOrSlower, schedule.IsMinuteOrSlower);
    }

    [Fact]
    public void Envelope_Queue_EncodesStringsTwice()
    {
        var trigger = new QueueTrigger("item", "q", IsBinary: false);
        using var document = JsonDocument.Parse(
            Envelope.OfQueue(new FunctionJson("Q", trigger), trigger, "{\"shard\":3}")
        );
        Assert.Equal("\"{\\\"shard\\\":3}\"", document.RootElement.GetProperty("Data").GetProperty("item").GetString());
        var metadata = document.RootElement.GetProperty("Metadata");
        Assert.Equal("1", metadata.GetProperty("DequeueCount").GetString());
        Assert.Equal("\"3\"", metadata.GetProperty("shard").GetString());
    }

    private static string Json(int status, string body, string more = "") =>
        $$$"""{"status":{{{status}}},"headers":{"Content-Type":"application/json"},"body":{{{JsonSerializer.Serialize(body)}}}{{{more}}}}""";

    private static async Task<HttpResponseMessage> AskAsync(FunctionHost host, string path)
    {
        using var http = new HttpClient();
        var asWritten = new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true };
        return await http.GetAsync(new Uri($"http://{host.Address.Authority}{path}", in asWritten), Token);
    }

    private static async Task<JsonElement> EchoAsync(FunctionHost host, string path)
    {
        using var answer = await AskAsync(host, path);
        Assert.True(answer.IsSuccessStatusCode, $"{answer.StatusCode}\n{host.Log}");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement;
    }
}
