using Microsoft.Extensions.Logging.Abstractions;
using Tributary.Functions.Serving;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Functions;

public sealed class CompactInvocationTests
{
    [Fact]
    public async Task Run_AfterAWindowThatIsOver_MakesABlockOfItOnce()
    {
        await using var place = await FunctionsPlace.StartAsync();
        await place.Start().Collect.RunAsync();
        Assert.Equal("0 blocks made of the log, 0 of blocks", (await CompactAsync(place)).Text);
        place.Time.Advance(TimeSpan.FromHours(3));
        Assert.Equal(
            new JobOutcome(HasFailed: false, "1 blocks made of the log, 0 of blocks"),
            await CompactAsync(place)
        );
        Assert.Equal("0 blocks made of the log, 0 of blocks", (await CompactAsync(place)).Text);
    }

    [Fact]
    public async Task Run_WhileAnotherInstanceCompacts_SaysSo()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var lease = await JobLease.TryTakeAsync(place.Blobs, "compact", TestContext.Current.CancellationToken);
        Assert.NotNull(lease);
        Assert.Equal(new JobOutcome(HasFailed: false, "another instance compacts"), await CompactAsync(place));
    }

    [Fact]
    public async Task Run_AManifestThatCannotBeRead_FailsAndSaysWhatToDo()
    {
        await using var place = await FunctionsPlace.StartAsync();
        var pointer = new TableWrite(
            TableAction.Insert,
            ManifestKeys.PointerRow,
            new Dictionary<string, object>(StringComparer.Ordinal) { ["partition"] = "" }
        );
        await place.Tables.CommitAsync(
            ManifestKeys.Table,
            ManifestKeys.PointerPartition,
            [pointer],
            TestContext.Current.CancellationToken
        );
        var outcome = await CompactAsync(place);
        Assert.True(outcome.HasFailed);
        Assert.Contains("tributary blocks rebuild-manifest", outcome.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("a bug", outcome.Text, StringComparison.Ordinal);
    }

    private static async Task<JobOutcome> CompactAsync(FunctionsPlace place)
    {
        var (collector, _, fresh) = place.Start();
        var invocation = new CompactInvocation(
            collector,
            new Compaction(collector.Compact, () => collector.Config, NullLogger.Instance),
            fresh,
            new JobRunner(collector.Failures, NullLogger.Instance),
            TimeSpan.FromMinutes(4),
            place.Time
        );
        return await invocation.RunAsync();
    }
}
