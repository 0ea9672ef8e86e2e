using System.Text;
using Tributary.Functions.Diagnosis;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;
using Tributary.Stores;
using Tributary.Tests.Unit.Jobs;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Storage.Manifest;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>What the doctor says of what is in a store.</summary>
public sealed class DataCheckTests : IDisposable
{
    private readonly BlocksPlace place = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => place.Dispose();

    [Fact]
    public async Task Check_EmptyStore_IsFineAndStaysEmpty()
    {
        var findings = await CheckAsync(place.Manifest);
        Assert.Equal([FindingKind.Skipped, FindingKind.Ok, FindingKind.Ok], findings.Select(one => one.Kind));
        Assert.False(Directory.Exists(place.Store));
    }

    [Fact]
    public async Task Check_StoreWithBlocks_SaysHowMany()
    {
        await ImportAsync();
        var findings = await CheckAsync(place.Manifest);
        Assert.All(findings, one => Assert.Equal(FindingKind.Ok, one.Kind));
        Assert.Contains(findings, one => one.Text.StartsWith("1 blocks, up to 2023-11-1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Check_BlockOfAnotherStore_SaysThatTwoAreMixed()
    {
        await ImportAsync();
        var other = BlocksPlace.NewUlid().ToString();
        await place.Manifest.Blobs.WriteAsync(
            StoreIdentity.BlobName,
            Encoding.ASCII.GetBytes(other),
            WriteCondition.None,
            Token
        );
        var failure = Assert.Single(await CheckAsync(place.Manifest), one => one.Kind is FindingKind.Failure);
        Assert.EndsWith($"and this is {other}: two stores are mixed", failure.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_BlockWhoseFilesAreElsewhere_AsksWhetherBothBelongTogether()
    {
        var ulid = await ImportAsync();
        await place.Manifest.Blobs.DeleteAsync(BlockPaths.PrefixOf(ulid) + BlockPaths.Meta, null, Token);
        var failure = Assert.Single(await CheckAsync(place.Manifest), one => one.Kind is FindingKind.Failure);
        Assert.Contains(
            $"the manifest has block {ulid}, and its files are not there",
            failure.Text,
            StringComparison.Ordinal
        );
        Assert.Contains("rebuild-manifest", failure.Advice, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Check_IdentifierThatIsNone_IsAFailure()
    {
        await place.Manifest.Blobs.WriteAsync(
            StoreIdentity.BlobName,
            "something"u8.ToArray(),
            WriteCondition.None,
            Token
        );
        Assert.Contains(
            await CheckAsync(place.Manifest),
            one => one.Kind is FindingKind.Failure && one.Text.StartsWith("store/id is not", StringComparison.Ordinal)
        );
    }

    [Theory]
    [InlineData(3, "Ok")]
    [InlineData(12, "Warning")]
    public async Task Check_LogThatIsNotCompacted_IsSeen(int hoursLater, string kind)
    {
        var manifest = new ManifestPlace();
        await manifest.LogAsync(hour: 4, bytes: 100);
        var time = new ManualTime((6 + hoursLater) * 3_600_000L);
        var finding = (await CheckAsync(manifest, time)).First(one =>
            one.Text.Contains("files of the log", StringComparison.Ordinal)
        );
        Assert.Equal(kind, finding.Kind.ToString());
        Assert.Equal(
            kind == "Warning",
            finding.Advice.Contains("TRIBUTARY_COMPACT_SCHEDULE", StringComparison.Ordinal)
        );
    }

    private async Task<Ulid> ImportAsync()
    {
        await place.AddForeignAsync(1);
        return Assert.Single(await place.ImportAsync()).Block!.Value;
    }

    private static Task<IReadOnlyList<Finding>> CheckAsync(ManifestPlace manifest, TimeProvider? time = null) =>
        DoctorPlace.LookAsync(findings =>
            new DataCheck(manifest.Blobs, manifest.Tables, time ?? TimeProvider.System).RunAsync(findings, Token)
        );
}
