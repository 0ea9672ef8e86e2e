using Tributary.Functions.CommandLine;
using Tributary.Functions.Diagnosis;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>The doctor over a real Azurite: with its key, and with signatures that lack something.</summary>
public sealed class AzuriteDoctorTests(AzuriteFixture azurite) : IDisposable
{
    private readonly DoctorPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Permissions, services and kinds of resources of a signature, and the failures.</summary>
    public static TheoryData<string, string, string, string[]> Signatures { get; } =
        new()
        {
            { "rwlacu", "bt", "sco", ["blobs cannot be deleted", "rows cannot be deleted"] },
            { "rwdacu", "bt", "sco", ["blobs cannot be listed"] },
            { "wdlacu", "bt", "sco", ["blobs cannot be read", "rows cannot be read", "rows cannot be queried"] },
            { "rwdlacu", "b", "sco", ["tables can neither be made nor listed"] },
            { "rwdlacu", "t", "sco", ["containers can neither be made nor looked at"] },
            { "rwdlacu", "bt", "sc", ["blobs cannot be written"] },
        };

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Doctor_EmptyAccount_IsHealthyAndStaysEmpty()
    {
        var connection = await azurite.FreshConnectionStringAsync();
        var (code, output) = await place.RunAsync(new CommandOptions(Storage: connection));
        Assert.Contains(
            "blobs can be written, read, listed, leased, made for appending",
            output,
            StringComparison.Ordinal
        );
        Assert.Contains("rows can be inserted, read, queried, replaced", output, StringComparison.Ordinal);
        Assert.Contains("nothing was ever collected", output, StringComparison.Ordinal);
        Assert.True(code == ExitCode.Warnings, output);
        Assert.DoesNotContain("AccountKey", output, StringComparison.Ordinal);
        await AssertEmptyAsync(connection);
    }

    [Fact]
    public async Task Permissions_WholeSignature_AreAllThere()
    {
        var connection = await azurite.FreshConnectionStringAsync();
        var findings = await CheckAsync(AccountSignature.Of(connection));
        Assert.Empty(Failures(findings));
        Assert.Contains(
            findings,
            finding => finding.Text.StartsWith("rows can be inserted, read, queried", StringComparison.Ordinal)
        );
        await AssertEmptyAsync(connection);
    }

    [Theory]
    [MemberData(nameof(Signatures))]
    public async Task Permissions_SignatureThatLacksSomething_NamesIt(
        string permissions,
        string services,
        string types,
        string[] failures
    )
    {
        var connection = await azurite.FreshConnectionStringAsync();
        var signed = AccountSignature.Of(connection, permissions, services, types);
        var findings = await CheckAsync(signed);
        var texts = Failures(findings);
        Assert.All(
            failures,
            wanted => Assert.Contains(texts, one => one.Text.StartsWith(wanted, StringComparison.Ordinal))
        );
        Assert.All(texts, one => Assert.Contains("shared access signature", one.Advice, StringComparison.Ordinal));
        Assert.All(texts, one => Assert.DoesNotContain("sig=", one.Text + one.Advice, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Permissions_ExpiredSignature_SayThatItMayHave()
    {
        var connection = await azurite.FreshConnectionStringAsync();
        var findings = await CheckAsync(AccountSignature.Of(connection, left: TimeSpan.FromHours(-1)));
        var failure = findings.First(finding => finding.Kind is FindingKind.Failure);
        Assert.Contains("has not expired", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Doctor_ConfigurationThatIsNotInTheStore_SaysHowToUploadIt()
    {
        var connection = await azurite.FreshConnectionStringAsync();
        var (code, output) = await place.RunAsync(
            new CommandOptions(Storage: connection, Config: "blob:config/tributary.yml")
        );
        Assert.Equal(ExitCode.Failed, code);
        var text = string.Join(' ', output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains(
            "the configuration 'blob:config/tributary.yml' is not in the store",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "az storage blob upload --account-name ACCOUNT --container-name config --name tributary.yml",
            text,
            StringComparison.Ordinal
        );
    }

    /// <summary>Azurite 3.35 answers 500 to a seal by a signature, whatever it allows: that one is Azurite's.</summary>
    private static List<Finding> Failures(IReadOnlyList<Finding> findings) =>
        [
            .. findings.Where(finding =>
                finding.Kind is FindingKind.Failure
                && !(
                    finding.Text.StartsWith("blobs cannot be sealed", StringComparison.Ordinal)
                    && finding.Text.EndsWith("failed: 500.", StringComparison.Ordinal)
                )
            ),
        ];

    private async Task<IReadOnlyList<Finding>> CheckAsync(string connection)
    {
        var run = Ulid.New(TimeProvider.System, Random.Shared).ToString().ToLowerInvariant();
        var store = ScratchStore.Open(place.Settings(connection), run, TimeProvider.System);
        return await DoctorPlace.LookAsync(findings =>
            new PermissionsCheck(store, TimeProvider.System).RunAsync(findings, Token)
        );
    }

    private static async Task AssertEmptyAsync(string connection)
    {
        var account = AzureAccount.FromConnectionString(connection);
        var blobs = new AzureBlobStore(account, TimeProvider.System);
        var tables = new AzureTableStore(account, TimeProvider.System);
        Assert.Empty(await blobs.ListContainersAsync("", Token));
        Assert.Empty(await tables.ListTablesAsync("", Token));
        Assert.False(await blobs.HasContainerAsync("log", Token));
        Assert.False(await tables.HasTableAsync("sources", Token));
        await blobs.MakeContainerAsync("log", Token);
        await blobs.MakeContainerAsync("log", Token);
        Assert.True(await blobs.HasContainerAsync("log", Token));
        await blobs.WriteAsync("log/a", new byte[] { 1 }, WriteCondition.None, Token);
        Assert.False(await blobs.IsHierarchicalAsync("log/a", Token));
        await tables.MakeTableAsync("sources", Token);
        await tables.MakeTableAsync("sources2", Token);
        Assert.True(await tables.HasTableAsync("sources", Token));
        Assert.Equal(["sources", "sources2"], await tables.ListTablesAsync("source", Token));
        await tables.DropTableAsync("sources", Token);
        await tables.DropTableAsync("sources", Token);
        Assert.Equal(["sources2"], await tables.ListTablesAsync("", Token));
        await blobs.DropContainerAsync("log", Token);
        await blobs.DropContainerAsync("log", Token);
        Assert.False(await blobs.HasContainerAsync("log", Token));
    }
}
