using System.Net;
using Azure.Identity;
using Tributary.Configuration.Http;
using Tributary.HttpClients;
using Tributary.Identities;
using Tributary.Tests.Unit.Identities;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.HttpClients;

/// <summary>Whose tokens <c>azuread</c> sends, and what is told when there are none.</summary>
public sealed class EntraTokensTests
{
    private static readonly AzureAdConfig Config = new() { Scope = "https://monitor.azure.com//.default" };

    private readonly FakeGiver giver = new(new ManualTime(1_700_000_000_000));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static TheoryData<AzureAdConfig, AzureIdentity, Type> Methods { get; } =
        new()
        {
            {
                new AzureAdConfig
                {
                    Method = AzureAdMethod.ManagedIdentity,
                    ClientId = "c",
                    Cloud = "AzureChina",
                },
                new AzureIdentity { Kind = IdentityKind.Managed, ClientId = "c" },
                typeof(ManagedIdentityCredential)
            },
            {
                new AzureAdConfig
                {
                    Method = AzureAdMethod.WorkloadIdentity,
                    ClientId = "c",
                    TenantId = "t",
                    TokenFile = "f",
                },
                new AzureIdentity
                {
                    Kind = IdentityKind.Workload,
                    ClientId = "c",
                    TenantId = "t",
                    TokenFile = "f",
                },
                typeof(WorkloadIdentityCredential)
            },
            {
                new AzureAdConfig
                {
                    Method = AzureAdMethod.OAuth,
                    ClientId = "c",
                    TenantId = "t",
                    ClientSecret = Secret.Of("s"),
                    Cloud = "AzureGovernment",
                },
                new AzureIdentity
                {
                    Kind = IdentityKind.Secret,
                    ClientId = "c",
                    TenantId = "t",
                    ClientSecret = "s",
                    Authority = AzureAuthorityHosts.AzureGovernment,
                },
                typeof(ClientSecretCredential)
            },
        };

    [Theory]
    [MemberData(nameof(Methods), DisableDiscoveryEnumeration = true)]
    public void Methods_AreIdentitiesWithTheirCredentials(AzureAdConfig config, AzureIdentity identity, Type credential)
    {
        Assert.Equal(identity, EntraTokens.IdentityOf(config));
        Assert.IsType(credential, EntraCredentials.Create(identity));
    }

    [Fact]
    public void Sdk_IsWhoeverThisProcessIs_InItsTenant() =>
        Assert.Equal(
            AzureIdentity.OfProcess with
            {
                TenantId = "t",
            },
            EntraTokens.IdentityOf(new AzureAdConfig { Method = AzureAdMethod.Sdk, TenantId = "t" })
        );

    [Fact]
    public async Task Header_HasTheToken_AndItsFailureIsToldWithTheScope()
    {
        var pool = giver.Pool();
        Assert.Equal("Bearer token-1", await new EntraTokens(Config, pool).GetAsync(Token));
        Assert.Equal("Bearer token-1", await new EntraTokens(Config, pool).GetAsync(Token));
        giver.Failure = _ => new IdentityException("the endpoint is down", isPassing: true);
        var other = new EntraTokens(Config with { ClientId = "other" }, pool);
        var problem = await Assert.ThrowsAsync<HttpClientException>(async () => await other.GetAsync(Token));
        Assert.Equal(
            "azuread: no token for https://monitor.azure.com//.default could be had: the endpoint is down",
            problem.Message
        );
    }

    /// <summary>What a server answers by turns, and the tokens that it saw.</summary>
    [Theory]
    [InlineData(200, "Bearer token-1", 200)]
    [InlineData(200, "Bearer token-1 Bearer token-2", 401, 200)]
    [InlineData(401, "Bearer token-1 Bearer token-2", 401, 401)]
    [InlineData(403, "Bearer token-1", 403)]
    public async Task RefusedToken_IsReplaced_AndTheRequestSentOnceMore(
        int expected,
        string tokens,
        params int[] answers
    )
    {
        var seen = new List<string>();
        var bodies = new List<string>();
        var pool = giver.Pool();
        using var http = Client(
            pool,
            async request =>
            {
                seen.Add(request.Headers.Authorization!.ToString());
                bodies.Add(await request.Content!.ReadAsStringAsync(Token));
                return new HttpResponseMessage((HttpStatusCode)answers[seen.Count - 1]);
            }
        );
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://write.example/")
        {
            Content = new ByteArrayContent("body"u8.ToArray()),
        };
        using var response = await http.SendAsync(request, Token);
        Assert.Equal(expected, (int)response.StatusCode);
        Assert.Equal(tokens, string.Join(' ', seen));
        Assert.All(bodies, body => Assert.Equal("body", body));
    }

    private static HttpMessageInvoker Client(TokenPool pool, Func<HttpRequestMessage, Task<HttpResponseMessage>> answer)
    {
        var config = HttpClientConfig.Default with { AzureAd = Config };
        var authorization = AuthorizationHeader.Of(
            config,
            _ => throw new InvalidOperationException("no OAuth 2.0 here"),
            azure => new EntraTokens(azure, pool)
        );
        return new HttpMessageInvoker(new SourceHandler(config, new Answering(answer), authorization));
    }

    private sealed class Answering(Func<HttpRequestMessage, Task<HttpResponseMessage>> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => answer(request);
    }
}
