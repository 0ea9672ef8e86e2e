using System.Net;
using System.Net.Sockets;
using System.Text;
using Tributary.Identities;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Identities;

/// <summary>The two protocols of managed identities, and what becomes of an endpoint's refusals and silence.</summary>
public sealed class ManagedEndpointTests
{
    private const string Scope = "https://storage.azure.com/.default";
    private const string Header = "the-identity-header";
    private const string AppUrl = "http://127.0.0.1:41000/msi/token";
    private const string Good =
        """{"access_token":"abc","expires_on":"1700003600","resource":"r","token_type":"Bearer"}""";

    private static readonly AzureIdentity Assigned = new() { Kind = IdentityKind.Managed };
    private static readonly AzureIdentity User = Assigned with { ClientId = "1-2" };
    private static readonly Dictionary<string, string> App = new(StringComparer.Ordinal)
    {
        ["IDENTITY_ENDPOINT"] = AppUrl,
        ["IDENTITY_HEADER"] = Header,
    };

    private readonly ManualTime time = new(1_700_000_000_000);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<bool, AzureIdentity, string, string> Requests { get; } =
        new()
        {
            {
                true,
                Assigned,
                $"{AppUrl}?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com",
                $"X-IDENTITY-HEADER: {Header}"
            },
            {
                true,
                User,
                $"{AppUrl}?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com&client_id=1-2",
                $"X-IDENTITY-HEADER: {Header}"
            },
            {
                true,
                Assigned with
                {
                    ResourceId = "/subscriptions/s",
                },
                $"{AppUrl}?api-version=2019-08-01&resource=https%3A%2F%2Fstorage.azure.com&mi_res_id=%2Fsubscriptions%2Fs",
                $"X-IDENTITY-HEADER: {Header}"
            },
            {
                false,
                User,
                "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com&client_id=1-2",
                "Metadata: true"
            },
            {
                false,
                Assigned with
                {
                    ResourceId = "r",
                },
                "http://169.254.169.254/metadata/identity/oauth2/token?api-version=2018-02-01&resource=https%3A%2F%2Fstorage.azure.com&msi_res_id=r",
                "Metadata: true"
            },
        };

    [Theory]
    [MemberData(nameof(Requests), DisableDiscoveryEnumeration = true)]
    public async Task Request_IsThatOfTheProtocol(bool isApp, AzureIdentity identity, string url, string header)
    {
        using var server = new Script((200, Good));
        var token = await Endpoint(server, isApp).AskAsync(identity, Scope, Token);
        Assert.Equal(("abc", 1_700_003_600L), (token.Text, token.ExpiresAt.ToUnixTimeSeconds()));
        Assert.Equal([$"{url} {header}"], server.Requests);
    }

    [Fact]
    public async Task Audience_IsTheScopeWithoutItsEnd_AsAzureMonitorWantsIt()
    {
        using var server = new Script((200, Good));
        await Endpoint(server).AskAsync(Assigned, "https://monitor.azure.com//.default", Token);
        Assert.Contains("resource=https%3A%2F%2Fmonitor.azure.com%2F ", server.Requests[0], StringComparison.Ordinal);
    }

    /// <summary>An answer, and when its token ends and is to be renewed, in seconds from now.</summary>
    [Theory]
    [InlineData("""{"access_token":"abc","expires_on":1700003600}""", 3600, -1)]
    [InlineData("""{"access_token":"abc","expires_in":"86399","expires_on":"1700003600"}""", 3600, -1)]
    [InlineData("""{"access_token":"abc","expires_in":"86399","refresh_in":"43200"}""", 86399, 43200)]
    public async Task Answers_OfAllForms_AreRead(string body, int ends, int renews)
    {
        using var server = new Script((200, body));
        var token = await Endpoint(server).AskAsync(Assigned, Scope, Token);
        Assert.Equal(time.GetUtcNow().AddSeconds(ends), token.ExpiresAt);
        Assert.Equal(renews < 0 ? null : time.GetUtcNow().AddSeconds(renews), token.RenewAt);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"access_token":"abc"}""")]
    [InlineData("""{"access_token":"","expires_on":"1700003600"}""")]
    [InlineData("""{"access_token":"a\r\nb","expires_on":"1700003600"}""")]
    [InlineData("""{"access_token":"abc","expires_on":"soon"}""")]
    [InlineData("""{"access_token":"abc","expires_on":"99999999999999"}""")]
    [InlineData("""{"access_token":5,"expires_on":"1700003600"}""")]
    public async Task Answer_WithoutAToken_IsTold(string body)
    {
        using var server = new Script((200, body));
        var problem = await FailsAsync(Endpoint(server), Assigned);
        Assert.Equal(
            "the endpoint for managed identities, http://127.0.0.1:41000, answered something that is no token",
            problem.Message
        );
    }

    /// <summary>Status and body, which identity, and what is told; those that may pass are asked three times.</summary>
    [Theory]
    [InlineData(
        400,
        """{"statusCode":400,"message":"No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId."}""",
        true,
        1,
        "the managed identity with client ID 1-2: the endpoint for managed identities, http://127.0.0.1:41000, answered 400 "
            + "(No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.): assign this "
            + "identity to the app or machine, or correct its ID (it is the client ID, not the object ID)"
    )]
    [InlineData(
        400,
        """{"error":"invalid_request","error_description":"Identity not found\r\ntrace"}""",
        false,
        1,
        "the system-assigned managed identity: the endpoint for managed identities, http://127.0.0.1:41000, answered 400 "
            + "(invalid_request: Identity not found): give the app or machine a system-assigned identity, or say which "
            + "user-assigned one it has by its client ID"
    )]
    [InlineData(401, "no", false, 1, "answered 401: it does not accept IDENTITY_HEADER; restart the app")]
    [InlineData(400, """{"message":"bad header the-identity-header"}""", false, 1, "answered 400 (bad header xxxxx)")]
    [InlineData(404, "", true, 3, "answered 404: it is asked again; if this lasts, assign this identity")]
    [InlineData(429, "", false, 3, "answered 429: too many requests; it is asked again")]
    [InlineData(500, "<html>", false, 3, "answered 500: it is asked again")]
    [InlineData(503, "[]", false, 3, "answered 503: it is asked again")]
    public async Task Refusal_NamesIdentityEndpointAndWhatToDo(
        int status,
        string body,
        bool isUser,
        int tries,
        string expected
    )
    {
        using var server = new Script((status, body));
        var problem = await FailsAsync(Endpoint(server), isUser ? User : Assigned);
        Assert.Contains(expected, problem.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Header, problem.ToString(), StringComparison.Ordinal);
        Assert.Equal((tries, tries > 1), (server.Requests.Count, problem.IsPassing));
    }

    [Fact]
    public async Task PassingRefusals_AreOverAtTheNextTry()
    {
        using var server = new Script((503, ""), (429, ""), (200, Good));
        var asking = Endpoint(server).AskAsync(Assigned, Scope, Token);
        Assert.Equal("abc", (await AdvancingAsync(asking)).Text);
    }

    [Fact]
    public async Task SilentEndpoint_IsGivenUpAfterTenSeconds()
    {
        using var server = new Script((0, ""));
        var began = time.GetUtcNow();
        var problem = await FailsAsync(Endpoint(server), Assigned);
        Assert.Equal(
            "the system-assigned managed identity: the endpoint for managed identities, http://127.0.0.1:41000, does not "
                + "answer; it is asked again",
            problem.Message
        );
        Assert.True(problem.IsPassing);
        Assert.InRange((time.GetUtcNow() - began).TotalSeconds, 8, 11);
        Assert.InRange(server.Requests.Count, 2, 3);
    }

    [Fact]
    public async Task WhoeverEndsTheAsking_GetsNoErrorOfTheEndpoint()
    {
        using var server = new Script((0, ""));
        using var end = new CancellationTokenSource();
        var asking = Endpoint(server).AskAsync(Assigned, Scope, end.Token);
        await end.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    [Fact]
    public async Task Endpoint_ThatNobodyListensAt_IsTold()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var place = $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var there = MachineAt(place);
        Assert.True(await there.IsReachableAsync(Token));
        listener.Stop();
        Assert.False(await there.IsReachableAsync(Token));
        var problem = await FailsAsync(there, Assigned);
        Assert.Contains($"{place}, cannot be reached; it is asked again", problem.Message, StringComparison.Ordinal);
        Assert.True(problem.IsPassing);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("file:///etc/passwd")]
    [InlineData("http://127.0.0.1/token?a=b")]
    public async Task EndpointThatIsNoAddress_IsTold(string address)
    {
        var variables = new Dictionary<string, string>(App, StringComparer.Ordinal) { ["IDENTITY_ENDPOINT"] = address };
        var problem = await FailsAsync(new ManagedEndpoint(variables.GetValueOrDefault, time), Assigned);
        Assert.Equal("IDENTITY_ENDPOINT is no http URL without a query", problem.Message);
    }

    /// <summary>Surroundings whose protocols are others, and Azure's library speaks.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(true, "IDENTITY_ENDPOINT", "IDENTITY_HEADER")]
    [InlineData(false, "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "IDENTITY_SERVER_THUMBPRINT")]
    [InlineData(false, "IDENTITY_ENDPOINT", "IMDS_ENDPOINT")]
    [InlineData(false, "MSI_ENDPOINT")]
    public void Protocols_AreToldApart(bool isKnown, params string[] variables) =>
        Assert.Equal(
            isKnown,
            new ManagedEndpoint(name => variables.Contains(name, StringComparer.Ordinal) ? "x" : null, time).IsKnown
        );

    private ManagedEndpoint Endpoint(Script server, bool isApp = true) =>
        new(name => isApp ? App.GetValueOrDefault(name) : null, time, server);

    private ManagedEndpoint MachineAt(string place) =>
        new(name => name == "AZURE_POD_IDENTITY_AUTHORITY_HOST" ? place : null, time);

    private async Task<IdentityException> FailsAsync(ManagedEndpoint endpoint, AzureIdentity identity) =>
        await Assert.ThrowsAsync<IdentityException>(() => AdvancingAsync(endpoint.AskAsync(identity, Scope, Token)));

    /// <summary>Lets the clock advance until it is done.</summary>
    private async Task<T> AdvancingAsync<T>(Task<T> work)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(1, patience.Token));
            patience.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromMilliseconds(work.IsCompleted ? 0 : 100));
        }
        return await work;
    }

    /// <summary>Answers by a list, whose last one is given again and again; status 0 is silence.</summary>
    private sealed class Script(params (int Status, string Body)[] answers) : HttpMessageHandler
    {
        public List<string> Requests { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        )
        {
            var headers = request.Headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
            Requests.Add($"{request.RequestUri!.AbsoluteUri} {string.Join("; ", headers)}");
            var (status, body) = answers[Math.Min(Requests.Count, answers.Length) - 1];
            if (status == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }
            return new HttpResponseMessage((HttpStatusCode)status)
            {
                Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
            };
        }
    }
}
