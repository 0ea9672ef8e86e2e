using System.IO.Compression;
using System.Net;
using System.Text;
using Tributary.Api;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Model;

namespace Tributary.Tests.Unit.Functions;

/// <summary>The real server on a free port, over data that a test gives.</summary>
public sealed class WebServerTests
{
    private const string Up = "# TYPE up untyped\nup{job=\"x\",instance=\"\",region=\"eu\"} 1 1700000000000\n";

    private static readonly ServerState State = new()
    {
        IsReady = () => true,
        SelectLatest = WebPlace.Latest(Select),
        ExternalLabels = () => new ExternalLabels(LabelSet.Of("region", "eu")),
        Targets = () => [Api.Targets.Up],
        Metrics = () => new OwnMetricsInput { Version = "1.2.3", Process = ProcessFigures.Read(0) },
        Status = () =>
            new StatusPageInput
            {
                Version = "1.2.3",
                Configuration = "test",
                IsBuiltInConfiguration = false,
                Storage = "none",
                NowMs = 0,
                Targets = [Api.Targets.Up],
            },
    };

    [Theory]
    [InlineData("GET", "/", 200, "1 of 1 target up.")]
    [InlineData("HEAD", "/", 200, "")]
    [InlineData("GET", "/federate?match[]=up", 200, Up)]
    [InlineData("GET", "/federate?match%5B%5D=up&match[]=up", 200, Up)]
    [InlineData("HEAD", "/federate?match[]=up", 405, "")]
    [InlineData("POST", "/federate?match[]=up", 405, "only GET")]
    [InlineData("GET", "/federate?match[]=bad", 400, "bad selector")]
    [InlineData("GET", "/federate?match[]=bug", 500, "a bug")]
    [InlineData("GET", "/federation", 404, "/federate")]
    [InlineData("GET", "/metrics", 200, "tributary_build_info")]
    [InlineData("GET", "/-/healthy", 200, "Healthy")]
    [InlineData("GET", "/-/ready", 200, "Ready")]
    [InlineData("GET", "/api/v1/targets", 200, "\"health\":\"up\"")]
    [InlineData("GET", "/status", 200, "1 of 1 target up.")]
    [InlineData("GET", "/api/v1/nothing", 404, "no such page")]
    [InlineData("POST", "/api/v1/targets", 405, "only GET or HEAD")]
    [InlineData("GET", "/-/reload", 405, "only POST or PUT")]
    [InlineData("GET", "/nothing", 404, "no such page")]
    public async Task Request_Path_IsAnswered(string method, string path, int status, string body)
    {
        await using var server = await StartAsync(State);
        using var response = await SendAsync(server, method, path);
        Assert.Equal((HttpStatusCode)status, response.StatusCode);
        Assert.Contains(body, await TextAsync(response), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Federate_Selectors_ReachTheSelectionWithTheLookback()
    {
        (IReadOnlyList<string> Selectors, TimeRange Range) seen = default;
        var state = State with
        {
            Time = new FixedTime(DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_000)),
            SelectLatest = WebPlace.Latest(
                (selectors, range) =>
                {
                    seen = (selectors, range);
                    return [];
                }
            ),
        };
        await using var server = await StartAsync(state);
        using var response = await SendAsync(server, "GET", "/federate?match[]=%7Ba%3D%22b%2Bc%22%7D&match[]=x+y");
        Assert.Equal(["{a=\"b+c\"}", "x y"], seen.Selectors);
        Assert.Equal(new TimeRange(1_699_999_700_000, 1_700_000_000_000), seen.Range);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8; escaping=underscores", ContentType(response));
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/federate?match[]=up")]
    [InlineData("/metrics")]
    [InlineData("/-/healthy")]
    [InlineData("/api/v1/targets")]
    [InlineData("/nothing")]
    public async Task Request_AnyPath_VariesByEncoding(string path)
    {
        await using var server = await StartAsync(State);
        using var response = await SendAsync(server, "GET", path);
        Assert.Contains("Accept-Encoding", response.Headers.Vary);
    }

    [Fact]
    public async Task Federate_NoSelector_IsEmptyWithAWarning()
    {
        await using var server = await StartAsync(State);
        using var response = await SendAsync(server, "GET", "/federate");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("", await TextAsync(response));
        Assert.Contains("match[]", response.Headers.GetValues("Warning").Single(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate", "deflate")]
    [InlineData("br, deflate, gzip", "deflate")]
    [InlineData("br, GZIP, deflate", "gzip")]
    [InlineData("deflate;q=0.9, GZIP", "gzip")]
    [InlineData("deflate;q=0, GZIP;q=0.5", "gzip")]
    [InlineData("deflate;q=0.2, gzip;q=0.5", "deflate")]
    [InlineData("gzip;q=0.0", "")]
    [InlineData("br", "")]
    public async Task Federate_ManySeries_AreWholeInEveryCoding(string? accepted, string coding)
    {
        var samples = Enumerable
            .Range(0, 20_000)
            .Select(i => new LatestSample(LabelSet.Of("__name__", "m", "i", $"{i:00000}"), 5, i))
            .ToList();
        await using var server = await StartAsync(State with { SelectLatest = WebPlace.Latest((_, _) => samples) });
        using var response = await SendAsync(server, "GET", "/federate?match[]=m", accepted);
        Assert.Equal(coding, string.Join(',', response.Content.Headers.ContentEncoding));
        Assert.Equal("Accept-Encoding", response.Headers.Vary.Single());
        var lines = (await TextAsync(response)).Split('\n');
        Assert.Equal("m{i=\"19999\",instance=\"\",region=\"eu\"} 19999 5", lines[20_000]);
        Assert.Equal(20_002, lines.Length);
    }

    [Theory]
    [InlineData(10, null, "", true)]
    [InlineData(10, "gzip", "", true)]
    [InlineData(10, "deflate", "deflate", true)]
    [InlineData(200, null, "", true)]
    [InlineData(200, "gzip", "gzip", true)]
    [InlineData(200, "deflate", "deflate", true)]
    [InlineData(20_000, null, "", false)]
    [InlineData(20_000, "gzip", "gzip", false)]
    public async Task Answer_OfOnePiece_SaysHowLongItIs(int series, string? accepted, string coding, bool isOnePiece)
    {
        var samples = Enumerable
            .Range(0, series)
            .Select(i => new LatestSample(LabelSet.Of("__name__", "m", "i", $"{i:00000}"), 5, i))
            .ToList();
        await using var server = await StartAsync(State with { SelectLatest = WebPlace.Latest((_, _) => samples) });
        using var response = await SendAsync(server, "GET", "/federate?match[]=m", accepted);
        Assert.Equal(isOnePiece, response.Headers.TransferEncodingChunked is not true);
        Assert.Equal(coding, string.Join(',', response.Content.Headers.ContentEncoding));
        var lines = (await TextAsync(response)).Split('\n');
        Assert.Equal(
            FormattableString.Invariant($"m{{i=\"{series - 1:00000}\",instance=\"\",region=\"eu\"}} {series - 1} 5"),
            lines[series]
        );
        Assert.Equal(series + 2, lines.Length);
    }

    [Fact]
    public async Task Request_BeforeReady_IsToldToComeBack()
    {
        await using var server = await StartAsync(State with { IsReady = () => false });
        using var ready = await SendAsync(server, "GET", "/-/ready");
        using var federate = await SendAsync(server, "GET", "/federate?match[]=up");
        using var targets = await SendAsync(server, "GET", "/api/v1/targets");
        using var healthy = await SendAsync(server, "GET", "/-/healthy");
        using var page = await SendAsync(server, "GET", "/");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, federate.StatusCode);
        Assert.Contains("\"unavailable\"", await TextAsync(targets), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, healthy.StatusCode);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData(":0")]
    [InlineData("[::1]:0")]
    public async Task Start_OtherListenAddresses_AnswerAtTheirAddress(string listen)
    {
        if (!System.Net.Sockets.Socket.OSSupportsIPv6)
        {
            Assert.Skip("this machine has no IPv6");
        }
        await using var server = await StartAsync(State, listen);
        using var response = await SendAsync(server, "GET", "/-/healthy");
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.NotEqual(0, server.Address.Port);
    }

    [Theory]
    [InlineData("127.0.0.1:0")]
    [InlineData(":0")]
    public async Task WarmUp_Server_HasAnsweredOnce(string listen)
    {
        var asked = 0;
        var state = State with { IsReady = () => Interlocked.Increment(ref asked) < 0 };
        await using var server = await StartAsync(state, listen);
        server.WarmUp();
        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task Start_PortInUse_NamesAddressAndWayOut()
    {
        await using var server = await StartAsync(State);
        var taken = $"127.0.0.1:{server.Address.Port}";
        var error = await Assert.ThrowsAsync<CommandException>(() => StartAsync(State, taken));
        Assert.Equal(ExitCode.Failed, error.ExitCode);
        Assert.Contains(taken, error.Message, StringComparison.Ordinal);
        Assert.Contains("--listen", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Request_FailureOfOurs_IsLoggedOnOneLine()
    {
        var lines = new List<string>();
        using var logs = new ConsoleLoggerFactory(lines.Add, new FixedTime(DateTimeOffset.UnixEpoch));
        var listen = ListenAddress.Parse("127.0.0.1:0");
        await using var server = await WebServer.StartAsync(listen, State, logs, TestContext.Current.CancellationToken);
        using var response = await SendAsync(server, "GET", "/federate?match[]=bug");
        Assert.Equal(["1970-01-01T00:00:00.000Z error GET /federate failed | InvalidOperationException: a bug"], lines);
    }

    private static IReadOnlyList<LatestSample> Select(IReadOnlyList<string> selectors, TimeRange range) =>
        selectors[0] switch
        {
            "bad" => throw new BadRequestException("bad selector"),
            "bug" => throw new InvalidOperationException("a bug"),
            _ => [new LatestSample(LabelSet.Of("__name__", "up", "job", "x"), 1_700_000_000_000, 1)],
        };

    private static Task<WebServer> StartAsync(ServerState state, string listen = "127.0.0.1:0") =>
        WebServer.StartAsync(
            ListenAddress.Parse(listen),
            state,
            new ConsoleLoggerFactory(_ => { }, TimeProvider.System),
            TestContext.Current.CancellationToken
        );

    private static async Task<HttpResponseMessage> SendAsync(
        WebServer server,
        string method,
        string path,
        string? acceptEncoding = null
    )
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri(server.Address, path));
        if (acceptEncoding is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept-Encoding", acceptEncoding);
        }
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    private static string? ContentType(HttpResponseMessage response) =>
        response.Content.Headers.NonValidated["Content-Type"].ToString();

    private static async Task<string> TextAsync(HttpResponseMessage response)
    {
        var body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        await using Stream stream = response.Content.Headers.ContentEncoding.SingleOrDefault() switch
        {
            "gzip" => new GZipStream(new MemoryStream(body), CompressionMode.Decompress),
            "deflate" => new ZLibStream(new MemoryStream(body), CompressionMode.Decompress),
            _ => new MemoryStream(body),
        };
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    private sealed class FixedTime(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
