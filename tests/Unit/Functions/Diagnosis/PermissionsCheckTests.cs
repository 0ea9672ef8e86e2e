using Tributary.Functions.Diagnosis;
using Tributary.Model;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>What the doctor says when a store refuses something, and what it leaves behind: nothing.</summary>
public sealed class PermissionsCheckTests
{
    private static readonly string[] AllContainers =
    [
        "log",
        "blocks",
        "store",
        "leases",
        "deletes",
        "snapshots",
        "exports",
    ];

    private static readonly string[] AllTables = ["sources", "manifest", "rules", "cursors", "exports", "costs"];
    private readonly ManualTime time = new(LogBatches.NoonMs);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Run => Ulid.New(time, new Random(1)).ToString().ToLowerInvariant();

    /// <summary>A refused operation, what cannot be done then, and the role that has the permission.</summary>
    public static TheoryData<string, string, string> Refusals { get; } =
        new()
        {
            { "write", "blobs cannot be written", "Storage Blob Data Contributor" },
            { "read", "blobs cannot be read", "Storage Blob Data Contributor" },
            { "list", "blobs cannot be listed", "Storage Blob Data Contributor" },
            { "create", "blobs cannot be made for appending", "Storage Blob Data Contributor" },
            { "append", "blobs cannot be appended to", "Storage Blob Data Contributor" },
            { "seal", "blobs cannot be sealed", "Storage Blob Data Contributor" },
            { "lease", "blobs cannot be leased", "Storage Blob Data Contributor" },
            { "delete", "blobs cannot be deleted", "Storage Blob Data Contributor" },
            { "insert", "rows cannot be inserted", "Storage Table Data Contributor" },
            { "get", "rows cannot be read", "Storage Table Data Contributor" },
            { "replace", "rows cannot be replaced", "Storage Table Data Contributor" },
            { "transaction", "rows cannot be written in transactions", "Storage Table Data Contributor" },
            { "delete rows", "rows cannot be deleted", "Storage Table Data Contributor" },
        };

    [Fact]
    public async Task Check_StoreThatAllowsAll_SaysSoAndLeavesNothing()
    {
        var store = new RefusingScratchStore(Run, time);
        var findings = await CheckAsync(store);
        Assert.Equal(
            [
                "blobs can be written, read, listed, leased, made for appending, appended to, sealed, deleted",
                "rows can be inserted, read, queried, replaced, written in transactions, deleted",
            ],
            findings.Select(finding => finding.Text)
        );
        Assert.All(findings, finding => Assert.Equal(FindingKind.Ok, finding.Kind));
        await AssertNothingLeftAsync(store);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public async Task Check_OneOperationRefused_IsOneFailureWithItsRole(string operation, string text, string role)
    {
        var store = new RefusingScratchStore(Run, time, operation);
        var findings = await CheckAsync(store);
        var failure = Assert.Single(findings, finding => finding.Kind is FindingKind.Failure);
        Assert.Equal($"{text}: {operation} failed: 403 {RefusingScratchStore.NoPermission}.", failure.Text);
        Assert.StartsWith(
            $"Ask the administrator. az role assignment create --role \"{role}\" --assignee PRINCIPAL_ID",
            failure.Advice,
            StringComparison.Ordinal
        );
        Assert.Contains("--name acct", failure.Advice, StringComparison.Ordinal);
        await AssertNothingLeftAsync(store);
    }

    [Theory]
    [InlineData("KeyBasedAuthenticationNotPermitted")]
    [InlineData("AuthorizationFailure")]
    [InlineData("AuthenticationFailed")]
    public async Task Check_WholeAccountRefuses_IsSaidOnceForEachService(string code)
    {
        string[] everything =
        [
            "list containers",
            "make container",
            "look at container",
            "make table",
            "look at table",
            "write",
            "create",
            "insert",
        ];
        var store = new RefusingScratchStore(Run, time, everything) { Code = code };
        var findings = await CheckAsync(store);
        Assert.Equal([FindingKind.Failure, FindingKind.Failure], findings.Select(finding => finding.Kind));
        Assert.All(findings, finding => Assert.Contains(code, finding.Text, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_ContainersAndTablesMissingAndNotMade_NamesThemAndTheCommand()
    {
        var store = new RefusingScratchStore(Run, time, "make container", "make table");
        store.Containers.UnionWith(["blocks", "store"]);
        store.TableNames.Add("manifest");
        var failures = (await CheckAsync(store)).Where(finding => finding.Kind is FindingKind.Failure).ToList();
        Assert.Equal(2, failures.Count);
        Assert.StartsWith(
            "no container can be made, and log, leases are not there",
            failures[0].Text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "az storage container create --account-name acct --name log --auth-mode login",
            failures[0].Advice,
            StringComparison.Ordinal
        );
        Assert.StartsWith(
            "no table can be made, and sources, rules, cursors, exports, costs are",
            failures[1].Text,
            StringComparison.Ordinal
        );
        await AssertNothingLeftAsync(store);
    }

    [Fact]
    public async Task Check_ContainersNotMadeButThere_TriesInTheLogAndLeavesNothing()
    {
        var store = new RefusingScratchStore(Run, time, "make container", "make table");
        store.Containers.UnionWith(AllContainers);
        store.TableNames.UnionWith(AllTables);
        var findings = await CheckAsync(store);
        Assert.Equal([FindingKind.Ok, FindingKind.Ok], findings.Select(finding => finding.Kind));
        await AssertNothingLeftAsync(store);
    }

    [Fact]
    public async Task Check_OnlyOptionalContainersMissing_Warns()
    {
        var store = new RefusingScratchStore(Run, time, "make container");
        store.Containers.UnionWith(AllContainers[..^1]);
        var warning = Assert.Single(await CheckAsync(store), finding => finding.Kind is FindingKind.Warning);
        Assert.Contains("but not exports", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_LeftoversOfKilledRuns_RemovesOldOnesOnly()
    {
        var old = Ulid.New(time, new Random(2)).ToString().ToLowerInvariant();
        time.Advance(TimeSpan.FromHours(2));
        var young = Ulid.New(time, new Random(3)).ToString().ToLowerInvariant();
        var store = new RefusingScratchStore(Run, time);
        string[] kept = ["log", ScratchStore.ContainerPrefix + young, ScratchStore.ContainerPrefix + "of-somebody"];
        store.Containers.UnionWith([.. kept, ScratchStore.ContainerPrefix + old]);
        store.TableNames.UnionWith(["sources", ScratchStore.TablePrefix + old, ScratchStore.TablePrefix + young]);
        var findings = await CheckAsync(store);
        Assert.Equal(
            2,
            findings.Count(finding => finding.Text.EndsWith("killed, is removed", StringComparison.Ordinal))
        );
        Assert.Equal(kept.Order(StringComparer.Ordinal), store.Containers.Order(StringComparer.Ordinal));
        Assert.Equal(2, store.TableNames.Count);
    }

    [Fact]
    public async Task Check_ContainersThatCannotBeListed_LeavesOldOnesAndSaysSo()
    {
        var store = new RefusingScratchStore(Run, time, "list containers");
        var findings = await CheckAsync(store);
        Assert.Equal([FindingKind.Ok, FindingKind.Ok, FindingKind.Skipped], findings.Select(finding => finding.Kind));
        await AssertNothingLeftAsync(store);
    }

    [Fact]
    public async Task Check_StoppedInTheMiddle_LeavesNothing()
    {
        using var stop = new CancellationTokenSource();
        var store = new RefusingScratchStore(Run, time)
        {
            OnCall = async operation =>
            {
                if (operation == "seal")
                {
                    await stop.CancelAsync();
                }
                if (operation != "drop container")
                {
                    stop.Token.ThrowIfCancellationRequested();
                }
            },
        };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            new PermissionsCheck(store, time).RunAsync(new FindingList(), stop.Token)
        );
        await AssertNothingLeftAsync(store);
    }

    [Fact]
    public async Task Check_ContainerCannotBeRemoved_SaysWhatIsLeft()
    {
        var store = new RefusingScratchStore(Run, time, "drop container");
        var warning = Assert.Single(await CheckAsync(store), finding => finding.Kind is FindingKind.Warning);
        Assert.Contains("could not be removed", warning.Text, StringComparison.Ordinal);
        Assert.Contains(ScratchStore.ContainerPrefix, warning.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_HierarchicalNamespace_Warns()
    {
        var store = new RefusingScratchStore(Run, time) { IsHierarchical = true };
        var warning = Assert.Single(await CheckAsync(store), finding => finding.Kind is FindingKind.Warning);
        Assert.Contains("hierarchical namespace", warning.Text, StringComparison.Ordinal);
        Assert.Contains("isHnsEnabled: false", warning.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_StoreWithAnotherClock_SaysBothTimes()
    {
        var store = new RefusingScratchStore(Run, time);
        var ours = new ManualTime(LogBatches.NoonMs + 90_000);
        var findings = new FindingList();
        await new PermissionsCheck(store, ours).RunAsync(findings, Token);
        var warning = Assert.Single(findings.All, finding => finding.Kind is FindingKind.Warning);
        Assert.EndsWith("this machine's is 90 s ahead", warning.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_LocalFolder_StaysAsItWas()
    {
        using var folder = new TestFolder();
        Directory.CreateDirectory(Path.Combine(folder.Path, "log"));
        var store = new LocalScratchStore(folder.Path, Run, TimeProvider.System);
        var findings = await CheckAsync(store, TimeProvider.System);
        Assert.Equal([FindingKind.Ok, FindingKind.Ok], findings.Select(finding => finding.Kind));
        Assert.Equal(
            [Path.Combine(folder.Path, "log")],
            Directory.EnumerateFileSystemEntries(folder.Path, "*", SearchOption.AllDirectories)
        );
    }

    [Fact]
    public async Task Check_LocalFolderWithLeftovers_RemovesThem()
    {
        using var folder = new TestFolder();
        var old = Ulid.Create(time.GetUtcNow().ToUnixTimeMilliseconds(), new byte[10]).ToString().ToLowerInvariant();
        Directory.CreateDirectory(Path.Combine(folder.Path, "~" + ScratchStore.ContainerPrefix + old, "x"));
        await CheckAsync(new LocalScratchStore(folder.Path, Run, TimeProvider.System), TimeProvider.System);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    private async Task<IReadOnlyList<Finding>> CheckAsync(ScratchStore store, TimeProvider? clock = null)
    {
        var findings = new FindingList();
        await new PermissionsCheck(store, clock ?? time).RunAsync(findings, Token);
        return findings.All;
    }

    private static async Task AssertNothingLeftAsync(RefusingScratchStore store)
    {
        Assert.DoesNotContain(store.Container, store.Containers);
        Assert.DoesNotContain(store.Table, store.TableNames);
        var left = new List<string>();
        await foreach (var blob in store.All.ListAsync("", Token))
        {
            left.Add(blob.Name);
        }
        Assert.Empty(left);
    }
}
