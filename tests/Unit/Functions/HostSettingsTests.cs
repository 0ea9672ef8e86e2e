using Tributary.Functions.CommandLine;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Functions;

public sealed class HostSettingsTests
{
    private const string Development = "AZURE_FUNCTIONS_ENVIRONMENT=Development";

    [Fact]
    public void Resolve_NoHost_IsAServerOfItsOwn()
    {
        var settings = Resolve("AzureWebJobsStorage=UseDevelopmentStorage=true");
        Assert.Null(settings.Host);
        Assert.Equal("local:./data", settings.Storage);
    }

    [Fact]
    public void Resolve_Host_ListensOnLoopbackAtItsPortWhateverElseIsSet()
    {
        var settings = Resolve(
            "FUNCTIONS_CUSTOMHANDLER_PORT=7123",
            "AzureWebJobsStorage=UseDevelopmentStorage=true",
            "ASPNETCORE_URLS=http://+:80",
            "TRIBUTARY_LISTEN=:19090"
        );
        Assert.Equal("127.0.0.1:7123", settings.Listen.ToString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("-1")]
    [InlineData("65536")]
    public void Resolve_HostPortThatIsNone_IsAUsageError(string port)
    {
        var error = Assert.Throws<CommandException>(() => Resolve($"FUNCTIONS_CUSTOMHANDLER_PORT={port}"));
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains("FUNCTIONS_CUSTOMHANDLER_PORT", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("AccountName=a;AccountKey=eA==", null, null, "AzureWebJobsStorage=AccountName=a;AccountKey=eA==")]
    [InlineData(
        "AccountName=a;AccountKey=eA==",
        null,
        null,
        "AzureWebJobsStorage=AccountName=a;AccountKey=eA==",
        "AzureWebJobsStorage__accountName=other",
        "AzureWebJobsStorage__clientId=id"
    )]
    [InlineData("https://acme1.blob.core.windows.net", null, null, "AzureWebJobsStorage__accountName=acme1")]
    [InlineData(
        "https://acme1.blob.core.windows.net",
        null,
        "id",
        "AzureWebJobsStorage=",
        "AzureWebJobsStorage__accountName=acme1",
        "AzureWebJobsStorage__clientId=id"
    )]
    [InlineData(
        "https://b.example",
        "https://t.example",
        "id",
        "AzureWebJobsStorage__blobServiceUri=https://b.example",
        "AzureWebJobsStorage__tableServiceUri=https://t.example",
        "AzureWebJobsStorage__clientId=id"
    )]
    [InlineData(
        "AccountName=own;AccountKey=eA==",
        null,
        null,
        "TRIBUTARY_STORAGE=AccountName=own;AccountKey=eA==",
        "AzureWebJobsStorage__accountName=acme1",
        "AzureWebJobsStorage__clientId=id"
    )]
    public void Resolve_HostStorage_IsOurs(
        string storage,
        string? tableUrl,
        string? clientId,
        params string[] environment
    )
    {
        var settings = ResolveHosted(environment);
        Assert.Equal(
            (storage, tableUrl, clientId ?? ""),
            (settings.Storage, settings.TableUrl, settings.Identity.ClientId)
        );
        if (settings.ParseStorage() is AccountUrl account)
        {
            Assert.Equal(
                (storage, tableUrl, clientId ?? ""),
                (account.Url, account.TableUrl, account.Identity.ClientId)
            );
        }
    }

    [Theory]
    [InlineData("AzureWebJobsStorage__accountName, or")]
    [InlineData("cannot be a folder", "TRIBUTARY_STORAGE=local:./data")]
    [InlineData("cannot be a folder", "AzureWebJobsStorage=local:./data")]
    [InlineData(
        "AzureWebJobsStorage is a Key Vault reference that the platform has not resolved",
        "AzureWebJobsStorage=@Microsoft.KeyVault(SecretUri=x)"
    )]
    [InlineData("3 to 24 small letters", "AzureWebJobsStorage__accountName=evil.example/")]
    public void Resolve_HostWithoutAStorageAccount_IsAnErrorAndNeverAFolder(string problem, params string[] environment)
    {
        var error = Assert.Throws<CommandException>(() => ResolveHosted(environment));
        Assert.NotEqual(ExitCode.Done, error.ExitCode);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Contains("AzureWebJobsStorage", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Who uses the account.</summary>
    [Theory]
    [InlineData("the identity of this process")]
    [InlineData("the system-assigned managed identity", "AzureWebJobsStorage__credential=managedidentity")]
    [InlineData(
        "the managed identity with client ID 1-2",
        "AzureWebJobsStorage__credential=managedIdentity",
        "AzureWebJobsStorage__clientId=1-2"
    )]
    [InlineData("the managed identity /sub/x", "AzureWebJobsStorage__managedIdentityResourceId=/sub/x")]
    public void Resolve_HostStorageWithoutAKey_IsUsedByItsIdentity(string expected, params string[] environment) =>
        Assert.Equal(
            expected,
            ResolveHosted(["AzureWebJobsStorage__accountName=acme1", .. environment]).Identity.ToString()
        );

    [Theory]
    [InlineData("only 'managedidentity' is known", "AzureWebJobsStorage__credential=secret")]
    [InlineData("client ID of a user-assigned identity", "AzureWebJobsStorage__clientId=/subscriptions/x")]
    [InlineData(
        "not both",
        "AzureWebJobsStorage__clientId=1",
        "AzureWebJobsStorage__managedIdentityResourceId=/subscriptions/x"
    )]
    [InlineData("TRIBUTARY_IDENTITY cannot be used", "TRIBUTARY_IDENTITY=somebody")]
    [InlineData("the app setting TRIBUTARY_CONFIG is a Key Vault", "TRIBUTARY_CONFIG=@Microsoft.KeyVault(hunter22)")]
    public void Resolve_IdentityThatIsNone_IsAUsageError(string problem, params string[] environment)
    {
        var error = Assert.Throws<CommandException>(() =>
            ResolveHosted(["AzureWebJobsStorage__accountName=acme1", .. environment])
        );
        Assert.Equal(ExitCode.Usage, error.ExitCode);
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter22", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, Development)]
    [InlineData(true, "FUNCTIONS_CORETOOLS_ENVIRONMENT=true")]
    [InlineData(true, Development, "CONTAINER_NAME=dev")]
    [InlineData(false)]
    [InlineData(false, "AZURE_FUNCTIONS_ENVIRONMENT=Production")]
    [InlineData(false, Development, "WEBSITE_INSTANCE_ID=1")]
    [InlineData(false, Development, "WEBSITE_SITE_NAME=acme")]
    public void Resolve_OnlyADevelopersHost_IsLocal(bool isLocal, params string[] environment)
    {
        var settings = ResolveHosted(["AzureWebJobsStorage=UseDevelopmentStorage=true", .. environment]);
        Assert.Equal(isLocal, settings.Host!.IsLocal);
    }

    [Theory]
    [InlineData(240)]
    [InlineData(80, "AzureFunctionsJobHost__functionTimeout=00:01:40")]
    [InlineData(240, "AzureFunctionsJobHost__functionTimeout=00:30:00")]
    [InlineData(240, "AzureFunctionsJobHost__functionTimeout=-1")]
    [InlineData(240, "AzureFunctionsJobHost__functionTimeout=soon")]
    public void Resolve_Deadline_IsBelowTheFunctionsTimeout(int seconds, params string[] environment)
    {
        var settings = ResolveHosted(["AzureWebJobsStorage=UseDevelopmentStorage=true", .. environment]);
        Assert.Equal(TimeSpan.FromSeconds(seconds), settings.Host!.Deadline);
    }

    private static Settings ResolveHosted(string[] environment) =>
        Resolve(["FUNCTIONS_CUSTOMHANDLER_PORT=7123", .. environment]);

    private static Settings Resolve(params string[] environment)
    {
        var values = environment.ToDictionary(
            text => text[..text.IndexOf('=', StringComparison.Ordinal)],
            text => text[(text.IndexOf('=', StringComparison.Ordinal) + 1)..],
            StringComparer.Ordinal
        );
        return Settings.Resolve(new CommandOptions(), name => values.GetValueOrDefault(name), _ => false);
    }
}
