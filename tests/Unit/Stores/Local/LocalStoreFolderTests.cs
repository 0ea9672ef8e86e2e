using System.Text;
using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>Folders that cannot be used, what lies in those that can, and their locks.</summary>
public sealed class LocalStoreFolderTests : IDisposable
{
    private readonly TestFolder test = new();
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => test.Dispose();

    [Fact]
    public async Task Folder_ThatIsAFile_IsUnusable()
    {
        await File.WriteAllTextAsync(test.Path, "x", Token);
        await UnusableAsync(test.Path, "the path is a file");
        var blobs = new LocalBlobStore(test.Path, time);
        var tables = new LocalTableStore(test.Path, time);
        await UnusableAsync(test.Path, "the path is a file", () => blobs.GetInfoAsync("box/a", Token));
        await UnusableAsync(
            test.Path,
            "the path is a file",
            () => blobs.ReadAsync("box/a", 0, new byte[1], null, Token)
        );
        await UnusableAsync(
            test.Path,
            "the path is a file",
            async () => await blobs.ListAsync("box/", Token).ToListAsync(Token)
        );
        await UnusableAsync(test.Path, "the path is a file", () => tables.GetAsync("t", "p", "r", Token));
    }

    [Fact]
    public async Task Folder_WithoutWhatIsAskedFor_IsReadWithoutExceptions()
    {
        var blobs = new LocalBlobStore(test.Path, time);
        var tables = new LocalTableStore(test.Path, time);
        await blobs.CreateAppendAsync("box/a", Token);
        // Each test has a thread of its own while nothing is awaited that has to wait.
        var (thread, thrown) = (Environment.CurrentManagedThreadId, new List<Exception>());
        AppDomain.CurrentDomain.FirstChanceException += Note;
        var asked = Task.WhenAll(
            blobs.ListAsync("log/", Token).ToListAsync(Token).AsTask(),
            tables.GetAsync("t", "p", "r", Token)
        );
        AppDomain.CurrentDomain.FirstChanceException -= Note;
        Assert.True(asked.IsCompletedSuccessfully);
        Assert.Empty(thrown);
        await asked;

        void Note(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e)
        {
            if (Environment.CurrentManagedThreadId == thread)
            {
                thrown.Add(e.Exception);
            }
        }
    }

    [Fact]
    public async Task Folder_ThatCannotBeMade_IsUnusable()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs a folder in which nobody can make another: /sys");
        await UnusableAsync("/sys/tributary", "What to do:");
    }

    [Fact]
    public async Task Folder_ThatIsNotWritable_IsUnusable()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs the modes of Unix");
        Assert.SkipWhen(Environment.IsPrivilegedProcess, "root may write everywhere");
        Directory.CreateDirectory(test.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        await UnusableAsync(test.Path, "read and write the folder");
    }

    [Fact]
    public async Task Disk_ThatIsFull_IsUnusable()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "needs the device that is always full");
        var blobs = new LocalBlobStore(test.Path, time);
        await blobs.CreateAppendAsync("box/a", Token);
        var data = Path.Join(test.Path, "box/a");
        File.Delete(data);
        File.CreateSymbolicLink(data, "/dev/full");
        await UnusableAsync(test.Path, "the disk is full", () => blobs.AppendAsync("box/a", 0, new byte[10], Token));
        Assert.Equal(0, (await blobs.GetInfoAsync("box/a", Token))!.LengthBytes);
    }

    [Fact]
    public async Task Blobs_LieUnderTheirNames_AsRawBytes()
    {
        var blobs = new LocalBlobStore(test.Path, time);
        await blobs.WriteAsync("blocks/01/meta.json", "{}"u8.ToArray(), WriteCondition.None, Token);
        await blobs.CreateAppendAsync("log/0/w.log", Token);
        await blobs.AppendAsync("log/0/w.log", 0, "abc"u8.ToArray(), Token);
        Assert.Equal("{}", await File.ReadAllTextAsync(Path.Join(test.Path, "blocks/01/meta.json"), Token));
        Assert.Equal("abc", await File.ReadAllTextAsync(Path.Join(test.Path, "log/0/w.log"), Token));
        Assert.Equal(
            ["meta.json"],
            Directory.GetFileSystemEntries(Path.Join(test.Path, "blocks/01")).Select(Path.GetFileName)
        );
    }

    [Fact]
    public async Task Delete_OfTheLastBlob_RemovesItsFolders()
    {
        var blobs = new LocalBlobStore(test.Path, time);
        await blobs.WriteAsync("box/a/b/c", "x"u8.ToArray(), WriteCondition.None, Token);
        await blobs.WriteAsync("box/a/d", "x"u8.ToArray(), WriteCondition.None, Token);
        await blobs.DeleteAsync("box/a/b/c", null, Token);
        Assert.False(Directory.Exists(Path.Join(test.Path, "box/a/b")));
        Assert.True(Directory.Exists(Path.Join(test.Path, "box/a")));
        await blobs.DeleteAsync("box/a/d", null, Token);
        Assert.False(Directory.Exists(Path.Join(test.Path, "box")));
        Assert.Empty(Directory.GetFileSystemEntries(Path.Join(test.Path, "~meta")));
    }

    [Fact]
    public async Task Blob_WhereOthersHaveTheirFolder_IsRejected()
    {
        var blobs = new LocalBlobStore(test.Path, time);
        await blobs.WriteAsync("box/a", "x"u8.ToArray(), WriteCondition.None, Token);
        await blobs.WriteAsync("box/b/c", "x"u8.ToArray(), WriteCondition.None, Token);
        foreach (var name in new[] { "box/a/b", "box/b" })
        {
            Assert.Null(await blobs.GetInfoAsync(name, Token));
            await FailsAsync(StoreError.Rejected, () => blobs.CreateAppendAsync(name, Token));
            await FailsAsync(
                StoreError.Rejected,
                () => blobs.WriteAsync(name, "y"u8.ToArray(), WriteCondition.None, Token)
            );
        }
        Assert.Equal(2, await blobs.ListAsync("", Token).CountAsync(Token));
    }

    [Fact]
    public async Task Append_BeyondTheServicesNumber_IsRejected()
    {
        var blobs = new LocalBlobStore(test.Path, time);
        var folder = new StoreFolder(test.Path);
        await blobs.CreateAppendAsync("box/a", Token);
        using (var sidecar = SidecarFile.Open(folder, folder.SidecarPath("box/a"), FileAccess.ReadWrite))
        {
            sidecar!.Write(sidecar.Content with { Changes = StoreLimits.AppendsPerBlob - 1 });
        }
        Assert.Equal(1, await blobs.AppendAsync("box/a", 0, new byte[1], Token));
        await FailsAsync(StoreError.Rejected, () => blobs.AppendAsync("box/a", 1, new byte[1], Token));
        Assert.True((await blobs.SealAsync("box/a", Token)).IsSealed);
    }

    [Fact]
    public async Task Lock_HeldElsewhere_IsWaitedFor()
    {
        var folder = new StoreFolder(test.Path);
        var held = await new FolderLocks(folder, time).TakeAsync("test", "name", Token);
        var others = new FolderLocks(folder, time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var cancelled = others.TakeAsync("test", "name", cancel.Token);
        var waiting = new FolderLocks(folder, time).TakeAsync("test", "name", Token);
        using (await others.TakeAsync("test", "another", Token))
        {
            Assert.False(waiting.IsCompleted);
        }
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        Assert.False(waiting.IsCompleted);
        held.Dispose();
        (await waiting).Dispose();
        (await others.TakeAsync("test", "name", Token)).Dispose();
    }

    private async Task UnusableAsync(string path, string advice)
    {
        var blobs = new LocalBlobStore(path, time);
        var tables = new LocalTableStore(path, time);
        await UnusableAsync(path, advice, () => blobs.CreateAppendAsync("box/a", Token));
        await UnusableAsync(path, advice, () => blobs.WriteAsync("box/a", Encoding.UTF8.GetBytes("x"), default, Token));
        var write = new TableWrite(TableAction.Insert, "r", new Dictionary<string, object>());
        await UnusableAsync(path, advice, () => tables.CommitAsync("t", "p", [write], Token));
    }

    private static async Task UnusableAsync(string path, string advice, Func<Task> operation)
    {
        var exception = await FailsAsync(StoreError.Unusable, operation);
        Assert.Contains($"'{path}': cannot ", exception.Message, StringComparison.Ordinal);
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
    }

    private static async Task<StoreException> FailsAsync(StoreError error, Func<Task> operation)
    {
        var exception = await Assert.ThrowsAsync<StoreException>(operation);
        Assert.True(error == exception.Error, $"{error} expected, not {exception.Error}: {exception.Message}");
        return exception;
    }
}
