using Tributary.Tests.EndToEnd.Deployment;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit;

namespace Tributary.Tests.EndToEnd;

/// <summary>
/// <c>infra/deploy</c> over a double of the Azure CLI: what it calls and in which order, that it goes on where something
/// ended it, and that nothing is changed before the operator can know.
/// </summary>
public sealed class DeployTests(TributaryExecutable executable)
{
    private const string WebToken = "token-9f1c64a2b7";
    private const string ConfigBlob = "store/config/tributary.yml";
    private const string Create = "deployment group create";

    /// <summary>Calls that change something.</summary>
    private static readonly string[] Changes =
    [
        "group create",
        "provider register",
        Create,
        "storage blob upload",
        "functionapp deployment",
        "functionapp restart",
        "rest",
    ];

    private static string Config { get; } =
        $$"""
            scrape_configs:
              - job_name: self
                authorization: {credentials: {{WebToken}}}
                static_configs: [{targets: ['127.0.0.1:1']}]
            tributary:
              web:
                bearer_tokens: [{{WebToken}}]

            """;

    /// <summary>What is refused before anything is changed: calls that fail, arguments, and what is said.</summary>
    public static TheoryData<string, string, string[], string> Refusals { get; } =
        new()
        {
            { "account show", "Please run 'az login' to setup account.", [], "not logged in: run az login" },
            { "", "", ["--subscription", "Tame"], "this login has no subscription 'Tame': az account list" },
            { "", "", ["--location", "Atlantis"], "Flex Consumption is not in 'atlantis'. It is in: northeurope" },
            { "", "", ["--parameters", "none.json"], "the parameter file 'none.json' cannot be read" },
            { "", "", ["--name", "Team-A"], "--name is 3 to 12 small letters and digits" },
            { "", "", ["--upload", "ftp"], "--upload is auto, onedeploy or blob" },
            { "", "", ["location=westeurope"], "'location' has an option of its own" },
            { "", "", ["alert=true"], "bicep/main.bicep has no parameter 'alert'" },
            { "", "", ["configBlob=blob:other/t.yml"], "--config is uploaded into the container config" },
            { "", "", ["--tributary", "/none/tributary"], "'/none/tributary' of --tributary cannot be run" },
            { "", "", ["--colour", "red"], "unknown option '--colour'" },
            { "", "", ["--dry-run=yes"], "write --dry-run and its value apart" },
            { "", "", ["--package", "/tmp"], "the file '/tmp' cannot be read" },
            { "", "", ["--password-file", "/dev/null"], "--password-file wants --user" },
            { "", "", ["--user", "anna", "--password-file", "none"], "the file 'none' cannot be read" },
            { "ad signed-in-user", "(Forbidden) Insufficient privileges", [], "give it as --principal-id" },
            { "provider show", "AADSTS700082: The refresh token has expired", [], "The login is over: run az login" },
        };

    /// <summary>Failures of the resources, and the remedy that is named.</summary>
    public static TheoryData<string, string> ResourceFailures { get; } =
        new()
        {
            {
                "(StorageAccountAlreadyTaken) The storage account named sttt is already taken.",
                "choose another --name"
            },
            { "(Conflict) Website with given name func-ttt already exists.", "choose another --name" },
            {
                "(MissingSubscriptionRegistration) not registered to use namespace 'Microsoft.X'",
                "az provider register"
            },
            { "does not have authorization to perform action roleAssignments/write", "Role Based Access Control" },
            { "(AuthorizationFailed) The client does not have authorization", "Contributor is needed" },
            { "(LocationNotAvailableForResourceType) The location is not available", "list-flexconsumption-locations" },
            { "(RequestDisallowedByPolicy) Resource was disallowed by policy", "A policy of your organisation" },
            { "(SubscriptionIsOverQuotaForSku) quota of 0 instances", "A quota of the subscription" },
            { "Something that nobody has seen.", "Something that nobody has seen." },
        };

    [Fact]
    public async Task Deploy_FirstTime_MakesConfiguresAndChecksInThisOrder()
    {
        using var deployer = await Deployer.CreateAsync(executable);
        using var folder = new TemporaryFolder();
        await using var source = await FakeSource.StartAsync(_ => "fine 1\n");
        await using var server = await TributaryServer.StartAsync(
            await executable.PathAsync(),
            folder,
            $$"""
            global: {scrape_interval: 1s, scrape_timeout: 1s}
            scrape_configs:
              - job_name: self
                static_configs: [{targets: ["{{source.Authority}}"]}]
            tributary:
              web: {bearer_tokens: [{{WebToken}}]}
            """
        );
        deployer.Remember("url", server.Address.ToString().TrimEnd('/'));
        deployer.Remember("unregistered.Microsoft.App", "");
        var token = deployer.Write("token", WebToken + "\n");
        var config = deployer.Write("tributary.yml", Config);
        deployer.Write("rules/a.yml", "groups: []\n");

        var (code, text) = await deployer.RunAsync(
            "--yes",
            "--config",
            config,
            "--also",
            "rules/a.yml",
            "--token-file",
            token,
            "--start-wait",
            "30",
            "alwaysReadyCollect=1"
        );

        Assert.True(code == 0, text);
        Assert.Contains("all is well", text, StringComparison.Ordinal);
        Assert.Contains("ok       it is version", text, StringComparison.Ordinal);
        Assert.Contains("az group delete --name rg-tributary-ttt", text, StringComparison.Ordinal);
        AssertOrder(
            deployer.Calls,
            "account show",
            "group exists",
            "functionapp list-flexconsumption-locations",
            "provider register --namespace Microsoft.App",
            "group create --name rg-tributary-ttt --location westeurope",
            "deployment group what-if",
            Create,
            "storage blob upload --account-name sttt --container-name config --name tributary.yml",
            "storage blob upload --account-name sttt --container-name config --name rules/a.yml",
            "functionapp deployment source config-zip",
            "rest --method post",
            "functionapp function list"
        );
        var create = Assert.Single(deployer.Calls, call => call.StartsWith(Create, StringComparison.Ordinal));
        Assert.Contains(
            "name=ttt location=westeurope deployerPrincipalId=11111111-2222-3333-4444-555555555555 "
                + "deployerPrincipalType=User alwaysReadyCollect=1",
            create,
            StringComparison.Ordinal
        );
        Assert.Contains("team.parameters.json --parameters name=ttt", create, StringComparison.Ordinal);
        Assert.Equal(Config, deployer.Recall(ConfigBlob));
        Assert.Equal(
            await File.ReadAllBytesAsync(await executable.PackageAsync(), TestContext.Current.CancellationToken),
            deployer.RecallBytes("deployed.zip")
        );
        Assert.DoesNotContain(WebToken, text + string.Join('\n', deployer.Calls), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Deploy_WhatCannotBe_EndsBeforeAnythingIsChanged(
        string call,
        string message,
        string[] arguments,
        string expected
    )
    {
        using var deployer = await Deployer.CreateAsync(executable);
        if (call.Length > 0)
        {
            deployer.Refuse(call, message, times: 9);
        }
        string[] all = ["--yes", "--config", deployer.Write("tributary.yml", Config), .. arguments];
        AssertEnds(await deployer.RunAsync(all), expected);
        AssertNothingChanged(deployer);
    }

    [Theory]
    [MemberData(nameof(ResourceFailures))]
    public async Task Deploy_ResourcesFail_NamesTheRemedy(string message, string expected)
    {
        using var deployer = await Deployer.CreateAsync(executable);
        deployer.Refuse(Create, message);
        string[] arguments = ["--yes", "--config", deployer.Write("tributary.yml", Config)];
        var first = await deployer.RunAsync(arguments);
        AssertEnds(first, expected);
        Assert.Contains(message, first.Text, StringComparison.Ordinal);
        Assert.Contains("the same command goes on from there", first.Text, StringComparison.Ordinal);
        Assert.Null(deployer.Recall(ConfigBlob));
    }

    [Fact]
    public async Task Deploy_EndedInTheMiddle_GoesOnWithTheDeploymentThatRuns()
    {
        using var deployer = await Deployer.CreateAsync(executable);
        deployer.Refuse(Create, "TERMINATE");
        string[] arguments = ["--yes", "--config", deployer.Write("tributary.yml", Config)];
        var first = await deployer.RunAsync(arguments);
        Assert.Equal(130, first.Code);
        Assert.Contains("the same command goes on from there", first.Text, StringComparison.Ordinal);
        deployer.ForgetCalls();

        AssertEnds(await deployer.RunAsync(arguments), "no answer");
        AssertOrder(deployer.Calls, "deployment group wait", Create, "storage blob upload", "functionapp deployment");
        Assert.Equal(Config, deployer.Recall(ConfigBlob));
    }

    [Fact]
    public async Task Deploy_Again_LeavesTheSameConfigurationAlone()
    {
        using var deployer = await DeployedAsync();
        AssertEnds(
            await deployer.RunAsync("--yes", "--config", deployer.Write("tributary.yml", Config)),
            "tributary.yml: is there already"
        );
        Assert.DoesNotContain(deployer.Calls, call => call.Contains("blob upload", StringComparison.Ordinal));
        AssertEnds(await deployer.RunAsync("--yes"), "tributary.yml stays as it is");
        Assert.DoesNotContain(deployer.Calls, call => call.Contains("blob upload", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_OtherConfiguration_IsShownWithoutSecretsAndReplacedOnlyWhenTold()
    {
        using var deployer = await DeployedAsync();
        var changed = Config
            .Replace("job_name: self", "job_name: others", StringComparison.Ordinal)
            .Replace(WebToken, "token-of-another", StringComparison.Ordinal);
        string[] arguments = ["--yes", "--config", deployer.Write("tributary.yml", changed)];

        var refused = await deployer.RunAsync(arguments);
        AssertEnds(refused, "tributary.yml is not replaced without being asked: add --replace-config");
        Assert.Contains("-  - job_name: self", refused.Text, StringComparison.Ordinal);
        Assert.Contains("+  - job_name: others", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("token-of-another", refused.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(WebToken, refused.Text, StringComparison.Ordinal);
        AssertNothingChanged(deployer);
        Assert.Equal(Config, deployer.Recall(ConfigBlob));

        AssertEnds(await deployer.RunAsync([.. arguments, "--replace-config"]), "tributary.yml: uploaded");
        Assert.Equal(changed, deployer.Recall(ConfigBlob));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deploy_DryRun_ChangesNothing(bool isThere)
    {
        using var deployer = isThere ? await DeployedAsync() : await Deployer.CreateAsync(executable);
        deployer.Remember("unregistered.Microsoft.App", "");
        var config = deployer.Write("tributary.yml", Config.Replace("self", "others", StringComparison.Ordinal));
        var (code, text) = await deployer.RunAsync("--dry-run", "--config", config);
        Assert.True(code == 0, text);
        Assert.Contains("Nothing was changed (--dry-run)", text, StringComparison.Ordinal);
        Assert.Contains("Microsoft.App", text, StringComparison.Ordinal);
        Assert.Contains(isThere ? "+  - job_name: others" : "is created in westeurope", text, StringComparison.Ordinal);
        Assert.Contains(deployer.Calls, call => call.Contains(isThere ? "what-if" : "bicep", StringComparison.Ordinal));
        AssertNothingChanged(deployer);
    }

    [Theory]
    [InlineData(2, 1, "tributary.yml: uploaded")]
    [InlineData(9999, 1, "who deploys needs Storage Blob Data")]
    public async Task Deploy_RoleIsOnItsWay_WaitsButNotForever(int times, int code, string expected)
    {
        using var deployer = await Deployer.CreateAsync(executable);
        deployer.Refuse("storage blob exists", "You do not have the required permissions", times);
        var end = await deployer.RunAsync(
            "--yes",
            "--config",
            deployer.Write("tributary.yml", Config),
            "--role-wait",
            times > 10 ? "1" : "60"
        );
        Assert.Equal(code, end.Code);
        Assert.Contains("the role for uploads is on its way", end.Text, StringComparison.Ordinal);
        Assert.Contains(expected, end.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("auto", true)]
    [InlineData("onedeploy", false)]
    public async Task Deploy_OneDeployFails_TakesTheContainerWhenAllowed(string way, bool isUploaded)
    {
        using var deployer = await Deployer.CreateAsync(executable);
        deployer.Refuse("functionapp deployment", "Site Unavailable (CODE: 503)");
        string[] arguments = ["--yes", "--config", deployer.Write("tributary.yml", Config), "--upload", way];
        AssertEnds(await deployer.RunAsync(arguments), "Site Unavailable");
        Assert.Equal(isUploaded, deployer.Recall("store/deployments/released-package.zip") is not null);
        if (isUploaded)
        {
            AssertOrder(deployer.Calls, "functionapp deployment", "storage blob upload", "functionapp restart", "rest");
        }
    }

    [Fact]
    public async Task Deploy_NobodyToAsk_WantsToBeTold()
    {
        using var deployer = await Deployer.CreateAsync(executable);
        AssertEnds(await deployer.RunAsync("--config", deployer.Write("tributary.yml", Config)), "add --yes");
        AssertNothingChanged(deployer);
    }

    [Theory]
    [InlineData("scrape_configs: []\n", "neither users nor bearer_tokens")]
    [InlineData("globl: {}\n", "did you mean global?")]
    [InlineData("", "--config is needed the first time")]
    public async Task Deploy_ConfigurationThatWouldAnswerNobody_IsRefusedFirst(string config, string expected)
    {
        using var deployer = await Deployer.CreateAsync(executable);
        string[] arguments = config.Length > 0 ? ["--config", deployer.Write("tributary.yml", config)] : [];
        AssertEnds(await deployer.RunAsync(["--yes", .. arguments]), expected);
        AssertNothingChanged(deployer);
    }

    /// <summary>A file that lies beside the configuration here, and will not in Azure.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Deploy_FileThatTheConfigurationNames_IsWarnedOfUnlessItGoesAlong(bool goesAlong)
    {
        using var deployer = await Deployer.CreateAsync(executable);
        var config = deployer.Write("tributary.yml", "rule_files: [rules.yml]\n" + Config);
        var rules = deployer.Write("rules.yml", "groups: []\n");
        string[] also = goesAlong ? ["--also", rules] : [];
        var (code, text) = await deployer.RunAsync(["--dry-run", "--config", config, .. also]);
        Assert.True(code == 0, text);
        Assert.Equal(!goesAlong, text.Contains("\"rules.yml\" matches no file", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Deploy_VariableThatIsNoSetting_IsNamed()
    {
        using var deployer = await Deployer.CreateAsync(executable);
        var config = deployer.Write(
            "tributary.yml",
            "tributary: {web: {bearer_tokens: ['${env:TEAM_TOKEN}', '${env:AzureWebJobsDisableHomepage}']}}\n"
        );
        AssertEnds(await deployer.RunAsync("--yes", "--config", config), "no settings of the app: TEAM_TOKEN.");
    }

    [Fact]
    public async Task Deploy_FunctionsThatDoNotAppear_AreAFailure()
    {
        using var deployer = await Deployer.CreateAsync(executable);
        deployer.Refuse("functionapp function list", "(ServiceUnavailable) the host does not start", times: 9999);
        AssertEnds(
            await deployer.RunAsync("--yes", "--config", deployer.Write("tributary.yml", Config)),
            "Azure lists no function Collect"
        );
    }

    [Fact]
    public async Task Help_IsThereForEveryScript()
    {
        foreach (var script in new[] { "package", "deploy", "smoke" })
        {
            var path = Path.Combine(Repository.Root, "infra", script);
            var (code, output, errors) = await ChildProcess.RunAsync(path, ["--help"], Path.GetTempPath());
            Assert.Equal((0, ""), (code, errors));
            Assert.StartsWith($"Usage: infra/{script}", output, StringComparison.Ordinal);
            (code, _, errors) = await ChildProcess.RunAsync(path, ["--colour"], Path.GetTempPath());
            Assert.Equal(2, code);
            Assert.Contains("--help", errors, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("--output", "/tmp", "is a folder; name a file in it")]
    [InlineData("--work", "/etc/hostname", "is a file; it has to be a folder")]
    public async Task Package_PlaceThatCannotBe_IsRefusedBeforeAnythingIsBuilt(
        string option,
        string place,
        string expected
    )
    {
        var path = Path.Combine(Repository.Root, "infra", "package");
        var (code, _, errors) = await ChildProcess.RunAsync(path, [option, place], Path.GetTempPath());
        Assert.Equal(2, code);
        Assert.Contains(expected, errors, StringComparison.Ordinal);
    }

    /// <summary>One that has been deployed; its calls are forgotten.</summary>
    private async Task<Deployer> DeployedAsync()
    {
        var deployer = await Deployer.CreateAsync(executable);
        deployer.Remember("group", "westeurope\n");
        deployer.Remember("state", "Succeeded\n");
        deployer.Remember(ConfigBlob, Config);
        return deployer;
    }

    private static void AssertEnds((int Code, string Text) end, string expected)
    {
        Assert.True(end.Code is 1 or 2, $"{end.Code}: {end.Text}");
        Assert.Contains(expected, end.Text, StringComparison.Ordinal);
        Assert.DoesNotContain(WebToken, end.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("infra/deploy: line", end.Text, StringComparison.Ordinal);
    }

    private static void AssertNothingChanged(Deployer deployer) =>
        Assert.DoesNotContain(
            deployer.Calls,
            call => Changes.Any(change => call.StartsWith(change + " ", StringComparison.Ordinal))
        );

    /// <summary>Each is called, and not before the one before it.</summary>
    private static void AssertOrder(IReadOnlyList<string> calls, params string[] expected)
    {
        var at = 0;
        foreach (var call in expected)
        {
            while (at < calls.Count && !calls[at].StartsWith(call, StringComparison.Ordinal))
            {
                at++;
            }
            Assert.True(at < calls.Count, $"'{call}' was not called in its turn:\n{string.Join('\n', calls)}");
        }
    }
}
