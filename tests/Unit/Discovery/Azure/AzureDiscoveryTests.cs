using Azure.Identity;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Discovery.Azure;
using Tributary.Identities;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Discovery.Azure;

public sealed class AzureDiscoveryTests : IDisposable
{
    private const string Root = "https://management.azure.com";
    private const string Compute = Root + "/subscriptions/s/providers/Microsoft.Compute";
    private const string Groups = Root + "/subscriptions/s/resourceGroups";

    private const string Running = """
        {"id": "i", "properties": {
          "primary": true,
          "ipConfigurations": [
            {"properties": {"privateIPAddress": "10.0.0.4", "publicIPAddress": {"properties": {"ipAddress": "192.0.2.4"}}}},
            {"properties": {"privateIPAddress": "10.0.0.99"}}
          ]
        }}
        """;

    private readonly ManualTime time = new(1_700_000_000_000);
    private readonly AzureDouble azure = new();

    public AzureDiscoveryTests()
    {
        Answer($"{Compute}/virtualMachines", AzureDouble.List(AzureDouble.Machine("vm", AzureDouble.Interface("nic"))));
        Answer($"{Compute}/virtualMachineScaleSets", AzureDouble.List(""));
        Answer($"{Groups}/NET/providers/Microsoft.Network/networkInterfaces/nic", Running);
    }

    public void Dispose() => azure.Dispose();

    [Fact]
    public async Task Machines_BecomeTargets()
    {
        using var provider = azure.Discovery(time);
        Assert.True(await provider.RefreshAsync(default));
        Assert.Empty(provider.Problems);
        var group = Assert.Single(provider.Groups);
        Assert.Equal("azure/s", group.Source);
        Assert.Equal(
            """
            {__address__="10.0.0.4:9100", ~machine_computer_name="vm-host", ~machine_id="/subscriptions/s/resourceGroups/GROUP/providers/Microsoft.Compute/virtualMachines/vm", ~machine_location="westeurope", ~machine_name="vm", ~machine_os_type="Linux", ~machine_private_ip="10.0.0.4", ~machine_public_ip="192.0.2.4", ~machine_resource_group="GROUP", ~machine_size="Standard_B2s", ~machine_tag_env_stage="prod", ~machine_tag_t_am="a", ~subscription_id="s", ~tenant_id="t"}
            """,
            Show(provider)
        );
        Assert.Equal(
            [
                $"{Compute}/virtualMachineScaleSets?api-version=2024-07-01",
                $"{Compute}/virtualMachines?api-version=2024-07-01",
                $"{Groups}/NET/providers/Microsoft.Network/networkInterfaces/nic?api-version=2024-05-01&$expand=ipConfigurations/publicIPAddress",
            ],
            azure.Requests
        );
    }

    [Fact]
    public async Task ScaleSets_GiveTheirMachines()
    {
        Answer($"{Compute}/virtualMachines", AzureDouble.List(""));
        Answer(
            $"{Compute}/virtualMachineScaleSets",
            AzureDouble.List(
                """{"id": "/subscriptions/s/resourceGroups/SETS/providers/Microsoft.Compute/virtualMachineScaleSets/web", "name": "web"}"""
            )
        );
        var set = $"{Groups}/SETS/providers/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines";
        Answer(
            set,
            AzureDouble.List(AzureDouble.Machine("web_3", AzureDouble.Interface("nic"), "\"instanceId\": \"3\","))
        );
        Answer(
            $"{Groups}/NET/providers/Microsoft.Compute/virtualMachineScaleSets/web/virtualMachines/3/networkInterfaces/nic",
            Running
        );
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        var target = Assert.Single(provider.Groups[0].Targets);
        Assert.Equal(
            ("web", "web_3", "10.0.0.4:9100"),
            (
                target.Get("__meta_azure_machine_scale_set"),
                target.Get("__meta_azure_machine_name"),
                target.Get("__address__")
            )
        );
        Assert.Contains(
            azure.Requests,
            request => request.Contains("/nic?api-version=2018-10-01&", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task ResourceGroup_IsTheOnlyOneListed()
    {
        var group = $"{Groups}/g%2F1/providers/Microsoft.Compute";
        Answer($"{group}/virtualMachines", AzureDouble.List(""));
        Answer($"{group}/virtualMachineScaleSets", AzureDouble.List(""));
        using var provider = azure.Discovery(time, config => config with { ResourceGroup = "g/1" });
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        Assert.Empty(provider.Groups[0].Targets);
    }

    [Fact]
    public async Task Pages_AreReadToTheEnd()
    {
        Answer(
            $"{Compute}/virtualMachines",
            AzureDouble.List(AzureDouble.Machine("b", AzureDouble.Interface("nic")), $"{Root}:443/page2?x=1")
        );
        Answer($"{Root}/page2", AzureDouble.List(AzureDouble.Machine("a", AzureDouble.Interface("nic"))));
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        Assert.Equal(["a", "b"], provider.Groups[0].Targets.Select(target => target.Get("__meta_azure_machine_name")));
    }

    [Theory]
    [InlineData("https://evil.example/page2")]
    [InlineData("https://management.azure.com.evil.example/page2")]
    [InlineData("https://management.azure.com@evil.example/page2")]
    [InlineData("http://management.azure.com/page2")]
    [InlineData("page2")]
    public async Task NextLinkToAnotherServer_IsNotFollowed(string next)
    {
        Answer($"{Compute}/virtualMachines", AzureDouble.List("", next));
        Assert.Equal($"azure_sd: a nextLink leads away from {Root}", await FailAsync());
        Assert.Single(azure.Requests);
    }

    [Fact]
    public async Task NextLinkToItself_IsNotFollowed()
    {
        const string Query = "?api-version=2024-07-01";
        Answer($"{Compute}/virtualMachines", AzureDouble.List("", $"{Compute}/virtualMachines{Query}"));
        Assert.Equal("azure_sd: a list does not end: a nextLink leads to its own page", await FailAsync());
    }

    /// <summary>An interface, and what becomes of its machine.</summary>
    [Theory]
    [InlineData("""{"id": "i"}""", "")]
    [InlineData("""{"properties": {"ipConfigurations": []}}""", "")]
    [InlineData("""{"properties": {"primary": false}}""", "")]
    [InlineData("""{"properties": {"primary": true, "ipConfigurations": []}}""", "")]
    [InlineData(
        """{"properties": {"primary": true, "ipConfigurations": [{"properties": {"privateIPAddress": "fd00::4"}}]}}""",
        "[fd00::4]:9100"
    )]
    public async Task MachineWithoutAnAddress_IsNoTarget(string nic, string address)
    {
        Answer($"{Groups}/NET/providers/Microsoft.Network/networkInterfaces/nic", nic);
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        Assert.Equal(address, string.Concat(provider.Groups[0].Targets.Select(target => target.Get("__address__"))));
    }

    [Fact]
    public async Task InterfaceThatIsGone_LeavesItsMachineOut()
    {
        azure.Answers.Remove($"{Groups}/NET/providers/Microsoft.Network/networkInterfaces/nic");
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        Assert.Empty(provider.Groups[0].Targets);
    }

    [Fact]
    public async Task SecondInterface_IsTakenWhereTheFirstIsNotPrimary()
    {
        Answer(
            $"{Compute}/virtualMachines",
            AzureDouble.List(
                AzureDouble.Machine("vm", $"{AzureDouble.Interface("other")}, {AzureDouble.Interface("nic")}")
            )
        );
        Answer(
            $"{Groups}/NET/providers/Microsoft.Network/networkInterfaces/other",
            """{"properties": {"primary": false}}"""
        );
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        Assert.Equal("10.0.0.4:9100", Assert.Single(provider.Groups[0].Targets).Get("__address__"));
    }

    [Fact]
    public async Task Interfaces_AreKeptForSomeRefreshes()
    {
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        time.Advance(TimeSpan.FromMinutes(49));
        Assert.False(await provider.RefreshAsync(default));
        Assert.Equal(1, provider.CacheHits);
        time.Advance(TimeSpan.FromMinutes(17));
        await provider.RefreshAsync(default);
        Assert.Equal(1, provider.CacheHits);
        Assert.Equal(2, azure.Requests.Count(request => request.Contains("/nic?", StringComparison.Ordinal)));
    }

    /// <summary>Status and body of the list of machines, and what is told.</summary>
    [Theory]
    [InlineData(
        401,
        """{"error":{"code":"InvalidToken","message":"expired token-of-the-test"}}""",
        "Azure answered 401 to virtual machines: it does not accept the token; is the subscription in this tenant and cloud (tenant_id, environment)?; it says: InvalidToken: expired xxxxx"
    )]
    [InlineData(
        403,
        """{"error":{"code":"AuthorizationFailed"}}""",
        "give the identity the role Reader on the subscription, or on the resource group; it says: AuthorizationFailed"
    )]
    [InlineData(404, "", "Azure answered 404 to virtual machines: check subscription_id and resource_group")]
    [InlineData(429, "", "Azure answered 429 to virtual machines: too many requests; refresh_interval may be longer")]
    [InlineData(500, "<html>", "Azure answered 500 to virtual machines")]
    [InlineData(200, "<html>", "the answer is no valid JSON (line 1) instead of a list of virtual machines")]
    [InlineData(200, "[]", "the answer is JSON, but not a list of virtual machines as its API describes it")]
    [InlineData(200, """{"value": [{"name": 1}]}""", "the answer is JSON, but not a list of virtual machines")]
    [InlineData(200, """{"value": [{"name": "x"}]}""", "Azure gave \"\", which is no identifier of a resource")]
    public async Task BadAnswer_KeepsTheTargetsAndIsTold(int status, string body, string problem)
    {
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        azure.Answers[$"{Compute}/virtualMachines"] = (status, body);
        Assert.False(await provider.RefreshAsync(default));
        Assert.Equal(1, provider.Failures);
        Assert.Single(provider.Groups[0].Targets);
        var told = Assert.Single(provider.Problems);
        Assert.StartsWith("azure_sd: ", told, StringComparison.Ordinal);
        Assert.Contains(problem, told, StringComparison.Ordinal);
        Assert.EndsWith("; its former targets are kept", told, StringComparison.Ordinal);
        Assert.DoesNotContain(AzureDouble.Token, told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MachineWithoutAPrivateAddress_FailsTheRefresh()
    {
        Answer(
            $"{Groups}/NET/providers/Microsoft.Network/networkInterfaces/nic",
            """{"properties": {"primary": true, "ipConfigurations": [{}]}}"""
        );
        Assert.Equal("azure_sd: the network interface of vm has no private address", await FailAsync());
    }

    [Fact]
    public async Task LongRest_IsGiven()
    {
        azure.Answers[$"{Compute}/virtualMachines"] = (429, "");
        azure.Headers.Add(new("Retry-After", "600"));
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        time.Advance(TimeSpan.FromMinutes(9));
        await provider.RefreshAsync(default);
        Assert.Single(azure.Requests);
        time.Advance(TimeSpan.FromMinutes(2));
        await provider.RefreshAsync(default);
        Assert.Equal(2, azure.Requests.Count);
    }

    [Fact]
    public async Task UnknownCloud_IsAProblem()
    {
        using var provider = azure.Discovery(time, config => config with { Environment = "Azure" });
        Assert.False(await provider.RefreshAsync(default));
        Assert.Equal(
            "azure_sd: environment \"Azure\" is no cloud; give AzurePublicCloud, AzureUSGovernmentCloud or AzureChinaCloud",
            Assert.Single(provider.Problems)
        );
    }

    [Theory]
    [InlineData("AzurePublicCloud", "https://management.azure.com", "login.microsoftonline.com")]
    [InlineData("azurecloud", "https://management.azure.com", "login.microsoftonline.com")]
    [InlineData("AzureChinaCloud", "https://management.chinacloudapi.cn", "login.chinacloudapi.cn")]
    [InlineData("AzureUSGovernment", "https://management.usgovcloudapi.net", "login.microsoftonline.us")]
    public void Clouds_HaveTheirPlaces(string name, string manager, string authority)
    {
        var cloud = AzureCloud.Of(name)!;
        Assert.Equal((manager, authority), (cloud.Manager, cloud.Authority.Host));
        Assert.Equal($"{manager}/.default", cloud.Scope);
    }

    [Theory]
    [InlineData(AzureAuthenticationMethod.OAuth, IdentityKind.Secret, typeof(ClientSecretCredential))]
    [InlineData(AzureAuthenticationMethod.ManagedIdentity, IdentityKind.Managed, typeof(ManagedIdentityCredential))]
    [InlineData(AzureAuthenticationMethod.Sdk, IdentityKind.Found, null)]
    [InlineData(AzureAuthenticationMethod.WorkloadIdentity, IdentityKind.Workload, typeof(WorkloadIdentityCredential))]
    public void Methods_AreIdentitiesWithTheirCredentials(
        AzureAuthenticationMethod method,
        IdentityKind kind,
        Type? credential
    )
    {
        var config = new AzureSdConfig
        {
            SubscriptionId = "s",
            TenantId = "t",
            ClientId = "c",
            ClientSecret = Secret.Of("hunter22"),
            AuthenticationMethod = method,
        };
        var identity = ArmTokens.IdentityOf(config, AzureCloud.Of("AzurePublicCloud")!);
        Assert.Equal(kind, identity.Kind);
        if (credential is not null)
        {
            Assert.IsType(credential, EntraCredentials.Create(identity));
        }
    }

    [Fact]
    public async Task NoToken_IsTold_AndNobodyIsAsked()
    {
        azure.Giver.Failure = new IdentityException("the client c of tenant t was given no token", isPassing: false);
        using var provider = azure.Discovery(time);
        Assert.False(await provider.RefreshAsync(default));
        Assert.StartsWith(
            $"azure_sd: no token for {Root} could be had: the client c of tenant t was given no token",
            Assert.Single(provider.Problems),
            StringComparison.Ordinal
        );
        Assert.Empty(azure.Requests);
    }

    [Fact]
    public async Task RefusedToken_IsReplacedOnce()
    {
        using var provider = azure.Discovery(time);
        await provider.RefreshAsync(default);
        (azure.Accepted, azure.Giver.Gives) = ("the-next-token", "the-next-token");
        time.Advance(TimeSpan.FromHours(1));
        await provider.RefreshAsync(default);
        Assert.Empty(provider.Problems);
        Assert.Single(provider.Groups[0].Targets);
    }

    private static string Show(AzureDiscovery provider) =>
        string.Join('\n', provider.Groups.SelectMany(group => group.Targets))
            .Replace("__meta_azure_", "~", StringComparison.Ordinal);

    private async Task<string> FailAsync()
    {
        using var provider = azure.Discovery(time);
        Assert.False(await provider.RefreshAsync(default));
        Assert.Equal(1, provider.Failures);
        return Assert.Single(provider.Problems);
    }

    private void Answer(string address, string body) => azure.Answers[address] = (200, body);
}
