using Azure.Core;
using Azure.Identity;
using Tributary.Configuration.Http;
using Tributary.HttpClients;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.HttpClients;

/// <summary>How long a token of Entra is used, and what is told when there is none.</summary>
public sealed class AzureTokensTests
{
    private readonly ManualTime time = new(1_700_000_000_000);
    private readonly AzureAdConfig config = new() { Scope = "https://monitor.azure.com//.default" };
    private int asked;
    private bool isDown;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Token_IsKeptUntilItIsToBeRenewed()
    {
        using var tokens = Create(renewAfter: TimeSpan.FromHours(12));
        Assert.Equal("Bearer token-1", await tokens.GetAsync(Token));
        time.Advance(TimeSpan.FromHours(11));
        Assert.Equal("Bearer token-1", await tokens.GetAsync(Token));
        time.Advance(TimeSpan.FromHours(1));
        Assert.Equal("Bearer token-2", await tokens.GetAsync(Token));
    }

    [Fact]
    public async Task Token_WithoutATimeOfRenewal_IsRenewedBeforeItsEnd()
    {
        using var tokens = Create(renewAfter: null);
        await tokens.GetAsync(Token);
        time.Advance(TimeSpan.FromHours(24) - TimeSpan.FromMinutes(5));
        Assert.Equal("Bearer token-2", await tokens.GetAsync(Token));
    }

    [Fact]
    public async Task Token_ThatCannotBeRenewed_IsUsedUntilItsEnd()
    {
        using var tokens = Create(renewAfter: TimeSpan.FromHours(12));
        await tokens.GetAsync(Token);
        isDown = true;
        time.Advance(TimeSpan.FromHours(13));
        Assert.Equal("Bearer token-1", await tokens.GetAsync(Token));
        Assert.Equal("Bearer token-1", await tokens.GetAsync(Token));
        Assert.Equal(2, asked);
        time.Advance(TimeSpan.FromHours(11));
        var problem = await Assert.ThrowsAsync<HttpClientException>(async () => await tokens.GetAsync(Token));
        Assert.Equal(
            "azuread: no token for https://monitor.azure.com//.default could be had: "
                + "give this machine or app a managed identity, or say its client_id",
            problem.Message
        );
    }

    private AzureTokens Create(TimeSpan? renewAfter) => new(config, _ => new Credential(this, renewAfter), time);

    private sealed class Credential(AzureTokensTests test, TimeSpan? renewAfter) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            Give(requestContext);

        private AccessToken Give(TokenRequestContext requestContext)
        {
            Assert.Equal([test.config.Scope], requestContext.Scopes);
            test.asked++;
            if (test.isDown)
            {
                throw new AuthenticationFailedException("the endpoint says: secret");
            }
            var now = test.time.GetUtcNow();
            return new AccessToken($"token-{test.asked}", now + TimeSpan.FromHours(24), now + renewAfter);
        }

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => new(Give(requestContext));
    }
}
