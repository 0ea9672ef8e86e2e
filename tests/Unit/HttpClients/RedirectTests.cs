using System.Net;
using Microsoft.AspNetCore.Http;
using Tributary.Configuration.Http;
using Tributary.HttpClients;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.HttpClients;

/// <summary>Redirects, and where credentials go along; and sockets in the file system.</summary>
public sealed class RedirectTests
{
    private static readonly HttpClientConfig Bearer = new()
    {
        Authorization = new AuthorizationConfig("Bearer", Secret.Of("hunter2")),
    };

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_OnTheSameHost_IsFollowedWithCredentials(int status)
    {
        await using var server = await TestServer.StartAsync(context =>
            context.Request.Path == "/"
                ? RedirectAsync(context, "/next?a=b", status)
                : TestServer.AnswerAsync(context, 200, context.Request.Path + context.Request.QueryString)
        );
        Assert.Equal((200, "/next?a=b"), await Asking.OnceAsync(Bearer, server.Url));
        Assert.Equal(["Bearer hunter2", "Bearer hunter2"], server.Authorizations);
    }

    [Theory]
    [InlineData("http://xn--\u00fc.example/")]
    [InlineData("ftp://b/")]
    public void Redirect_ToWhatCannotBeAsked_Fails(string location)
    {
        using var response = new HttpResponseMessage(HttpStatusCode.Found);
        response.Headers.TryAddWithoutValidation("Location", location);
        var problem = Assert.Throws<HttpClientException>(() => RedirectRules.Next(response, new Uri("http://a/")));
        Assert.Equal("a redirected to something that is no http or https address", problem.Message);
    }

    [Fact]
    public async Task Redirect_NotToBeFollowed_IsTheAnswer()
    {
        await using var server = await TestServer.StartAsync(context => RedirectAsync(context, "/next"));
        Assert.Equal(302, (await Asking.OnceAsync(Bearer with { FollowRedirects = false }, server.Url)).Status);
        Assert.Single(server.Authorizations);
    }

    [Theory]
    [InlineData("bearer")]
    [InlineData("basic")]
    [InlineData("oauth2")]
    public async Task Redirect_ToAnotherHostAndBack_LosesCredentialsForGood(string way)
    {
        await using var tokens = await TestServer.StartAsync(context =>
            TestServer.AnswerAsync(context, 200, """{"access_token":"hunter2"}""", "application/json")
        );
        var config = way switch
        {
            "bearer" => Bearer,
            "basic" => new HttpClientConfig { BasicAuth = new BasicAuthConfig(Secret.Of("a"), Secret.Of("hunter2")) },
            _ => new HttpClientConfig { OAuth2 = new OAuth2Config { TokenUrl = new Uri(tokens.Url) } },
        };
        var cookie = new Dictionary<string, HttpHeaderConfig> { ["Cookie"] = new([Secret.Of("a=hunter2")]) };
        var cookies = new List<string>();
        TestServer? server = null;
        server = await TestServer.StartAsync(context =>
        {
            cookies.Add(context.Request.Headers.Cookie.ToString());
            return context.Request.Path.Value switch
            {
                "/" => RedirectAsync(context, server!.On("localhost") + "away"),
                "/away" => RedirectAsync(context, server!.Url + "back"),
                _ => TestServer.AnswerAsync(context, 200, context.Request.Path),
            };
        });
        await using var disposal = server;
        Assert.Equal((200, "/back"), await Asking.OnceAsync(config with { HttpHeaders = cookie }, server.Url));
        Assert.Equal(3, server.Authorizations.Count);
        Assert.NotEqual("", server.Authorizations.First());
        Assert.Equal(["", ""], server.Authorizations.Skip(1));
        Assert.Equal(["a=hunter2", "", ""], cookies);
    }

    [Fact]
    public async Task Redirect_FromTlsToNone_LosesCredentials()
    {
        using var authority = TestCertificates.Create();
        using var certificate = authority.Server(["127.0.0.1"]);
        await using var plain = await TestServer.StartAsync(context => TestServer.AnswerAsync(context, 200));
        await using var server = await TestServer.SecureAsync(
            certificate,
            context => RedirectAsync(context, plain.Url)
        );
        var config = Bearer with { Tls = new TlsConfig { Ca = Secret.Of(authority.AuthorityPem) } };
        Assert.Equal(200, (await Asking.OnceAsync(config, server.Url)).Status);
        Assert.Equal(["Bearer hunter2"], server.Authorizations);
        Assert.Equal([""], plain.Authorizations);
    }

    [Theory]
    [InlineData("http://source.test/", "http://source.test:81/", true)]
    [InlineData("http://source.test/", "https://a.SOURCE.test/", true)]
    [InlineData("https://source.test/", "http://source.test/", false)]
    [InlineData("http://source.test/", "http://mysource.test/", false)]
    [InlineData("http://a.source.test/", "http://source.test/", false)]
    [InlineData("http://127.0.0.1/", "http://1.127.0.0.1/", false)]
    [InlineData("http://[::1]/", "http://[::1]:9/", true)]
    public void IsTrusted_IsTheSameDomainOrOneBelow(string original, string next, bool isTrusted) =>
        Assert.Equal(isTrusted, RedirectRules.IsTrusted(new Uri(original), new Uri(next)));

    [Theory]
    [InlineData("/", 11, "127.0.0.1:PORT redirected once more after 10 redirects")]
    [InlineData(
        "ftp://hunter2@source.test/",
        1,
        "127.0.0.1:PORT redirected to something that is no http or https address"
    )]
    public async Task Redirect_ThatLeadsNowhere_FailsTheRequest(string location, int requests, string expected)
    {
        await using var server = await TestServer.StartAsync(context => RedirectAsync(context, location));
        var told = await Asking.FailAsync(Bearer, server.Url);
        Assert.Equal(expected.Replace("PORT", $"{server.Port}", StringComparison.Ordinal), told);
        Assert.Equal(requests, server.Authorizations.Count);
    }

    [Fact]
    public async Task Redirect_WithoutLocation_IsTheAnswer()
    {
        await using var server = await TestServer.StartAsync(context => TestServer.AnswerAsync(context, 302, "here"));
        Assert.Equal((302, "here"), await Asking.OnceAsync(Bearer, server.Url));
    }

    [Theory]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirect_OfAPost_KeepsTheBodyWhereTheStatusSaysSo(int status)
    {
        await using var server = await StartAsync(status);
        using var client = Asking.Client(Bearer);
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Url) { Content = new StringContent("body") };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal("POST body", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Whoever answers the GET with success has got nothing of what was sent.</summary>
    [Theory]
    [InlineData(301, "POST")]
    [InlineData(302, "PUT")]
    [InlineData(303, "POST")]
    public async Task Redirect_ThatWouldLoseTheBody_FailsTheRequest(int status, string method)
    {
        await using var server = await StartAsync(status);
        using var client = Asking.Client(Bearer);
        using var request = new HttpRequestMessage(new HttpMethod(method), server.Url);
        request.Content = new StringContent("body");
        var problem = await Assert.ThrowsAsync<HttpClientException>(() =>
            client.SendAsync(request, TestContext.Current.CancellationToken)
        );
        Assert.Equal(
            $"127.0.0.1:{server.Port} redirected to http://127.0.0.1:{server.Port} by {status}, where only a GET without a body would go: write the address that it leads to",
            problem.Message
        );
        Assert.Single(server.Authorizations);
    }

    private static Task<TestServer> StartAsync(int status) =>
        TestServer.StartAsync(async context =>
        {
            if (context.Request.Path == "/")
            {
                await RedirectAsync(context, "/next", status);
                return;
            }
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            await TestServer.AnswerAsync(context, 200, $"{context.Request.Method} {body}");
        });

    [Fact]
    public async Task UnixSocket_IsWhereEveryConnectionGoes()
    {
        using var folder = new TestFolder();
        var (first, second) = (Asking.PathIn(folder, "a.sock"), Asking.PathIn(folder, "b.sock"));
        await using var one = await TestServer.OnSocketAsync(first, "first");
        await using var two = await TestServer.OnSocketAsync(second, "second");
        using var pool = new HttpClientPool(TimeProvider.System);
        foreach (var (path, text) in new[] { (first, "first"), (second, "second"), (first, "first") })
        {
            var client = pool.For(HttpClientConfig.Default, path);
            Assert.Equal((200, text), await Asking.GetAsync(client, "http://localhost/"));
        }
        using var missing = Asking.Client(HttpClientConfig.Default, socket: "/nowhere/c.sock");
        var told = await Asking.FailAsync(missing, "http://localhost/");
        Assert.StartsWith("no connection to the Unix socket /nowhere/c.sock: ", told, StringComparison.Ordinal);
    }

    private static Task RedirectAsync(HttpContext context, string location, int status = 302)
    {
        context.Response.Headers.Location = location;
        return TestServer.AnswerAsync(context, status, "moved");
    }
}
