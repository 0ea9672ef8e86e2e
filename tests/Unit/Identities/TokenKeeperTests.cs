using Tributary.Identities;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Identities;

/// <summary>How long a token is used, who asks for the next one, and what becomes of failures.</summary>
public sealed class TokenKeeperTests
{
    private const string Scope = "https://storage.azure.com/.default";
    private static readonly AzureIdentity Managed = new() { Kind = IdentityKind.Managed };

    private readonly ManualTime time = new(1_700_000_000_000);
    private readonly FakeGiver giver;
    private readonly TokenKeeper tokens;

    public TokenKeeperTests()
    {
        giver = new FakeGiver(time);
        tokens = giver.Pool().Of(Managed, Scope);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The lifetime in minutes, when it is renewed, and when it is over.</summary>
    [Theory]
    [InlineData(24 * 60, 12 * 60)]
    [InlineData(8 * 60, 4 * 60)]
    [InlineData(120, 115)]
    [InlineData(60, 55)]
    [InlineData(4, 3)]
    public async Task Token_IsKeptUntilItIsToBeRenewed_AndIsOnePerLifetime(int lifetime, int renewed)
    {
        giver.Lifetime = TimeSpan.FromMinutes(lifetime);
        Assert.Equal("token-1", await tokens.GetAsync(Token));
        time.Advance(TimeSpan.FromMinutes(renewed) - TimeSpan.FromSeconds(1));
        Assert.Equal("token-1", await tokens.GetAsync(Token));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("token-2", await tokens.GetAsync(Token));
        Assert.Equal(2, giver.Asked.Count);
    }

    [Fact]
    public async Task Renewal_GoesOnBesideARequestThatHasTheTokenBefore()
    {
        await tokens.GetAsync(Token);
        var slow = new TaskCompletionSource();
        giver.Wait = slow.Task;
        time.Advance(TimeSpan.FromHours(13));
        for (var i = 0; i < 5; i++)
        {
            var asking = tokens.GetAsync(Token);
            Assert.True(asking.IsCompletedSuccessfully);
            Assert.Equal("token-1", await asking);
        }
        Assert.Equal(2, giver.Asked.Count);
        slow.SetResult();
        Assert.Equal("token-2", await NextAsync("token-1"));
        Assert.Equal(2, giver.Asked.Count);
    }

    [Fact]
    public async Task FirstToken_IsAskedForOnceByAllWhoNeedIt()
    {
        var slow = new TaskCompletionSource();
        giver.Wait = slow.Task;
        var waiting = Enumerable.Range(0, 20).Select(_ => tokens.GetAsync(Token).AsTask()).ToList();
        slow.SetResult();
        Assert.All(await Task.WhenAll(waiting), token => Assert.Equal("token-1", token));
        Assert.Single(giver.Asked);
    }

    [Fact]
    public async Task WhoeverGivesUpWaiting_DoesNotEndTheAsking()
    {
        var slow = new TaskCompletionSource();
        giver.Wait = slow.Task;
        using var impatient = new CancellationTokenSource();
        var first = tokens.GetAsync(impatient.Token).AsTask();
        var second = tokens.GetAsync(Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        slow.SetResult();
        Assert.Equal("token-1", await second);
        Assert.Single(giver.Asked);
    }

    [Fact]
    public async Task Token_ThatCannotBeRenewed_IsUsedUntilItsEnd_ThenTheFailureIsTold()
    {
        await tokens.GetAsync(Token);
        Fail();
        time.Advance(TimeSpan.FromHours(13));
        Assert.Equal("token-1", await tokens.GetAsync(Token));
        Assert.Equal("token-1", await tokens.GetAsync(Token));
        Assert.Equal(2, giver.Asked.Count);
        time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal("token-1", await tokens.GetAsync(Token));
        Assert.Equal(3, giver.Asked.Count);
        time.Advance(TimeSpan.FromHours(11));
        await FailsAsync();
        giver.Failure = _ => null;
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("token-5", await tokens.GetAsync(Token));
    }

    [Fact]
    public async Task Failure_IsEverybodysAnswerForAMoment_ThenForLonger()
    {
        Fail();
        for (var (seconds, asked) = (2, 1); asked < 8; asked++)
        {
            await FailsAsync();
            await FailsAsync();
            Assert.Equal(asked, giver.Asked.Count);
            time.Advance(TimeSpan.FromSeconds(seconds) - TimeSpan.FromMilliseconds(1));
            await FailsAsync();
            Assert.Equal(asked, giver.Asked.Count);
            time.Advance(TimeSpan.FromMilliseconds(1));
            seconds = Math.Min(seconds * 2, 30);
        }
        giver.Failure = _ => null;
        Assert.Equal("token-8", await tokens.GetAsync(Token));
    }

    [Fact]
    public async Task TokenThatIsOverWhenItComes_BlamesTheClock()
    {
        giver.Lifetime = TimeSpan.FromMinutes(-3);
        var problem = await Assert.ThrowsAsync<IdentityException>(async () => await tokens.GetAsync(Token));
        Assert.Contains(
            "2023-11-14 22:10:20Z; this machine's clock says 2023-11-14 22:13:20Z",
            problem.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task RefusedToken_IsReplacedOnce_AndWhoComesLaterGetsTheSameNewOne()
    {
        var first = await tokens.GetAsync(Token);
        Assert.Equal("token-2", await tokens.ReplaceAsync(first, Token));
        Assert.Equal("token-2", await tokens.ReplaceAsync(first, Token));
        Assert.Equal("token-2", await tokens.GetAsync(Token));
        Assert.Equal(2, giver.Asked.Count);
    }

    [Fact]
    public async Task RefusedTokens_OneAfterTheOther_AreNotReplacedMoreThanOnceAMinute()
    {
        var second = await tokens.ReplaceAsync(await tokens.GetAsync(Token), Token);
        Assert.Null(await tokens.ReplaceAsync(second!, Token));
        time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("token-3", await tokens.ReplaceAsync(second!, Token));
        Assert.Equal(3, giver.Asked.Count);
    }

    [Fact]
    public async Task RefusedToken_WithoutAnother_StaysForOtherServers()
    {
        var first = await tokens.GetAsync(Token);
        Fail();
        Assert.Null(await tokens.ReplaceAsync(first, Token));
        Assert.Equal(first, await tokens.GetAsync(Token));
        giver.Failure = _ => null;
        giver.IsMonotonous = true;
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Null(await tokens.ReplaceAsync(first, Token));
    }

    [Fact]
    public async Task IdentitiesAndAudiences_HaveTokensOfTheirOwn_EqualOnesShareThem()
    {
        var pool = giver.Pool();
        var other = Managed with { ClientId = "c" };
        Assert.Same(pool.Of(Managed, Scope), pool.Of(new AzureIdentity { Kind = IdentityKind.Managed }, Scope));
        var found = new List<string>();
        foreach (var (identity, scope) in new[] { (Managed, Scope), (Managed, "b"), (other, Scope), (other, "b") })
        {
            found.Add(await pool.Of(identity, scope).GetAsync(Token));
        }
        Assert.Equal(["token-1", "token-2", "token-3", "token-4"], found);
        Assert.Same(TokenPool.For(time), TokenPool.For(time));
        Assert.NotSame(TokenPool.For(time), TokenPool.For(TimeProvider.System));
    }

    [Fact]
    public async Task TokensAndSecrets_AreInNoText()
    {
        var identity = new AzureIdentity
        {
            Kind = IdentityKind.Secret,
            ClientSecret = "hunter22",
            CertificatePassword = "hunter22",
        };
        Assert.DoesNotContain("hunter22", identity.ToString(), StringComparison.Ordinal);
        var token = await giver.AskAsync(identity, Scope, Token);
        Assert.DoesNotContain("token-1", token.ToString(), StringComparison.Ordinal);
    }

    private void Fail() => giver.Failure = _ => new IdentityException("the endpoint is down", isPassing: true);

    private async Task FailsAsync()
    {
        var problem = await Assert.ThrowsAsync<IdentityException>(async () => await tokens.GetAsync(Token));
        Assert.Equal(("the endpoint is down", true), (problem.Message, problem.IsPassing));
    }

    /// <summary>The token that follows, when the asking that is under way has ended.</summary>
    private async Task<string> NextAsync(string former)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            if (await tokens.GetAsync(patience.Token) is var token && token != former)
            {
                return token;
            }
            await Task.Delay(1, patience.Token);
        }
    }
}
