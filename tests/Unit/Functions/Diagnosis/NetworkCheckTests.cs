using System.Globalization;
using Microsoft.AspNetCore.Http;
using Tributary.Configuration;
using Tributary.Functions.Diagnosis;
using Tributary.Tests.Unit.HttpClients;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>What sources and destinations answer, and what the doctor says of it.</summary>
public sealed class NetworkCheckTests : IDisposable
{
    private readonly DoctorPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Status, content type and text of an answer, and the failure.</summary>
    public static TheoryData<int, string, string, string> BadAnswers { get; } =
        new()
        {
            { 401, "text/plain", "", "the source answered 401 Unauthorized: it wants credentials" },
            { 403, "text/plain", "", "the source answered 403 Forbidden: it wants credentials" },
            { 404, "text/plain", "", "check metrics_path, it is /metrics" },
            {
                200,
                "text/html; charset=utf-8",
                "<html>Sign in</html>",
                "it answers with a web page instead of metrics"
            },
            { 200, "text/plain", "<!DOCTYPE html><html>", "it answers with a web page instead of metrics" },
            { 200, "application/json", "{}", "content type \"application/json\" instead of text/plain" },
            { 503, "text/plain", "", "the source answered 503" },
        };

    /// <summary>What a receiver answers to a GET, and what is said of it.</summary>
    public static TheoryData<int, string> Receivers { get; } =
        new()
        {
            { 405, "Ok" },
            { 400, "Ok" },
            { 204, "Ok" },
            { 401, "Failure" },
            { 403, "Failure" },
            { 404, "Warning" },
            { 500, "Warning" },
        };

    public void Dispose() => place.Dispose();

    [Theory]
    [MemberData(nameof(BadAnswers))]
    public async Task Sources_BadAnswer_IsNamed(int status, string type, string body, string text)
    {
        await using var server = await TestServer.StartAsync(context =>
            TestServer.AnswerAsync(context, status, body, type)
        );
        var failure = Assert.Single(await SourcesAsync(Job($"127.0.0.1:{server.Port}")));
        Assert.Equal(FindingKind.Failure, failure.Kind);
        Assert.StartsWith($"a, 127.0.0.1:{server.Port}: ", failure.Text, StringComparison.Ordinal);
        Assert.Contains(text, failure.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "Ok", "answers")]
    [InlineData(-120, "Warning", "behind this machine's")]
    [InlineData(1200, "Failure", "more than 10 minutes ahead are dropped")]
    public async Task Sources_Clock_IsCompared(int aheadSeconds, string kind, string text)
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Headers.Date = DateTime
                .UtcNow.AddSeconds(aheadSeconds)
                .ToString("R", CultureInfo.InvariantCulture);
            return TestServer.AnswerAsync(context, StatusCodes.Status200OK, "m 1\n");
        });
        var worst = (await SourcesAsync(Job($"127.0.0.1:{server.Port}"))).MaxBy(one => one.Kind)!;
        Assert.Equal(kind, worst.Kind.ToString());
        Assert.Contains(text, worst.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_Prometheus_SaysItsVersion()
    {
        await using var server = await TestServer.StartAsync(context =>
            context.Request.Path == "/p/api/v1/status/buildinfo"
                ? TestServer.AnswerAsync(
                    context,
                    200,
                    """{"status":"success","data":{"version":"2.42.0"}}""",
                    "application/json"
                )
                : TestServer.AnswerAsync(context, 200, "m 1\n")
        );
        var job = $$"""
            - job_name: f
              honor_labels: true
              metrics_path: /p/federate
              params: {'match[]': [up]}
              static_configs: [{targets: ['127.0.0.1:{{server.Port}}']}]
            """;
        var finding = Assert.Single(await SourcesAsync(job));
        Assert.Equal($"f, 127.0.0.1:{server.Port}: answers, Prometheus 2.42.0", finding.Text);
    }

    [Theory]
    [InlineData(100, "Ok")]
    [InlineData(30, "Warning")]
    public async Task Sources_CertificateThatEndsSoon_IsSeen(int days, string kind)
    {
        using var authority = TestCertificates.Create();
        using var certificate = authority.Server(["127.0.0.1"], days);
        await using var server = await TestServer.SecureAsync(
            certificate,
            context => TestServer.AnswerAsync(context, 200, "m 1\n")
        );
        var ca = place.Write("ca.pem", authority.AuthorityPem);
        var findings = await SourcesAsync(
            Job($"127.0.0.1:{server.Port}", $", scheme: https, tls_config: {{ca_file: '{ca}'}}")
        );
        Assert.Equal(kind, findings.Max(one => one.Kind).ToString());
        Assert.Equal(
            kind == "Warning",
            findings.Any(one => one.Text.Contains("its certificate ends at", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Sources_NobodyThere_AreAllNamed()
    {
        var findings = await SourcesAsync(Job("127.0.0.1:1', 'no-such-host.invalid:9090"));
        Assert.Equal(2, findings.Count);
        Assert.All(findings, one => Assert.Equal(FindingKind.Failure, one.Kind));
        Assert.Contains("no connection to 127.0.0.1:1", findings[0].Text, StringComparison.Ordinal);
        Assert.Contains("no-such-host.invalid", findings[1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_NoAnswerInTime_NamesTheLimit()
    {
        await using var server = await TestServer.StartAsync(context =>
            Task.Delay(TimeSpan.FromSeconds(20), context.RequestAborted)
        );
        var failure = Assert.Single(
            await SourcesAsync(Job($"127.0.0.1:{server.Port}", ", scrape_interval: 1s, scrape_timeout: 300ms"))
        );
        Assert.Contains("within its scrape_timeout of 0.3 s", failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_Credentials_AreSentAndNeverShown()
    {
        await using var server = await TestServer.StartAsync(context =>
            TestServer.AnswerAsync(context, 400, $"you sent {context.Request.Headers.Authorization}")
        );
        var findings = await SourcesAsync(
            Job(
                $"127.0.0.1:{server.Port}",
                ", authorization: {credentials: hidden-hidden}, params: {token: [hidden-hidden]}"
            )
        );
        Assert.Equal(FindingKind.Failure, Assert.Single(findings).Kind);
        Assert.Contains("Bearer hidden-hidden", server.Authorizations);
        Assert.DoesNotContain("hidden-hidden", findings[0].Text + findings[0].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sources_None_Warns() =>
        Assert.Equal("there are no sources", Assert.Single(await SourcesAsync("[]")).Text);

    [Theory]
    [MemberData(nameof(Receivers))]
    public async Task Destinations_RemoteWrite_IsAskedAndSentNothing(int status, string kind)
    {
        var methods = new List<string>();
        await using var server = await TestServer.StartAsync(context =>
        {
            methods.Add($"{context.Request.Method} {context.Request.Path} {context.Request.ContentLength ?? 0}");
            return TestServer.AnswerAsync(context, status);
        });
        var finding = Assert.Single(
            await DestinationsAsync($"remote_write: [{{name: r, url: '{server.Url}api/v1/write'}}]")
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.StartsWith("remote_write r: answers", finding.Text, StringComparison.Ordinal);
        Assert.Equal(["GET /api/v1/write 0"], methods);
    }

    [Theory]
    [InlineData(200, "Ok")]
    [InlineData(401, "Failure")]
    [InlineData(404, "Warning")]
    public async Task Destinations_Alertmanager_IsAskedForItsStatus(int status, string kind)
    {
        var paths = new List<string>();
        await using var server = await TestServer.StartAsync(context =>
        {
            paths.Add($"{context.Request.Method} {context.Request.Path}");
            return TestServer.AnswerAsync(context, status, "{}", "application/json");
        });
        var finding = Assert.Single(
            await DestinationsAsync(
                $"alerting: {{alertmanagers: [{{path_prefix: /am, static_configs: [{{targets: ['127.0.0.1:{server.Port}']}}]}}]}}"
            )
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.Equal(["GET /am/api/v2/status"], paths);
    }

    [Theory]
    [InlineData(404, "Ok")]
    [InlineData(405, "Ok")]
    [InlineData(403, "Failure")]
    public async Task Destinations_WebServerOfAnExport_IsAskedWithHead(int status, string kind)
    {
        var methods = new List<string>();
        await using var server = await TestServer.StartAsync(context =>
        {
            methods.Add(context.Request.Method);
            context.Response.StatusCode = status;
            return Task.CompletedTask;
        });
        var finding = Assert.Single(
            await DestinationsAsync(Export(server.Url + "x/{date}{time}.csv?sig=hidden-hidden"))
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.Equal(["HEAD"], methods);
        Assert.DoesNotContain("hidden-hidden", finding.Text + finding.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destinations_FolderOfAnExport_IsProbedAndLeftAsItWas()
    {
        var finding = Assert.Single(await DestinationsAsync(Export($"file:{place.Folder}/a/b/{{date}}/{{time}}.csv")));
        Assert.Equal($"export e: '{place.Folder}' can be written", finding.Text);
        Assert.Empty(Directory.EnumerateFileSystemEntries(place.Folder));
    }

    [Fact]
    public async Task Destinations_FolderThatCannotBeWritten_IsAFailure()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs a file system in which nobody can make files");
        var finding = Assert.Single(await DestinationsAsync(Export("file:/proc/self/x/{date}{time}.csv")));
        Assert.Equal(FindingKind.Failure, finding.Kind);
        Assert.StartsWith("export e: no file can be made in '/proc/self'", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Destinations_NobodyThere_AreAllNamed()
    {
        var findings = await DestinationsAsync(
            "remote_write: [{name: r, url: 'http://127.0.0.1:1/w'}]\n"
                + "alerting: {alertmanagers: [{static_configs: [{targets: ['127.0.0.1:1']}]}]}"
        );
        Assert.Equal([FindingKind.Failure, FindingKind.Failure], findings.Select(one => one.Kind));
        Assert.All(
            findings,
            one => Assert.Contains("no connection to 127.0.0.1:1", one.Text, StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Destinations_None_AreSkipped() =>
        Assert.Equal(FindingKind.Skipped, Assert.Single(await DestinationsAsync("scrape_configs: []")).Kind);

    private static string Job(string target, string more = "") =>
        $"- {{job_name: a, static_configs: [{{targets: ['{target}']}}]{more}}}";

    private static string Export(string destination) =>
        $"tributary: {{exports: [{{name: e, schedule: '0 0 * * * *', query: up, format: csv, destination: '{destination}'}}]}}";

    private static Task<IReadOnlyList<Finding>> SourcesAsync(string jobs) =>
        DoctorPlace.LookAsync(findings =>
            new SourcesCheck(
                ConfigReader.Read(jobs == "[]" ? "scrape_configs: []" : "scrape_configs:\n" + jobs, "t.yml"),
                TimeProvider.System
            ).RunAsync(findings, Token)
        );

    private static Task<IReadOnlyList<Finding>> DestinationsAsync(string config) =>
        DoctorPlace.LookAsync(findings =>
            new DestinationsCheck(ConfigReader.Read(config, "t.yml"), TimeProvider.System).RunAsync(findings, Token)
        );
}
