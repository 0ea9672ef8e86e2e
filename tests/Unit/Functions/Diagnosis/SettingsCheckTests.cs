using Tributary.Functions.CommandLine;
using Tributary.Functions.Diagnosis;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

public sealed class SettingsCheckTests : IDisposable
{
    private const string Account = "AzureWebJobsStorage__accountName=acct";

    private const string Schedules =
        "TRIBUTARY_COLLECT_SCHEDULE=0 * * * * *|TRIBUTARY_COMPACT_SCHEDULE=0 17 * * * *|"
        + "TRIBUTARY_EVALUATE_SCHEDULE=0 * * * * *|TRIBUTARY_EXPORT_SCHEDULE=0 */5 * * * *";

    private readonly DoctorPlace place = new();

    /// <summary>An environment of a function app, the failure, and what to do.</summary>
    public static TheoryData<string, string, string> Failures { get; } =
        new()
        {
            { Schedules, "a storage account is needed, and no setting names one: set AzureWebJobsStorage", "" },
            { $"{Schedules}|AzureWebJobsStorage__accountName=My_Account", "3 to 24 small letters and digits", "" },
            { $"{Schedules}|TRIBUTARY_STORAGE=local:./data", "TRIBUTARY_STORAGE cannot be a folder", "" },
            {
                $"{Schedules}|{Account}|CLUSTER_PASSWORD=@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/hidden)",
                "the app setting CLUSTER_PASSWORD is a Key Vault reference that was not resolved",
                "'Key Vault Secrets User'"
            },
            {
                Schedules.Replace("0 17 * * * *", "", StringComparison.Ordinal) + "|" + Account,
                "TRIBUTARY_COMPACT_SCHEDULE is not set: the host cannot start the function Compact",
                "az functionapp config appsettings set --name APP --resource-group GROUP --settings 'TRIBUTARY_COMPACT_SCHEDULE=0 17 * * * *'"
            },
            {
                Schedules.Replace("0 17 * * * *", "0 61 * * * *", StringComparison.Ordinal) + "|" + Account,
                "TRIBUTARY_COMPACT_SCHEDULE is no schedule, '0 61 * * * *': the minute field has '61'",
                "TRIBUTARY_COMPACT_SCHEDULE=0 17 * * * *"
            },
            { $"{Schedules}|{Account}|TRIBUTARY_CONFIG=/nowhere/t.yml", "'/nowhere/t.yml' does not exist", "" },
        };

    public void Dispose() => place.Dispose();

    [Theory]
    [MemberData(nameof(Failures))]
    public void Check_AppWithAMistake_NamesSettingAndRemedy(string environment, string text, string advice)
    {
        var (findings, _) = Check($"FUNCTIONS_CUSTOMHANDLER_PORT=7123|{environment}", new CommandOptions());
        var failure = Assert.Single(findings, finding => finding.Kind is FindingKind.Failure);
        Assert.Contains(text, failure.Text, StringComparison.Ordinal);
        Assert.Contains(advice, failure.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_App_SaysWhatItUses()
    {
        var (findings, check) = Check($"FUNCTIONS_CUSTOMHANDLER_PORT=7123|{Schedules}|{Account}", new CommandOptions());
        Assert.All(findings, finding => Assert.Equal(FindingKind.Ok, finding.Kind));
        Assert.Equal(
            "a function app; storage https://acct.blob.core.windows.net/; configuration built-in",
            findings[^1].Text
        );
        Assert.Equal(("AzureWebJobsStorage__accountName", true), (check.StorageName, check.IsApp));
    }

    [Theory]
    [InlineData("https://acct.blob.core.windows.net", true)]
    [InlineData("https://other.blob.core.windows.net", false)]
    [InlineData(null, true)]
    public void Check_StorageOfTheHost_IsRecognised(string? storage, bool isHostAccount)
    {
        var (_, check) = Check($"WEBSITE_SITE_NAME=app|{Schedules}|{Account}", new CommandOptions(Storage: storage));
        Assert.Equal(isHostAccount, check.IsHostAccount);
    }

    [Fact]
    public void Check_BesideTheHost_TakesTheHostsSettings()
    {
        var (_, check) = Check($"WEBSITE_SITE_NAME=app|{Schedules}|{Account}", new CommandOptions());
        Assert.Equal("https://acct.blob.core.windows.net", check.Settings!.Storage);
        Assert.False(check.Settings.Host!.IsLocal);
    }

    [Fact]
    public void Check_DurationAsSchedule_Warns()
    {
        var environment = Schedules.Replace("0 * * * * *", "00:01:00", StringComparison.Ordinal);
        var (findings, _) = Check($"FUNCTIONS_CUSTOMHANDLER_PORT=7123|{environment}|{Account}", new CommandOptions());
        var warnings = findings.Where(finding => finding.Kind is FindingKind.Warning).ToList();
        Assert.Equal(2, warnings.Count);
        Assert.Contains("TRIBUTARY_COLLECT_SCHEDULE is a duration", warnings[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_OnlyTheConfigurationMissing_LetsTheRestBeLookedAt()
    {
        var options = new CommandOptions(Config: "/nowhere/t.yml", Storage: "local:" + place.Data);
        var (findings, check) = Check("", options);
        Assert.Equal(FindingKind.Failure, Assert.Single(findings).Kind);
        Assert.Equal(("local:" + place.Data, false), (check.Settings!.Storage, check.HasConfig));
    }

    [Fact]
    public void Check_ServerOfItsOwn_NeedsNoSchedules()
    {
        var (findings, check) = Check("", new CommandOptions(Storage: "local:" + place.Data));
        Assert.StartsWith(
            "a server of its own; storage local:",
            Assert.Single(findings).Text,
            StringComparison.Ordinal
        );
        Assert.False(check.IsApp);
    }

    [Theory]
    [InlineData("""[{"name":"TRIBUTARY_EXPORT_SCHEDULE","value":"x","slotSetting":false}]""")]
    [InlineData("""{"IsEncrypted":false,"Values":{"TRIBUTARY_EXPORT_SCHEDULE":"x"}}""")]
    public async Task Doctor_AppSettingsOfAzureOrAFile_AreThoseThatAreChecked(string json)
    {
        var options = new CommandOptions(
            Storage: "UseDevelopmentStorage=true;DevelopmentStorageProxyUri=http://127.0.0.1"
        );
        var (code, output) = await place.RunAsync(
            options,
            request => request with { AppSettings = "-", Timeout = TimeSpan.FromSeconds(20) },
            json
        );
        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("TRIBUTARY_EXPORT_SCHEDULE is no schedule, 'x'", output, StringComparison.Ordinal);
        Assert.Contains("TRIBUTARY_COLLECT_SCHEDULE is not set", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_ListedReference_IsNotJudgedFromHere()
    {
        place.Environment["SECRET"] = "@Microsoft.KeyVault(SecretUri=https://v/secrets/s)";
        var findings = new FindingList();
        new SettingsCheck(
            new CommandOptions(Storage: "https://acct.blob.core.windows.net"),
            new Surroundings(place.Environment, TimeProvider.System),
            areListed: true
        ).Run(findings);
        Assert.Contains(
            "SECRET is a Key Vault reference; whether it resolves",
            findings.All[0].Text,
            StringComparison.Ordinal
        );
        Assert.Equal(FindingKind.Skipped, findings.All[0].Kind);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[{}]")]
    [InlineData("nothing")]
    [InlineData("[1]")]
    public async Task Doctor_AppSettingsThatAreNone_SaysWhatItTakes(string json)
    {
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            place.RunAsync(new CommandOptions(), request => request with { AppSettings = "-" }, json)
        );
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains("az functionapp config appsettings list", error.Message, StringComparison.Ordinal);
    }

    private (IReadOnlyList<Finding> Findings, SettingsCheck Check) Check(string environment, CommandOptions options)
    {
        foreach (var variable in environment.Split('|', StringSplitOptions.RemoveEmptyEntries))
        {
            var parts = variable.Split('=', 2);
            place.Environment[parts[0]] = parts[1];
        }
        var check = new SettingsCheck(
            options,
            new Surroundings(place.Environment, TimeProvider.System),
            areListed: false
        );
        var findings = new FindingList();
        check.Run(findings);
        return (findings.All, check);
    }
}
