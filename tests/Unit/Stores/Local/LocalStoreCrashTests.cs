using System.Text;
using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>The states that a process killed between two steps leaves, each made by hand.</summary>
public sealed class LocalStoreCrashTests : IDisposable
{
    private readonly TestFolder test = new();
    private readonly ManualTime time = new();
    private readonly StoreFolder folder;
    private readonly BlobFiles files;
    private readonly LocalBlobStore store;

    public LocalStoreCrashTests()
    {
        folder = new StoreFolder(test.Path);
        files = new BlobFiles(folder, time);
        store = new LocalBlobStore(test.Path, time);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => test.Dispose();

    [Fact]
    public async Task Append_KilledBeforeItsCommit_IsNotSeen_AndIsOverwritten()
    {
        await AppendAsync("box/a", 0, "abc");
        await File.AppendAllTextAsync(folder.DataPath("box/a"), "torn bytes", Token);
        Assert.Equal("abc", await TextAsync("box/a"));
        Assert.Equal(5, await store.AppendAsync("box/a", 3, "de"u8.ToArray(), Token));
        Assert.Equal("abcde", await TextAsync("box/a"));
    }

    [Theory]
    [InlineData(true, false, "abc")]
    [InlineData(false, false, "abcde")]
    [InlineData(false, true, "abcde")]
    public async Task Append_KilledWithinItsCommit_IsWhollySeenOrNotAtAll(
        bool firstTorn,
        bool secondTorn,
        string expected
    )
    {
        await AppendAsync("box/a", 0, "abc");
        var before = await File.ReadAllBytesAsync(folder.SidecarPath("box/a"), Token);
        await store.AppendAsync("box/a", 3, "de"u8.ToArray(), Token);
        var after = await File.ReadAllBytesAsync(folder.SidecarPath("box/a"), Token);
        // The second copy is still the old one, or the write of one copy stopped in its middle.
        byte[] state = [.. after[..MirroredHeader.SecondOffset], .. before[MirroredHeader.SecondOffset..]];
        if (firstTorn)
        {
            before.AsSpan(30, 100).CopyTo(state.AsSpan(30));
        }
        if (secondTorn)
        {
            after.AsSpan(MirroredHeader.SecondOffset, 30).CopyTo(state.AsSpan(MirroredHeader.SecondOffset));
        }
        await File.WriteAllBytesAsync(folder.SidecarPath("box/a"), state, Token);
        Assert.Equal(expected, await TextAsync("box/a"));
        await store.AppendAsync("box/a", expected.Length, "xyz"u8.ToArray(), Token);
        Assert.Equal(expected + "xyz", await TextAsync("box/a"));
        var healed = await File.ReadAllBytesAsync(folder.SidecarPath("box/a"), Token);
        Assert.Equal(healed[..100], healed[MirroredHeader.SecondOffset..(MirroredHeader.SecondOffset + 100)]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Write_KilledBeforeItsCommit_IsNotSeen_AndGoesLater(bool replacing)
    {
        if (replacing)
        {
            await store.WriteAsync("box/a", "old"u8.ToArray(), WriteCondition.None, Token);
        }
        files.Stage("box/a", "never"u8);
        Assert.Equal(replacing ? ["box/a"] : [], await ListAsync());
        Assert.Equal(replacing ? 3 : 1, Files().Count);
        await LaterAsync();
        Assert.Equal(replacing ? ["a", "a"] : [], Files());
        Assert.Equal(replacing ? "old" : null, replacing ? await TextAsync("box/a") : null);
    }

    [Fact]
    public async Task Write_WhoseBytesWereTakenForLeavings_FailsAndLeavesWhatWasThere()
    {
        await store.WriteAsync("box/a", "old"u8.ToArray(), WriteCondition.None, Token);
        var generation = files.Stage("box/a", "new"u8);
        await LaterAsync();
        var error = Assert.Throws<StoreException>(() => files.CommitWrite("box/a", generation, 3, WriteCondition.None));
        Assert.Equal(StoreError.Throttled, error.Error);
        Assert.Equal("old", await TextAsync("box/a"));
    }

    [Fact]
    public async Task Write_KilledAfterItsCommit_IsSeen_AndTheBytesAreMovedLater()
    {
        await store.WriteAsync("box/a", "old"u8.ToArray(), WriteCondition.None, Token);
        var info = await store.WriteAsync("box/a", "new"u8.ToArray(), WriteCondition.None, Token);
        var staged = folder.StagingPath("box/a", files.Find("box/a")!.Generation);
        File.Move(folder.DataPath("box/a"), staged);
        await File.WriteAllTextAsync(folder.DataPath("box/a"), "old", Token);
        Assert.Equal("new", await TextAsync("box/a"));
        Assert.Equal([info], await store.ListAsync("", Token).ToListAsync(Token));
        await LaterAsync();
        Assert.False(File.Exists(staged));
        Assert.Equal("new", await File.ReadAllTextAsync(folder.DataPath("box/a"), Token));
        Assert.Equal("new", await TextAsync("box/a"));
    }

    [Fact]
    public async Task Delete_KilledAfterItsCommit_IsDone_AndTheFilesGoLater()
    {
        await AppendAsync("box/deep/a", 0, "abc");
        MarkDeleted("box/deep/a");
        Assert.Null(await store.GetInfoAsync("box/deep/a", Token));
        Assert.Empty(await ListAsync());
        Assert.False(await store.DeleteAsync("box/deep/a", null, Token));
        Assert.Empty(Files());
        await AppendAsync("box/deep/a", 0, "again");
        MarkDeleted("box/deep/a");
        await AppendAsync("box/deep/a", 0, "new");
        Assert.Equal("new", await TextAsync("box/deep/a"));
        MarkDeleted("box/deep/a");
        await LaterAsync();
        Assert.Empty(Files());
        Assert.False(Directory.Exists(folder.DataPath("box/deep")));
    }

    [Fact]
    public async Task Create_KilledBeforeItsCommit_IsNotSeen_AndGoesLater()
    {
        await AppendAsync("box/a", 0, "abc");
        File.Move(folder.SidecarPath("box/a"), folder.SidecarPath("box/a") + "~00.new");
        Assert.Null(await store.GetInfoAsync("box/a", Token));
        Assert.Empty(await ListAsync());
        await LaterAsync();
        Assert.Empty(Files());
        await AppendAsync("box/a", 0, "again");
        Assert.Equal("again", await TextAsync("box/a"));
    }

    [Fact]
    public async Task Table_KilledBeforeItsCommit_HasNothingOfIt()
    {
        var tables = new LocalTableStore(test.Path, time);
        await CommitAsync(tables, TableAction.Insert, "a");
        var file = Assert.Single(Directory.GetFiles(folder.Tables, "*", SearchOption.AllDirectories));
        await File.AppendAllTextAsync(file, "half a record", Token);
        await File.WriteAllTextAsync(file + ".new", "half a compaction", Token);
        await CommitAsync(tables, TableAction.Insert, "b");
        var again = new LocalTableStore(test.Path, time);
        Assert.Equal(
            ["a", "b"],
            await again.QueryAsync("t", "p", null, null, Token).Select(row => row.Row).ToListAsync(Token)
        );
    }

    private static Task CommitAsync(LocalTableStore tables, TableAction action, string row) =>
        tables.CommitAsync("t", "p", [new TableWrite(action, row, new Dictionary<string, object>())], Token);

    private async Task AppendAsync(string name, long at, string text)
    {
        await store.CreateAppendAsync(name, Token);
        await store.AppendAsync(name, at, Encoding.UTF8.GetBytes(text), Token);
    }

    private void MarkDeleted(string name)
    {
        using var sidecar = SidecarFile.Open(folder, folder.SidecarPath(name), FileAccess.ReadWrite);
        sidecar!.Write(sidecar.Content with { Flags = sidecar.Content.Flags | SidecarFlags.Deleted });
    }

    private async Task<string> TextAsync(string name)
    {
        var buffer = new byte[100];
        return Encoding.UTF8.GetString(buffer, 0, await store.ReadAsync(name, 0, buffer, null, Token));
    }

    private async Task<List<string>> ListAsync() =>
        await store.ListAsync("", Token).Select(info => info.Name).ToListAsync(Token);

    /// <summary>Lists when what lies about is old enough to be somebody's leavings; files bear the system's time.</summary>
    private async Task LaterAsync()
    {
        time.Advance(TimeSpan.FromDays(365 * 100));
        await ListAsync();
    }

    private List<string?> Files() =>
        [
            .. Directory
                .GetFiles(test.Path, "*", SearchOption.AllDirectories)
                .Where(file => !file.StartsWith(folder.Locks, StringComparison.Ordinal))
                .Select(Path.GetFileName),
        ];
}
