using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

public sealed class LevelOnePlanTests
{
    private const long Mebi = 1024 * 1024;
    private static readonly Window First = new(0);
    private static readonly DateTimeOffset FirstEnd = DateTimeOffset.FromUnixTimeMilliseconds(First.EndMs);
    private static readonly LevelOnePlan Plan = new() { GroupBytes = 100 * Mebi };
    private static readonly ManifestSnapshot Empty = new("main", []);

    [Theory]
    [InlineData(14 * 60 + 59, 0)]
    [InlineData(15 * 60, 1)]
    [InlineData(3 * 60 * 60, 2)]
    public void Groups_OfWindowsThatAreOver_AfterAQuarterOfAnHour(int secondsAfter, int groups)
    {
        var files = new[] { File(First, 1, 5), File(First, 2, 5), File(new Window(Window.LengthMs), 3, 5) };
        Assert.Equal(groups, Plan.Groups(FirstEnd.AddSeconds(secondsAfter), files, Empty).Count);
    }

    [Fact]
    public void Groups_FitTheBudget_AndALargerFileGoesAlone()
    {
        var plan = Plan with { GroupBytes = 10 };
        var files = new[] { 4, 6, 1, 30, 2, 8, 1 }.Select((bytes, i) => File(First, i + 1, bytes));
        var groups = plan.Groups(FirstEnd.AddDays(1), files, Empty);
        Assert.Equal(
            ["4 6", "1", "30", "2 8", "1"],
            groups.Select(group => string.Join(' ', group.Files.Select(file => file.Blob.LengthBytes)))
        );
    }

    [Theory]
    [InlineData(29, 1, false)]
    [InlineData(30, 1, true)]
    [InlineData(1, 16 * Mebi, false)]
    [InlineData(1, (16 * Mebi) + 1, true)]
    public void LateFiles_OfACompactedWindow_WaitUntilTheyAreQuietOrLarge(int quietMinutes, long bytes, bool isDue)
    {
        var now = FirstEnd.AddHours(5);
        var late = new[]
        {
            File(First, 2, bytes - 1, now.AddHours(-2)),
            File(First, 3, 1, now.AddMinutes(-quietMinutes)),
        };
        foreach (var compacted in new[] { Consumed(File(First, 1, 5)), WithBlock() })
        {
            Assert.Equal(isDue ? 1 : 0, Plan.Groups(now, late, compacted).Count);
        }
        Assert.Single(Plan.Groups(now, late, Empty));
    }

    [Fact]
    public void ConsumedFiles_AreLeftOut_UnlessTheyGrew()
    {
        var manifest = Consumed(File(First, 1, 5), File(First, 2, 5));
        var files = new[] { File(First, 1, 5), File(First, 2, 6), File(First, 3, 7) };
        var group = Assert.Single(Plan.Groups(FirstEnd.AddHours(5), files, manifest));
        Assert.Equal([6L, 7L], group.Files.Select(file => file.Blob.LengthBytes));
    }

    [Fact]
    public void Window_WhoseRowIsFull_WaitsForTheGarbageCollection()
    {
        var manifest = Consumed([
            .. Enumerable.Range(1, ManifestLimits.ConsumedFiles - 1).Select(n => File(First, n, 1)),
        ]);
        var files = new[] { File(First, 5001, 1), File(First, 5002, 1) };
        Assert.Single(Assert.Single(Plan.Groups(FirstEnd.AddHours(5), files, manifest)).Files);
    }

    [Fact]
    public void Window_WhoseRowCannotBeRead_IsLeftAlone()
    {
        var row = new TableRow(ManifestKeys.OfWindow(First), "", default, new Dictionary<string, object>());
        var manifest = new ManifestSnapshot("main", [row]);
        Assert.Single(manifest.Problems);
        Assert.Empty(Plan.Groups(FirstEnd.AddHours(5), [File(First, 1, 1)], manifest));
    }

    private static PlannedLogFile File(Window window, int writer, long bytes, DateTimeOffset at = default)
    {
        var name = new LogFileName(window, new Ulid((UInt128)writer));
        return new PlannedLogFile(name, new BlobInfo(name.ToString(), bytes, "e", at));
    }

    private static ManifestSnapshot Consumed(params PlannedLogFile[] files)
    {
        var row = new WindowRow(First, new Dictionary<Ulid, long>()).With(
            files.Select(file => new ConsumedLogFile(file.Name, file.Blob.LengthBytes))
        );
        return new ManifestSnapshot("main", [new TableRow(ManifestKeys.OfWindow(First), "e", default, row.Encode())]);
    }

    private static ManifestSnapshot WithBlock()
    {
        var block = new BlockDescription
        {
            Ulid = new Ulid(9),
            Level = 2,
            MinTimeMs = 0,
            MaxTimeMs = 3 * Window.LengthMs,
            Number = 1,
        };
        var row = new BlockRow(block, BlockState.Live).Encode();
        return new ManifestSnapshot("main", [new TableRow(ManifestKeys.Block(block.Ulid), "e", default, row)]);
    }
}
