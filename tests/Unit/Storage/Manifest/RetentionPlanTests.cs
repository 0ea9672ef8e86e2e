using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

public sealed class RetentionPlanTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.UnixEpoch.AddHours(100);

    [Theory]
    [InlineData(100d, null, "")]
    [InlineData(50d, null, "40 50")]
    [InlineData(49.9, null, "40 50")]
    [InlineData(1d, null, "40 50 60 70")]
    [InlineData(null, null, "")]
    [InlineData(null, 450, "")]
    [InlineData(null, 449, "40")]
    [InlineData(null, 250, "40 50")]
    [InlineData(null, 0, "40 50 60 70")]
    [InlineData(60d, 250, "40 50")]
    [InlineData(50d, 300, "40 50")]
    public void Blocks_TooOldOrTooMany_GoOldestFirst(double? hours, int? bytes, string gone)
    {
        var plan = new RetentionPlan { Time = hours is { } h ? TimeSpan.FromHours(h) : null, Bytes = bytes };
        BlockRow[] blocks =
        [
            Row(70, BlockState.Live),
            Row(40, BlockState.Live),
            Row(60, BlockState.Live),
            Row(50, BlockState.Quarantined),
            Row(10, BlockState.Deleted),
            Row(11, BlockState.Pending),
        ];
        var changes = plan.Blocks(Now, blocks, logBytes: 50);
        Assert.Equal(gone, string.Join(' ', changes.Select(change => (ulong)change.Ulid.Value)));
        Assert.All(changes, change => Assert.Equal(BlockState.Deleted, change.State));
    }

    [Fact]
    public void LogFiles_OfOldWindows_GoWhetherCompactedOrNot()
    {
        var plan = new RetentionPlan { Time = TimeSpan.FromHours(50) };
        var files = new[] { 46, 48, 50 }.Select(File).ToList();
        Assert.Equal(files[..2], plan.LogFiles(Now, files));
        Assert.Empty((plan with { Time = null }).LogFiles(Now, files));
    }

    private static PlannedLogFile File(int hour)
    {
        var name = new LogFileName(new Window(hour * 3_600_000L), default);
        return new PlannedLogFile(name, new BlobInfo(name.ToString(), 1, "e", default));
    }

    private static BlockRow Row(int endHour, BlockState state) =>
        new(
            new BlockDescription
            {
                Ulid = new Ulid((UInt128)endHour),
                Level = 1,
                MinTimeMs = (endHour - 2) * 3_600_000L,
                MaxTimeMs = endHour * 3_600_000L,
                Number = 1,
                Files = [new BlockFile("index", 100)],
            },
            state
        );
}
