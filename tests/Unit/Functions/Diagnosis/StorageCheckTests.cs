using System.Globalization;
using Azure.Core;
using Azure.Identity;
using Microsoft.AspNetCore.Http;
using Tributary.Functions.Diagnosis;
using Tributary.Model;
using Tributary.Stores.Azure;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Stores.Azure;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

public sealed class StorageCheckTests : IDisposable
{
    private readonly DoctorPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A refusal of the service, and what to do: with an identity, and with a key.</summary>
    public static TheoryData<string, bool, string> Refusals { get; } =
        new()
        {
            {
                "AuthorizationPermissionMismatch",
                true,
                "the role 'Storage Blob Data Contributor' on the account (Owner"
            },
            {
                "KeyBasedAuthenticationNotPermitted",
                false,
                "takes no keys (allowSharedKeyAccess is false): name it by its URL"
            },
            { "AuthorizationFailure", true, "The account's firewall does not let this network in" },
            {
                "AuthorizationFailure",
                false,
                "AccountKey is a current key of 'testaccount', that the account allows key access, and its firewall"
            },
            { "AuthenticationFailed", false, "AccountKey is a current key" },
            { "AccountIsDisabled", true, "the state of its subscription" },
            { "InsufficientAccountPermissions", false, "may only be read" },
        };

    public void Dispose() => place.Dispose();

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Permissions_ServiceRefuses_SaysWhy(string code, bool isIdentity, string advice)
    {
        var service = new FakeService(FakeService.Answer(403, code));
        var account = isIdentity
            ? AzureAccount.FromUrl("https://testaccount.blob.core.windows.net", new StaticCredential())
            : FakeService.Account();
        var blobs = service.Blobs(account);
        var store = new AzureScratchStore(blobs, service.Tables(), account, Run());
        var findings = await DoctorPlace.LookAsync(found =>
            new PermissionsCheck(store, TimeProvider.System).RunAsync(found, Token)
        );
        var failure = findings.First(finding => finding.Kind is FindingKind.Failure);
        Assert.Contains($"403 {code}", failure.Text, StringComparison.Ordinal);
        Assert.Contains(advice, failure.Advice, StringComparison.Ordinal);
        Assert.DoesNotContain(advice, failure.Text, StringComparison.Ordinal);
        Assert.Equal(
            isIdentity && code == "AuthorizationPermissionMismatch",
            failure.Advice.Contains(
                "az role assignment create --role \"Storage Blob Data Contributor\"",
                StringComparison.Ordinal
            )
        );
    }

    [Fact]
    public async Task Permissions_IdentityWithoutToken_SaysHowToGetOne()
    {
        var service = new FakeService(FakeService.Answer(201));
        var account = AzureAccount.FromUrl("https://testaccount.blob.core.windows.net", new NoCredential());
        var store = new AzureScratchStore(service.Blobs(account), service.Tables(), account, Run());
        var failure = (
            await DoctorPlace.LookAsync(found =>
                new PermissionsCheck(store, TimeProvider.System).RunAsync(found, Token)
            )
        ).First(finding => finding.Kind is FindingKind.Failure);
        Assert.Contains("no token for this account could be had", failure.Text, StringComparison.Ordinal);
        Assert.Contains("'Storage Blob Data Contributor'", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Permissions_ClockThatIsWrong_IsSaidForARefusedRequest()
    {
        var service = new FakeService(
            FakeService.Answer(
                403,
                "AuthenticationFailed",
                "",
                ("Date", DateTime.UtcNow.AddHours(-1).ToString("R", CultureInfo.InvariantCulture))
            )
        );
        var store = new AzureScratchStore(service.Blobs(), service.Tables(), FakeService.Account(), Run());
        var findings = await DoctorPlace.LookAsync(found =>
            new PermissionsCheck(store, TimeProvider.System).RunAsync(found, Token)
        );
        Assert.Contains(
            findings,
            finding =>
                finding.Advice.Contains(
                    "more than 15 minutes apart. Set this machine's clock",
                    StringComparison.Ordinal
                )
        );
    }

    [Theory]
    [InlineData(0, "Ok")]
    [InlineData(120, "Warning")]
    [InlineData(1200, "Failure")]
    [InlineData(-1200, "Failure")]
    public async Task Check_ClockOfTheAccount_IsCompared(int aheadSeconds, string worst)
    {
        await using var server = await TestServer.StartAsync(context =>
        {
            context.Response.Headers.Date = DateTime
                .UtcNow.AddSeconds(aheadSeconds)
                .ToString("R", CultureInfo.InvariantCulture);
            return TestServer.AnswerAsync(context, StatusCodes.Status403Forbidden);
        });
        var (findings, isReached) = await CheckAsync(Connection(server.Port, server.Port));
        Assert.True(isReached);
        Assert.Equal(worst, findings.Max(finding => finding.Kind).ToString());
        Assert.Equal(
            worst != "Ok",
            findings.Any(finding => finding.Text.Contains("this machine's clock says", StringComparison.Ordinal))
        );
    }

    [Fact]
    public async Task Check_NobodyListens_AsksForAzurite()
    {
        var (findings, isReached) = await CheckAsync(Connection(1, 1));
        Assert.False(isReached);
        Assert.Equal([FindingKind.Failure, FindingKind.Failure], findings.Select(finding => finding.Kind));
        Assert.StartsWith("blobs: no connection to 127.0.0.1:1", findings[0].Text, StringComparison.Ordinal);
        Assert.Contains("azurite", findings[0].Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_AccountThatIsMisspelt_NamesTheSetting()
    {
        var (findings, isReached) = await CheckAsync("https://misspelt.blob.core.invalid");
        Assert.False(isReached);
        Assert.Equal([FindingKind.Failure, FindingKind.Failure], findings.Select(finding => finding.Kind));
        Assert.Contains("misspelt.blob.core.invalid", findings[0].Text, StringComparison.Ordinal);
        // Without any name server this machine cannot tell.
        if (findings[0].Text.StartsWith("there is no host", StringComparison.Ordinal))
        {
            Assert.Contains("Check the account's name in THE_SETTING", findings[0].Advice, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Check_TwoAccounts_WarnsThatTheyWouldBeMixed()
    {
        var settings = place.Settings("https://one.blob.core.invalid") with
        {
            TableUrl = "https://two.table.core.invalid",
        };
        var check = new StorageCheck(settings, "S", TimeProvider.System);
        var findings = await DoctorPlace.LookAsync(found => check.RunAsync(found, Token));
        Assert.Contains(
            findings,
            finding =>
                finding.Kind is FindingKind.Warning
                && finding.Text.Contains("two accounts would be two stores", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task Check_NoFolderYet_IsNothingToWorryAbout()
    {
        var (findings, isReached) = await CheckAsync("local:" + place.Data);
        Assert.False(isReached);
        Assert.Equal(FindingKind.Skipped, Assert.Single(findings).Kind);
        Assert.False(Directory.Exists(place.Data));
    }

    [Fact]
    public async Task Check_FolderThatIsAFile_SaysSo()
    {
        place.Write("data", "x");
        var (findings, _) = await CheckAsync("local:" + place.Data);
        Assert.Contains("the path is a file", Assert.Single(findings).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_FolderThatCannotBeMade_SaysWhere()
    {
        Assert.SkipUnless(Directory.Exists("/proc/self"), "needs a file system in which nobody can make files");
        var (findings, _) = await CheckAsync("local:/proc/self/data");
        var failure = Assert.Single(findings);
        Assert.Equal(FindingKind.Failure, failure.Kind);
        Assert.Contains("no file can be made in '/proc/self'", failure.Text, StringComparison.Ordinal);
        Assert.Contains("THE_SETTING", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_Folder_CanBeWritten()
    {
        Directory.CreateDirectory(Path.Combine(place.Data, "log"));
        var (findings, isReached) = await CheckAsync("local:" + place.Data);
        Assert.True(isReached);
        Assert.Equal(FindingKind.Ok, Assert.Single(findings).Kind);
        Assert.Single(Directory.EnumerateFileSystemEntries(place.Data, "*", SearchOption.AllDirectories));
    }

    private static string Run() => Ulid.New(TimeProvider.System, Random.Shared).ToString().ToLowerInvariant();

    private static string Connection(int blobs, int tables) =>
        $"AccountName=a;AccountKey={FakeService.Key};BlobEndpoint=http://127.0.0.1:{blobs}/a;TableEndpoint=http://127.0.0.1:{tables}/a";

    private async Task<(IReadOnlyList<Finding> Findings, bool IsReached)> CheckAsync(string storage)
    {
        var check = new StorageCheck(place.Settings(storage), "THE_SETTING", TimeProvider.System);
        var findings = await DoctorPlace.LookAsync(found => check.RunAsync(found, Token));
        return (findings, check.IsReached);
    }

    private sealed class NoCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            throw new AuthenticationFailedException("there is none");

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => throw new AuthenticationFailedException("there is none");
    }

    private sealed class StaticCredential : TokenCredential
    {
        private static AccessToken Token => new("token", DateTimeOffset.UtcNow.AddHours(1));

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            Token;

        public override ValueTask<AccessToken> GetTokenAsync(
            TokenRequestContext requestContext,
            CancellationToken cancellationToken
        ) => new(Token);
    }
}
