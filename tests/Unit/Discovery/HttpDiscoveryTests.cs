using System.IO.Compression;
using System.Net;
using System.Text;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Discovery;

/// <summary>Over a real connection to a server in this process, whose answers the test writes.</summary>
public sealed class HttpDiscoveryTests : IAsyncDisposable
{
    private const string Json = "application/json";
    private readonly ManualTime time = new(0);
    private readonly HttpListener server = new();
    private readonly Uri url;
    private readonly Task serving;
    private readonly List<HttpListenerRequest> requests = [];
    private readonly TaskCompletionSource release = new();
    private Func<HttpListenerResponse, Task> answer = response => Text(response, "[]");

    public HttpDiscoveryTests()
    {
        url = Listen();
        serving = ServeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        // Answers that wait end with the test, however it ends.
        release.TrySetResult();
        server.Close();
        await serving.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Refresh_AList_GivesGroupsWithTheirUrl()
    {
        using var web = Web(new Uri(url, "/sd?team=x"));
        answer = response => Text(response, """[{"targets":["a"],"labels":{"x":"y"}},{"targets":["b"]}]""");
        Assert.True(await web.RefreshAsync(default));
        Assert.Equal("a b", Addresses(web));
        Assert.Equal("y", web.Groups[0].Labels.Get("x"));
        Assert.Equal($"{url}sd?team=x", web.Groups[1].Labels.Get("__meta_url"));
        Assert.Equal([$"{url}sd:0", $"{url}sd:1"], web.Groups.Select(group => group.Source));
        var request = Assert.Single(requests);
        Assert.Equal(("GET", "/sd?team=x"), (request.HttpMethod, request.RawUrl));
        Assert.Equal(
            (Json, "90.5", true),
            (
                request.Headers["Accept"],
                request.Headers["X-Prometheus-Refresh-Interval-Seconds"],
                request.UserAgent?.StartsWith("Tributary/", StringComparison.Ordinal)
            )
        );
        Assert.False(await web.RefreshAsync(default));
        answer = response => Text(response, """[{"targets":["b"]}]""");
        Assert.True(await web.RefreshAsync(default));
        Assert.Equal("b", Addresses(web));
    }

    [Theory]
    [InlineData("application/json; charset=utf-8")]
    [InlineData("Application/JSON;charset=\"UTF-8\"")]
    public async Task Refresh_JsonByAnotherSpelling_IsTaken(string type)
    {
        using var web = Web(url);
        answer = response => Text(response, """[{"targets":["a"]}]""", type);
        Assert.True(await web.RefreshAsync(default));
    }

    [Fact]
    public async Task Refresh_AGzipAnswer_IsUnpacked()
    {
        using var web = Web(url);
        answer = async response =>
        {
            response.ContentType = Json;
            response.AddHeader("Content-Encoding", "gzip");
            await using var gzip = new GZipStream(response.OutputStream, CompressionLevel.Fastest);
            await gzip.WriteAsync("""[{"targets":["a"]}]"""u8.ToArray(), CancellationToken.None);
        };
        Assert.True(await web.RefreshAsync(default));
        Assert.Equal("a", Addresses(web));
    }

    [Theory]
    [InlineData(500, Json, "[]", "the server answered 500 instead of 200")]
    [InlineData(201, Json, "[]", "the server answered 201 instead of 200")]
    [InlineData(200, "text/plain", "[]", "content type \"text/plain\" instead of application/json")]
    [InlineData(200, "application/json; charset=latin1", "[]", "instead of application/json")]
    [InlineData(200, "application/jsonp", "[]", "instead of application/json")]
    [InlineData(200, null, "[]", "content type \"\" instead of application/json")]
    [InlineData(200, Json, "", ":1:1: the file is empty")]
    [InlineData(200, Json, "<html>", ":1:1: not valid JSON")]
    [InlineData(200, Json, "[null]", ":1:2: a target group must be an object")]
    [InlineData(200, Json, """[{"targets":["x"],"more":1}]""", "unknown field \"more\"")]
    public async Task Refresh_AnotherAnswer_KeepsTheTargetsAndIsCounted(
        int status,
        string? type,
        string body,
        string problem
    )
    {
        using var web = Web(new Uri(url, "/sd?token=secret"));
        answer = response => Text(response, """[{"targets":["a"]}]""");
        await web.RefreshAsync(default);
        answer = response => Text(response, body, type, status);
        Assert.False(await web.RefreshAsync(default));
        Assert.Equal("a", Addresses(web));
        Assert.Equal(1, web.Failures);
        var shown = Assert.Single(web.Problems);
        Assert.Contains(problem, shown, StringComparison.Ordinal);
        Assert.StartsWith($"http_sd: {url}sd:", shown, StringComparison.Ordinal);
        Assert.EndsWith("; its former targets are kept", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", shown, StringComparison.Ordinal);
        answer = response => Text(response, """[{"targets":["a"]}]""");
        Assert.False(await web.RefreshAsync(default));
        Assert.Empty(web.Problems);
    }

    [Fact]
    public async Task Refresh_AnEndlessAnswer_IsRefused()
    {
        using var web = Web(url);
        answer = async response =>
        {
            response.ContentType = Json;
            response.SendChunked = true;
            var spaces = Encoding.UTF8.GetBytes(new string(' ', 1 << 20));
            for (var i = 0; i < 40; i++)
            {
                await response.OutputStream.WriteAsync(spaces, CancellationToken.None);
            }
        };
        Assert.False(await web.RefreshAsync(default));
        Assert.Contains(
            $"longer than {HttpDiscovery.MaxBodyBytes} bytes",
            Assert.Single(web.Problems),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Refresh_ASlowServer_IsGivenUpAfterTheInterval()
    {
        using var web = Web(url);
        answer = _ => release.Task;
        var refresh = web.RefreshAsync(default);
        await CollectPlace.UntilAsync(() => requests.Count == 1);
        time.Advance(TimeSpan.FromSeconds(90));
        Assert.False(refresh.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(await refresh);
        Assert.Contains("no whole answer within 90.5 s", Assert.Single(web.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_NoServer_IsAProblemAndNoException()
    {
        server.Close();
        using var web = Web(url);
        Assert.False(await web.RefreshAsync(default));
        Assert.Contains("no connection to 127.0.0.1:", Assert.Single(web.Problems), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refresh_Stopped_IsNoFailure()
    {
        using var web = Web(url);
        using var stop = new CancellationTokenSource();
        answer = _ => release.Task;
        var refresh = web.RefreshAsync(stop.Token);
        await CollectPlace.UntilAsync(() => requests.Count == 1);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => refresh);
        Assert.Equal(0, web.Failures);
    }

    [Fact]
    public async Task Refresh_CredentialsInTheUrl_AreSentAndNeverShown()
    {
        using var web = Web(
            new UriBuilder(url)
            {
                UserName = "me",
                Password = "p%40w",
                Path = "/sd",
            }.Uri
        );
        answer = response => Text(response, """[{"targets":["a"]}]""");
        await web.RefreshAsync(default);
        Assert.Equal("Basic bWU6cEB3", requests[0].Headers["Authorization"]);
        Assert.Equal($"{url}sd", web.Groups[0].Labels.Get("__meta_url"));
        answer = response => Text(response, "", status: 500);
        await web.RefreshAsync(default);
        Assert.DoesNotContain(
            "p@w",
            web.Problems[0].Replace("%40", "@", StringComparison.Ordinal),
            StringComparison.Ordinal
        );
    }

    private static async Task Text(HttpListenerResponse response, string body, string? type = Json, int status = 200)
    {
        response.StatusCode = status;
        response.ContentType = type;
        await response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(body), CancellationToken.None);
    }

    private static string Addresses(TargetProvider provider) =>
        string.Join(
            ' ',
            provider.Groups.SelectMany(group => group.Targets).Select(target => target.Get("__address__"))
        );

    private HttpDiscovery Web(Uri address) =>
        new(
            new HttpSdConfig(address, TimeSpan.FromSeconds(90.5), HttpClientConfig.Default),
            new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false }),
            time
        );

    private Uri Listen()
    {
        for (var port = 20_000 + Environment.ProcessId % 20_000; ; port++)
        {
            try
            {
                var prefix = $"http://127.0.0.1:{port}/";
                server.Prefixes.Clear();
                server.Prefixes.Add(prefix);
                server.Start();
                return new Uri(prefix);
            }
            catch (HttpListenerException) when (port < 60_000)
            {
                // Someone else has it.
            }
        }
    }

    private async Task ServeAsync()
    {
        while (server.IsListening)
        {
            try
            {
                var context = await server.GetContextAsync();
                requests.Add(context.Request);
                await answer(context.Response);
                context.Response.Close();
            }
            catch (Exception exception)
                when (exception
                        is HttpListenerException
                            or ObjectDisposedException
                            or IOException
                            or InvalidOperationException
                )
            {
                // The client went, or the test ended.
            }
        }
    }
}
