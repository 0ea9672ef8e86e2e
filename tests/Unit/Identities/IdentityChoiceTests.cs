using Tributary.Identities;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Identities;

/// <summary>Whose tokens this process takes, by its setting and its surroundings.</summary>
public sealed class IdentityChoiceTests
{
    private const string Scope = "https://storage.azure.com/.default";

    private readonly FakeGiver giver = new(new ManualTime(1_700_000_000_000));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Variables of the environment, and who it is.</summary>
    [Theory]
    [InlineData(IdentityKind.Managed, "", "IDENTITY_ENDPOINT=http://127.0.0.1:1/msi/token", "IDENTITY_HEADER=h")]
    [InlineData(
        IdentityKind.Managed,
        "c",
        "IDENTITY_ENDPOINT=http://127.0.0.1:1/msi/token",
        "AZURE_CLIENT_ID=c",
        "AZURE_TENANT_ID=t",
        "AZURE_CLIENT_SECRET=s"
    )]
    [InlineData(IdentityKind.Environment, "", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t", "AZURE_CLIENT_SECRET=s")]
    [InlineData(
        IdentityKind.Environment,
        "",
        "AZURE_CLIENT_ID=c",
        "AZURE_TENANT_ID=t",
        "AZURE_CLIENT_CERTIFICATE_PATH=p"
    )]
    [InlineData(IdentityKind.Workload, "c", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t", "AZURE_FEDERATED_TOKEN_FILE=f")]
    [InlineData(IdentityKind.CommandLine, "")]
    [InlineData(IdentityKind.CommandLine, "", "AZURE_CLIENT_ID=c", "AZURE_TENANT_ID=t")]
    [InlineData(IdentityKind.CommandLine, "", "TRIBUTARY_IDENTITY=cli", "IDENTITY_ENDPOINT=http://127.0.0.1:1")]
    [InlineData(IdentityKind.Managed, "", "TRIBUTARY_IDENTITY=managed")]
    [InlineData(IdentityKind.Managed, "c", "TRIBUTARY_IDENTITY=managed", "AZURE_CLIENT_ID=c")]
    [InlineData(IdentityKind.Managed, "d", "TRIBUTARY_IDENTITY=Managed: d", "AZURE_CLIENT_ID=c")]
    [InlineData(IdentityKind.Workload, "", "TRIBUTARY_IDENTITY=workload")]
    [InlineData(IdentityKind.Environment, "", "TRIBUTARY_IDENTITY=environment")]
    public async Task Process_IsWhoItsSurroundingsSay(IdentityKind kind, string clientId, params string[] environment)
    {
        var pool = giver.Pool(Environment(environment));
        Assert.Equal("token-1", await pool.Of(AzureIdentity.OfProcess, Scope).GetAsync(Token));
        var (identity, scope) = Assert.Single(giver.Asked);
        Assert.Equal((kind, clientId, Scope), (identity.Kind, identity.ClientId, scope));
        Assert.Equal(identity.ToString(), pool.NameOf(AzureIdentity.OfProcess));
    }

    [Fact]
    public async Task IdentityThatIsNamed_IsNotLookedFor()
    {
        var named = new AzureIdentity { Kind = IdentityKind.Managed, ClientId = "d" };
        var pool = giver.Pool(Environment("TRIBUTARY_IDENTITY=cli", "AZURE_CLIENT_ID=c"));
        await pool.Of(named, Scope).GetAsync(Token);
        await pool.Of(named with { ClientId = "" }, Scope).GetAsync(Token);
        Assert.Equal([named, named with { ClientId = "" }], giver.Asked.Select(ask => ask.Identity));
    }

    [Fact]
    public async Task HostsClientId_IsThatOfTheManagedIdentity()
    {
        var pool = giver.Pool(Environment("IDENTITY_ENDPOINT=http://127.0.0.1:1", "AZURE_CLIENT_ID=c"));
        await pool.Of(new AzureIdentity { ClientId = "d" }, Scope).GetAsync(Token);
        Assert.Equal("d", giver.Asked.Single().Identity.ClientId);
    }

    [Theory]
    [InlineData("WEBSITE_INSTANCE_ID")]
    [InlineData("WEBSITE_SITE_NAME")]
    public async Task AppWithoutAnIdentity_IsTold_AndNobodyIsAsked(string variable)
    {
        giver.HasMachine = true;
        var pool = giver.Pool(Environment($"{variable}=x"));
        var problem = await FailsAsync(pool);
        Assert.Equal(
            "this app has no managed identity (IDENTITY_ENDPOINT is not set): assign one to it, and restart it",
            problem.Message
        );
        Assert.Empty(giver.Asked);
    }

    [Fact]
    public async Task MachineWithAnEndpoint_IsTriedBeforeTheCommandLine_AndRemembered()
    {
        giver.HasMachine = true;
        var pool = giver.Pool();
        await pool.Of(AzureIdentity.OfProcess, Scope).GetAsync(Token);
        giver.HasMachine = false;
        await pool.Of(AzureIdentity.OfProcess, "other").GetAsync(Token);
        Assert.Equal([IdentityKind.Managed, IdentityKind.Managed], giver.Asked.Select(ask => ask.Identity.Kind));
    }

    [Fact]
    public async Task MachineWithoutAnIdentity_LeavesItToTheCommandLine()
    {
        giver.HasMachine = true;
        giver.Failure = identity =>
            identity.Kind == IdentityKind.Managed ? new IdentityException("400", isPassing: false) : null;
        var pool = giver.Pool();
        await pool.Of(AzureIdentity.OfProcess, Scope).GetAsync(Token);
        Assert.Equal("the user of 'az login'", pool.NameOf(AzureIdentity.OfProcess));
    }

    /// <summary>A machine whose endpoint is out of order for a moment must not become somebody else.</summary>
    [Fact]
    public async Task MachineWhoseEndpointFails_IsNotSomebodyElse()
    {
        giver.HasMachine = true;
        giver.Failure = _ => new IdentityException("503", isPassing: true);
        Assert.Equal("503", (await FailsAsync(giver.Pool())).Message);
        Assert.Equal(IdentityKind.Managed, Assert.Single(giver.Asked).Identity.Kind);
    }

    [Fact]
    public async Task Nobody_IsToldWhatThereMayBe()
    {
        giver.Failure = identity => new IdentityException($"no {identity.Kind}", isPassing: false);
        var problem = await FailsAsync(giver.Pool());
        Assert.Contains(
            "no endpoint for managed identities; no CommandLine",
            problem.Message,
            StringComparison.Ordinal
        );
        Assert.Contains("az login", problem.Message, StringComparison.Ordinal);
        Assert.Contains("TRIBUTARY_IDENTITY", problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("me", "none of these forms")]
    [InlineData("managed:", "needs the client ID")]
    [InlineData("managed:a b", "needs the client ID")]
    [InlineData("managed:/subscriptions/x", "needs the client ID")]
    public void Setting_ThatIsNone_IsToldWithItsForms(string text, string problem)
    {
        var error = Assert.Throws<IdentityException>(() => IdentityChoice.Parse(text));
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("'managed:CLIENT_ID'", error.Message, StringComparison.Ordinal);
        Assert.False(error.IsPassing);
    }

    [Theory]
    [InlineData("@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/s)", true)]
    [InlineData(" @microsoft.keyvault(VaultName=v;SecretName=s)", true)]
    [InlineData("s3cret@Microsoft.KeyVault(", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void KeyVaultReference_ThatIsStillThere_IsSeen(string? value, bool isReference) =>
        Assert.Equal(isReference, KeyVaultReference.IsUnresolved(value));

    private static async Task<IdentityException> FailsAsync(TokenPool pool) =>
        await Assert.ThrowsAsync<IdentityException>(async () =>
            await pool.Of(AzureIdentity.OfProcess, Scope).GetAsync(Token)
        );

    private static Func<string, string?> Environment(params string[] variables)
    {
        var values = variables
            .Select(text => text.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        return values.GetValueOrDefault;
    }
}
