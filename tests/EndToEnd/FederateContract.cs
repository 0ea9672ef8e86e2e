using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd;

/// <summary>What clients of <c>/federate</c> rely on, whatever runs the server.</summary>
public abstract class FederateContract(FederateFixture fixture)
{
    private const string TextType = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores";

    private const string Requests = """
        # TYPE http_requests_total untyped
        http_requests_total{code="200",instance="web:1",job="web",region="eu",replica="0"} 1027 STAMP
        http_requests_total{code="500",instance="web:1",job="web",region="eu",replica="0"} 3 STAMP

        """;

    private const string Rates = """
        # TYPE job:errors:rate5m untyped
        job:errors:rate5m{job="rules",region="de",instance="",replica="0"} 0.25 STAMP

        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<string[], string> Answers { get; } =
        new()
        {
            { ["http_requests_total"], Requests },
            { ["{__name__=~\"job:.*\"}"], Rates },
            { ["{__name__=~\"job:.*\"}", "http_requests_total"], Requests + Rates },
            { ["{job=\"rules\"}", "{__name__=~\"job:.*\"}", "http_requests_total", "{code!=\"\"}"], Requests + Rates },
            { ["http_requests_total{code=~\"5..\"}", "nothing"], Requests.Replace(Lines(Requests)[1] + "\n", "") },
            { ["nothing"], "" },
            {
                ["odd"],
                "# TYPE odd untyped\n"
                    + """odd{instance="web:1",job="web",path="C:\\dir\n\"x\"",region="eu",replica="0"} +Inf STAMP"""
                    + "\n"
            },
            {
                ["zone_nan"],
                "# TYPE zone_nan untyped\nzone_nan{instance=\"web:1\",job=\"web\",region=\"eu\",replica=\"0\"} NaN STAMP\n"
            },
        };

    public static TheoryData<string, string> BadSelectors { get; } =
        new()
        {
            { "{", "unexpected end of input" },
            { "up{job=}", "unexpected" },
            { "{job=~\"(\"}", "(" },
            { "rate(up[5m])", "" },
        };

    [Theory]
    [MemberData(nameof(Answers))]
    public async Task Federate_Selectors_AnswerExactly(string[] selectors, string body)
    {
        using var answer = await fixture.Http.GetAsync(TributaryServer.FederatePath(selectors), Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(TextType, answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(
            body.Replace("STAMP", $"{fixture.StampMs}", StringComparison.Ordinal),
            await answer.Content.ReadAsStringAsync(Token)
        );
    }

    [Fact]
    public async Task Federate_NoSelector_IsEmptyWithWarning()
    {
        using var answer = await fixture.Http.GetAsync("/federate", Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("", await answer.Content.ReadAsStringAsync(Token));
        Assert.Contains("match[]", answer.Headers.Warning.Single().Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(BadSelectors))]
    public async Task Federate_BadSelector_Is400WithParseError(string selector, string message)
    {
        var path = TributaryServer.FederatePath("up", selector);
        using var answer = await fixture.Http.GetAsync(path, Token);
        var body = await answer.Content.ReadAsStringAsync(Token);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
        Assert.Contains("parse error", body, StringComparison.Ordinal);
        Assert.Contains(message, body, StringComparison.Ordinal);
        Assert.DoesNotContain("# TYPE", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Federate_Gzip_IsTheSameBody()
    {
        var path = TributaryServer.FederatePath("many");
        var plain = await fixture.Http.GetStringAsync(path, Token);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("gzip"));
        using var answer = await fixture.Http.SendAsync(request, Token);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        var packed = await answer.Content.ReadAsByteArrayAsync(Token);
        await using var unpacked = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked, Encoding.UTF8);
        Assert.Equal(plain, await reader.ReadToEndAsync(Token));
        Assert.Equal(202, plain.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(packed.Length < plain.Length / 2, $"{packed.Length} of {plain.Length} bytes");
    }

    /// <summary>What Prometheus 2 and 3 send; with native histograms they ask for protobuf first.</summary>
    [Theory]
    [InlineData(
        "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        TextType
    )]
    [InlineData(
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited,application/openmetrics-text;version=1.0.0;q=0.8,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited; escaping=underscores"
    )]
    [InlineData(
        "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
        "text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8"
    )]
    public async Task Federate_AcceptOfPrometheus_IsServed(string accept, string type)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, TributaryServer.FederatePath("http_requests_total"));
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using var answer = await fixture.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(type, answer.Content.Headers.ContentType!.ToString());
    }

    [Fact]
    public async Task Federate_Head_Is405AsInPrometheus()
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, "/federate?match[]=many");
        using var answer = await fixture.Http.SendAsync(request, Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
    }

    [Theory]
    [InlineData("/metrics")]
    [InlineData("/")]
    [InlineData("/api/v1/targets")]
    [InlineData("/-/healthy")]
    public async Task Head_AnyPage_HasHeadersOnly(string path)
    {
        using var get = await fixture.Http.GetAsync(path, Token);
        using var head = await fixture.Http.SendAsync(new HttpRequestMessage(HttpMethod.Head, path), Token);
        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Content.Headers.ContentType, head.Content.Headers.ContentType);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(Token));
    }

    [Theory]
    [InlineData("/federate?match[]=many")]
    [InlineData("/metrics")]
    [InlineData("/api/v1/targets")]
    public async Task Post_ReadOnlyPage_Is405WithAllow(string path)
    {
        using var answer = await fixture.Http.PostAsync(path, new StringContent("x"), Token);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal(["GET", "HEAD"], answer.Content.Headers.Allow);
    }

    [Theory]
    [InlineData("/federation")]
    [InlineData("/federation?match[]=up")]
    public async Task Federation_OldName_NamesTheRightOne(string path)
    {
        using var answer = await fixture.Http.GetAsync(path, Token);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("/federate", await answer.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Federate_ReportSeries_HaveTheTargetsInstanceAndExternalLabels()
    {
        var body = await fixture.Http.GetStringAsync(TributaryServer.FederatePath("up"), Token);
        var line = Lines(body).Single(line => line.StartsWith("up{", StringComparison.Ordinal));
        Assert.StartsWith("up{instance=\"127.0.0.1:", line, StringComparison.Ordinal);
        Assert.Contains("job=\"federate\",region=\"eu\",replica=\"0\"} 1 ", line, StringComparison.Ordinal);
    }

    private static string[] Lines(string body) => body.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
