using System.Text;
using Tributary.Binary;
using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>Damaged files give the right answer or a named error, never another answer.</summary>
public sealed class LocalStoreCorruptionTests : IDisposable
{
    private readonly TestFolder test = new();
    private readonly StoreFolder folder;

    public LocalStoreCorruptionTests() => folder = new StoreFolder(test.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => test.Dispose();

    [Fact]
    public async Task Sidecar_WithAnyByteFlipped_StillGivesTheRightAnswer()
    {
        var (path, bytes) = await BlobAsync();
        for (var i = 0; i < bytes.Length; i++)
        {
            await File.WriteAllBytesAsync(path, Flipped(bytes, i), Token);
            Assert.Equal("abcde sealed", await BlobAnswerAsync());
        }
    }

    [Fact]
    public async Task Sidecar_WithBothCopiesDamaged_IsANamedError()
    {
        var (path, bytes) = await BlobAsync();
        for (var i = 0; i < Sidecar.SizeBytes + 16; i++)
        {
            await File.WriteAllBytesAsync(path, Flipped(Flipped(bytes, i), MirroredHeader.SecondOffset + i), Token);
            Assert.Equal("corrupt: box/a", await BlobAnswerAsync());
        }
    }

    [Fact]
    public async Task Sidecar_CutAnywhere_GivesTheRightAnswerOrANamedError()
    {
        var (path, bytes) = await BlobAsync();
        for (var length = 0; length < bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(path, bytes[..length], Token);
            var expected = length < Sidecar.SizeBytes + 16 ? "corrupt: box/a" : "abcde sealed";
            Assert.Equal(expected, await BlobAnswerAsync());
        }
    }

    [Fact]
    public async Task Data_ShorterThanItsSidecarSays_IsANamedError()
    {
        await BlobAsync();
        await File.WriteAllTextAsync(folder.DataPath("box/a"), "abcd", Token);
        Assert.Equal("corrupt: box/a", await BlobAnswerAsync());
        File.Delete(folder.DataPath("box/a"));
        Assert.Equal("corrupt: box/a", await BlobAnswerAsync());
    }

    [Fact]
    public async Task TableFile_WithAnyByteFlipped_GivesTheRightAnswerOrANamedError()
    {
        var (path, bytes) = await TableAsync();
        for (var i = 0; i < bytes.Length; i++)
        {
            await File.WriteAllBytesAsync(path, Flipped(bytes, i), Token);
            // The header stands twice; the records behind it are protected by their checksums alone.
            var expected = i < MirroredHeader.SizeBytes ? "a=1 c=ä" : "corrupt: ~tables/t/p";
            Assert.Equal(expected, await TableAnswerAsync());
        }
    }

    [Fact]
    public async Task TableFile_CutAnywhere_IsANamedError()
    {
        var (path, bytes) = await TableAsync();
        for (var length = 0; length < bytes.Length; length++)
        {
            await File.WriteAllBytesAsync(path, bytes[..length], Token);
            Assert.Equal("corrupt: ~tables/t/p", await TableAnswerAsync());
        }
    }

    [Fact]
    public async Task TableFile_OfAnotherPartition_IsANamedError()
    {
        var (path, _) = await TableAsync();
        var tables = new LocalTableStore(test.Path, TimeProvider.System);
        await tables.CommitAsync("t", "other", [Write(TableAction.Insert, "x", 1L)], Token);
        var other = Directory.GetFiles(Path.GetDirectoryName(path)!, "other*").Single();
        File.Copy(other, path, overwrite: true);
        Assert.Equal("corrupt: ~tables/t/p", await TableAnswerAsync());
    }

    /// <summary>The others are listed and served; the damaged one is named, and goes when it is deleted.</summary>
    [Theory]
    [InlineData(null)]
    [InlineData("damaged")]
    public async Task Sidecar_ThatIsDamaged_HarmsNoOtherBlob(string? ifMatch)
    {
        var (path, _) = await BlobAsync();
        var store = new LocalBlobStore(test.Path, TimeProvider.System);
        await store.WriteAsync("box/b", "b"u8.ToArray(), WriteCondition.None, Token);
        await File.WriteAllBytesAsync(path, [], Token);
        Assert.Equal("corrupt: box/a", await BlobAnswerAsync());
        var listed = await store.ListAsync("box/", Token).ToListAsync(Token);
        Assert.Equal([("box/a", 5L), ("box/b", 1L)], listed.Select(info => (info.Name, info.LengthBytes)));
        Assert.True(await store.DeleteAsync("box/a", ifMatch, Token));
        Assert.False(await store.DeleteAsync("box/a", ifMatch, Token));
        await store.CreateAppendAsync("box/a", Token);
        Assert.Equal("", (await BlobAnswerAsync()).Split(' ')[0]);
    }

    [Fact]
    public async Task Files_OfOthersBesideTheSidecars_AreNoBlobs()
    {
        var (path, _) = await BlobAsync();
        var place = Path.GetDirectoryName(path)!;
        // Windows has no names that end with a dot.
        foreach (var name in new[] { "a copy", "#a#", "ä", OperatingSystem.IsWindows() ? "b c" : "a." })
        {
            await File.WriteAllTextAsync(Path.Join(place, name), "x", Token);
            Directory.CreateDirectory(Path.Join(place, name + " of"));
        }
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(Path.Join(place, "lost link"), "/nowhere");
        }
        var store = new LocalBlobStore(test.Path, TimeProvider.System);
        Assert.Equal(["box/a"], await store.ListAsync("", Token).Select(info => info.Name).ToListAsync(Token));
    }

    private async Task<(string Path, byte[] Bytes)> BlobAsync()
    {
        var store = new LocalBlobStore(test.Path, TimeProvider.System);
        await store.CreateAppendAsync("box/a", Token);
        await store.AppendAsync("box/a", 0, "abc"u8.ToArray(), Token);
        await store.AppendAsync("box/a", 3, "de"u8.ToArray(), Token);
        await store.SealAsync("box/a", Token);
        var path = folder.SidecarPath("box/a");
        return (path, await File.ReadAllBytesAsync(path, Token));
    }

    private async Task<string> BlobAnswerAsync()
    {
        var store = new LocalBlobStore(test.Path, TimeProvider.System);
        return await AnswerAsync(async () =>
        {
            var info = await store.GetInfoAsync("box/a", Token);
            var buffer = new byte[info!.LengthBytes];
            var count = await store.ReadAsync("box/a", 0, buffer, info.ETag, Token);
            return $"{Encoding.UTF8.GetString(buffer, 0, count)} {(info.IsSealed ? "sealed" : "open")}";
        });
    }

    private async Task<(string Path, byte[] Bytes)> TableAsync()
    {
        var tables = new LocalTableStore(test.Path, TimeProvider.System);
        await tables.CommitAsync(
            "t",
            "p",
            [Write(TableAction.Insert, "a", 1L), Write(TableAction.Insert, "b", 2L)],
            Token
        );
        await tables.CommitAsync("t", "p", [Write(TableAction.Delete, "b", 0L)], Token);
        await tables.CommitAsync("t", "p", [Write(TableAction.Insert, "c", "ä")], Token);
        var path = Assert.Single(Directory.GetFiles(folder.Tables, "p~*", SearchOption.AllDirectories));
        return (path, await File.ReadAllBytesAsync(path, Token));
    }

    private async Task<string> TableAnswerAsync()
    {
        var tables = new LocalTableStore(test.Path, TimeProvider.System);
        return await AnswerAsync(async () =>
        {
            var rows = await tables.QueryAsync("t", "p", null, null, Token).ToListAsync(Token);
            return string.Join(' ', rows.Select(row => $"{row.Row}={row.Properties["v"]}"));
        });
    }

    private async Task<string> AnswerAsync(Func<Task<string>> question)
    {
        try
        {
            return await question();
        }
        catch (CorruptDataException exception)
        {
            // The name of a partition's file ends with a hash.
            var file = exception.Blob;
            return "corrupt: "
                + (file.StartsWith("~tables", StringComparison.Ordinal) ? file[..file.LastIndexOf('~')] : file);
        }
    }

    private static TableWrite Write(TableAction action, string row, object value) =>
        new(action, row, new Dictionary<string, object> { ["v"] = value });

    private static byte[] Flipped(byte[] bytes, int at)
    {
        var copy = bytes.ToArray();
        copy[at] ^= 0x10;
        return copy;
    }
}
