using System.Buffers.Binary;
using System.Text;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

/// <summary>
/// What every <see cref="IBlobStore"/> must do: the sentences of the port as tests. An implementation derives from it, and
/// gets all of them; the leases stand in the second file.
/// </summary>
public abstract partial class BlobStoreContract : IAsyncLifetime
{
    /// <summary>A store of this test alone (or one whose other users have other containers).</summary>
    protected abstract Task<IBlobStore> CreateAsync();

    /// <summary>Another client of the storage that <see cref="CreateAsync"/> made.</summary>
    protected abstract Task<IBlobStore> OpenAgainAsync();

    /// <summary>Lets the store's clock advance.</summary>
    protected abstract Task AdvanceAsync(TimeSpan time);

    /// <summary>Why the store's clock cannot be advanced within a test; null when it can.</summary>
    protected virtual string? CannotAdvance => null;

    /// <summary>How many clients the concurrent tests have.</summary>
    protected virtual int Clients => 8;

    /// <summary>How many steps each client of a concurrent test takes; more where they are cheap.</summary>
    protected virtual int Steps => 12;

    /// <summary>Starts concurrent work; a store that is bound to one thread runs it there.</summary>
    protected virtual Task<T> StartAsync<T>(Func<Task<T>> work) => Task.Run(work, Token);

    /// <summary>The container of this test: a new name, so that tests may share an account.</summary>
    protected string Container { get; } = "t" + Guid.NewGuid().ToString("N")[..20];

    protected IBlobStore Store { get; private set; } = null!;

    protected IBlobStore Other { get; private set; } = null!;

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public virtual async ValueTask InitializeAsync()
    {
        Store = await CreateAsync();
        Other = await OpenAgainAsync();
    }

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task GetInfo_NoSuchBlob_IsNull()
    {
        Assert.Null(await Store.GetInfoAsync(Name("a"), Token));
        await WriteAsync("a", "x");
        Assert.Null(await Store.GetInfoAsync(Name("b"), Token));
        Assert.Null(await Store.GetInfoAsync(Name("a-"), Token));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5_000_000)]
    public async Task Write_ThenRead_GivesTheSameBytes(int length)
    {
        var content = Bytes(length, 1);
        var info = await Store.WriteAsync(Name("deep/er/blob.bin"), content, WriteCondition.None, Token);
        Assert.Equal((Name("deep/er/blob.bin"), length, false), (info.Name, info.LengthBytes, info.IsSealed));
        Assert.Equal(info, await Other.GetInfoAsync(Name("deep/er/blob.bin"), Token));
        Assert.Equal(content, await ReadAllAsync(Other, "deep/er/blob.bin"));
    }

    [Fact]
    public async Task Write_Overwriting_ChangesContentAndETag()
    {
        var first = await WriteAsync("a", "a longer text");
        var second = await WriteAsync("a", "short");
        var third = await WriteAsync("a", "short");
        Assert.Equal(3, new[] { first.ETag, second.ETag, third.ETag }.Distinct().Count());
        Assert.Equal("short", Encoding.UTF8.GetString(await ReadAllAsync(Other, "a")));
        Assert.True(third.LastModified >= first.LastModified);
    }

    [Fact]
    public async Task Write_MustNotExist_OnlyCreates()
    {
        await Store.WriteAsync(Name("a"), Text("first"), WriteCondition.Create, Token);
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Other.WriteAsync(Name("a"), Text("second"), WriteCondition.Create, Token)
        );
        Assert.Equal("first", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    [Fact]
    public async Task Write_IfMatch_OnlyReplacesWhatWasRead()
    {
        var first = await WriteAsync("a", "1");
        var second = await Other.WriteAsync(Name("a"), Text("2"), new(IfMatch: first.ETag), Token);
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Store.WriteAsync(Name("a"), Text("3"), new(IfMatch: first.ETag), Token)
        );
        Assert.Equal(second, await Store.GetInfoAsync(Name("a"), Token));
        Assert.Equal("2", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
        Assert.True(await Store.DeleteAsync(Name("a"), null, Token));
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Store.WriteAsync(Name("a"), Text("4"), new(IfMatch: second.ETag), Token)
        );
        Assert.Null(await Store.GetInfoAsync(Name("a"), Token));
    }

    [Fact]
    public async Task ETag_AfterDeleteAndCreate_IsNew()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(seen.Add((await WriteAsync("a", "same")).ETag));
            Assert.True(await Store.DeleteAsync(Name("a"), null, Token));
            await Other.CreateAppendAsync(Name("a"), Token);
            Assert.True(seen.Add((await Store.GetInfoAsync(Name("a"), Token))!.ETag));
            Assert.True(await Other.DeleteAsync(Name("a"), null, Token));
        }
    }

    [Fact]
    public async Task CreateAppend_ByTwentyAtOnce_HasOneWinner()
    {
        await WriteAsync("warm", "");
        var outcomes = await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => TryAsync(() => Client(i).CreateAppendAsync(Name("a"), Token)))
        );
        Assert.Single(outcomes, error => error is null);
        Assert.Equal(19, outcomes.Count(error => error == StoreError.ConditionNotMet));
        Assert.Equal(0, (await Store.GetInfoAsync(Name("a"), Token))!.LengthBytes);
    }

    [Fact]
    public async Task WriteMustNotExist_ByTwentyAtOnce_HasOneWinnerWhoseBytesStay()
    {
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i =>
                    TryAsync(() => Client(i).WriteAsync(Name("a"), Text($"by {i}"), WriteCondition.Create, Token))
                )
        );
        Assert.Single(outcomes, error => error is null);
        Assert.Equal(19, outcomes.Count(error => error == StoreError.ConditionNotMet));
        Assert.Equal($"by {Array.IndexOf(outcomes, null)}", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    [Fact]
    public async Task CreateAppend_OfAnExistingName_IsRefused()
    {
        await WriteAsync("whole", "x");
        await Store.CreateAppendAsync(Name("append"), Token);
        await Store.AppendAsync(Name("append"), 0, Text("kept"), Token);
        await FailsAsync(StoreError.ConditionNotMet, () => Other.CreateAppendAsync(Name("whole"), Token));
        await FailsAsync(StoreError.ConditionNotMet, () => Other.CreateAppendAsync(Name("append"), Token));
        Assert.Equal("kept", Encoding.UTF8.GetString(await ReadAllAsync(Store, "append")));
    }

    [Fact]
    public async Task Append_AtTheExpectedLength_GrowsTheBlob()
    {
        await Store.CreateAppendAsync(Name("a"), Token);
        var etags = new HashSet<string> { (await Store.GetInfoAsync(Name("a"), Token))!.ETag };
        Assert.Equal(3, await Store.AppendAsync(Name("a"), 0, Text("abc"), Token));
        Assert.True(etags.Add((await Store.GetInfoAsync(Name("a"), Token))!.ETag));
        Assert.Equal(5, await Other.AppendAsync(Name("a"), 3, Text("de"), Token));
        var info = await Store.GetInfoAsync(Name("a"), Token);
        Assert.True(etags.Add(info!.ETag));
        Assert.Equal((5L, false), (info.LengthBytes, info.IsSealed));
        Assert.Equal("abcde", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(1000)]
    public async Task Append_AtAnotherLength_ChangesNothing(long expected)
    {
        await Store.CreateAppendAsync(Name("a"), Token);
        await Store.AppendAsync(Name("a"), 0, Text("abc"), Token);
        var before = await Store.GetInfoAsync(Name("a"), Token);
        await FailsAsync(StoreError.ConditionNotMet, () => Other.AppendAsync(Name("a"), expected, Text("xyz"), Token));
        Assert.Equal(before, await Store.GetInfoAsync(Name("a"), Token));
        Assert.Equal("abc", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    [Fact]
    public async Task Append_OfTheLargestPiece_Succeeds_AndOneByteMore_IsRejected()
    {
        var largest = Bytes(StoreLimits.AppendBytes, 7);
        await Store.CreateAppendAsync(Name("a"), Token);
        Assert.Equal(largest.Length, await Store.AppendAsync(Name("a"), 0, largest, Token));
        await FailsAsync(
            StoreError.Rejected,
            () => Store.AppendAsync(Name("a"), largest.Length, new byte[StoreLimits.AppendBytes + 1], Token)
        );
        Assert.Equal(largest, await ReadAllAsync(Other, "a"));
    }

    [Fact]
    public async Task Append_OfNothing_IsRejected()
    {
        await Store.CreateAppendAsync(Name("a"), Token);
        await FailsAsync(StoreError.Rejected, () => Store.AppendAsync(Name("a"), 0, default, Token));
    }

    [Fact]
    public async Task AppendAndSeal_OfAWholeBlob_AreRejected()
    {
        await WriteAsync("a", "whole");
        await FailsAsync(StoreError.Rejected, () => Store.AppendAsync(Name("a"), 5, Text("x"), Token));
        await FailsAsync(StoreError.Rejected, () => Store.SealAsync(Name("a"), Token));
        Assert.Equal("whole", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    [Fact]
    public async Task Operations_OnABlobThatIsNotThere_SayNotFound()
    {
        for (var round = 0; round < 2; round++)
        {
            await FailsAsync(StoreError.NotFound, () => Store.ReadAsync(Name("a"), 0, new byte[1], null, Token));
            await FailsAsync(StoreError.NotFound, () => Store.AppendAsync(Name("a"), 0, Text("x"), Token));
            await FailsAsync(StoreError.NotFound, () => Store.SealAsync(Name("a"), Token));
            await FailsAsync(
                StoreError.NotFound,
                () => Store.AcquireLeaseAsync(Name("a"), TimeSpan.FromSeconds(15), Token)
            );
            Assert.False(await Store.DeleteAsync(Name("a"), null, Token));
            await WriteAsync("another", "so that the container is there");
        }
    }

    [Fact]
    public async Task Seal_EndsAppending_AndAgainIsNothing()
    {
        await Store.CreateAppendAsync(Name("a"), Token);
        await Store.AppendAsync(Name("a"), 0, Text("abc"), Token);
        var first = await Store.SealAsync(Name("a"), Token);
        Assert.Equal((Name("a"), 3L, true), (first.Name, first.LengthBytes, first.IsSealed));
        await FailsAsync(StoreError.Sealed, () => Other.AppendAsync(Name("a"), 3, Text("d"), Token));
        var second = await Other.SealAsync(Name("a"), Token);
        Assert.Equal((Name("a"), 3L, true), (second.Name, second.LengthBytes, second.IsSealed));
        Assert.Equal(second, await Store.GetInfoAsync(Name("a"), Token));
        Assert.Equal("abc", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    [Fact]
    public async Task Append_ByManyAtOnce_LosesAndDoublesNothing()
    {
        var each = Steps;
        await Store.CreateAppendAsync(Name("a"), Token);
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(client => StartAsync(() => AppendNumbersAsync(Client(client), client * each, each)))
        );
        Assert.Equal(Enumerable.Range(0, Clients * each), Numbers(await ReadAllAsync(Store, "a")).Order());
    }

    [Fact]
    public async Task Append_RacingWithSeal_IsEitherInsideOrRefused()
    {
        await Store.CreateAppendAsync(Name("a"), Token);
        var appender = StartAsync(async () =>
        {
            var length = 0L;
            StoreError? error = null;
            while (error is null)
            {
                await Task.Yield();
                error = await TryAsync(async () =>
                    length = await Store.AppendAsync(Name("a"), length, Text("0123"), Token)
                );
            }
            return (length, error.Value);
        });
        while ((await Other.GetInfoAsync(Name("a"), Token))!.LengthBytes < 20)
        {
            Assert.False(appender.IsCompleted, "the appender ended before the seal");
            await Task.Yield();
        }
        var sealedInfo = await Other.SealAsync(Name("a"), Token);
        Assert.Equal((sealedInfo.LengthBytes, StoreError.Sealed), await appender);
        Assert.Equal(sealedInfo, await Store.GetInfoAsync(Name("a"), Token));
    }

    [Theory]
    [InlineData(0, 4, "0123")]
    [InlineData(3, 4, "3456")]
    [InlineData(8, 4, "89")]
    [InlineData(10, 4, "")]
    [InlineData(11, 4, "")]
    [InlineData(5_000_000_000, 4, "")]
    [InlineData(0, 100, "0123456789")]
    public async Task Read_OfARange_EndsAtTheEnd(long offset, int wanted, string expected)
    {
        await WriteAsync("whole", "0123456789");
        await Store.CreateAppendAsync(Name("append"), Token);
        await Store.AppendAsync(Name("append"), 0, Text("0123456789"), Token);
        foreach (var name in new[] { "whole", "append" })
        {
            var buffer = new byte[wanted];
            var count = await Other.ReadAsync(Name(name), offset, buffer, null, Token);
            Assert.Equal(expected, Encoding.UTF8.GetString(buffer, 0, count));
        }
    }

    [Fact]
    public async Task Read_OfAnEmptyBlob_GivesNothing()
    {
        await WriteAsync("whole", "");
        await Store.CreateAppendAsync(Name("append"), Token);
        Assert.Equal(0, await Store.ReadAsync(Name("whole"), 0, new byte[4], null, Token));
        Assert.Equal(0, await Store.ReadAsync(Name("append"), 0, new byte[4], null, Token));
        Assert.Equal(0, await Store.ReadAsync(Name("append"), 9, new byte[4], null, Token));
    }

    [Fact]
    public async Task Read_IfMatch_RefusesAnotherVersion()
    {
        var first = await WriteAsync("a", "1");
        Assert.Equal(1, await Store.ReadAsync(Name("a"), 0, new byte[4], first.ETag, Token));
        var second = await WriteAsync("a", "22");
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Other.ReadAsync(Name("a"), 0, new byte[4], first.ETag, Token)
        );
        Assert.Equal(2, await Other.ReadAsync(Name("a"), 0, new byte[4], second.ETag, Token));
        await Store.CreateAppendAsync(Name("append"), Token);
        var empty = await Store.GetInfoAsync(Name("append"), Token);
        await Store.AppendAsync(Name("append"), 0, Text("x"), Token);
        await FailsAsync(
            StoreError.ConditionNotMet,
            () => Other.ReadAsync(Name("append"), 0, new byte[4], empty!.ETag, Token)
        );
    }

    [Fact]
    public async Task Delete_RemovesBlobs_AndSaysWhetherThereWasOne()
    {
        await WriteAsync("whole", "x");
        await Store.CreateAppendAsync(Name("append"), Token);
        await Store.SealAsync(Name("append"), Token);
        foreach (var name in new[] { "whole", "append" })
        {
            Assert.True(await Other.DeleteAsync(Name(name), null, Token));
            Assert.False(await Store.DeleteAsync(Name(name), null, Token));
            Assert.Null(await Store.GetInfoAsync(Name(name), Token));
        }
        Assert.Empty(await ListAsync(""));
        await Store.CreateAppendAsync(Name("append"), Token);
        Assert.Equal(1, await Store.AppendAsync(Name("append"), 0, Text("y"), Token));
    }

    [Fact]
    public async Task Delete_IfMatch_OnlyDeletesWhatWasRead()
    {
        await Store.CreateAppendAsync(Name("a"), Token);
        var before = await Store.GetInfoAsync(Name("a"), Token);
        await Store.AppendAsync(Name("a"), 0, Text("x"), Token);
        await FailsAsync(StoreError.ConditionNotMet, () => Other.DeleteAsync(Name("a"), before!.ETag, Token));
        var after = await Store.GetInfoAsync(Name("a"), Token);
        Assert.True(await Other.DeleteAsync(Name("a"), after!.ETag, Token));
        Assert.False(await Other.DeleteAsync(Name("a"), after.ETag, Token));
    }

    [Fact]
    public async Task Delete_ByManyAtOnce_HasOneWinner()
    {
        await WriteAsync("a", "x");
        var deleted = await Task.WhenAll(
            Enumerable.Range(0, Clients).Select(i => Client(i).DeleteAsync(Name("a"), null, Token))
        );
        Assert.Single(deleted, won => won);
    }

    [Theory]
    [InlineData("")]
    [InlineData("noslash")]
    [InlineData("/a")]
    [InlineData("box/")]
    [InlineData("box//a")]
    [InlineData("box/.")]
    [InlineData("box/..")]
    [InlineData("box/../a")]
    [InlineData("../box/a")]
    [InlineData("box/./a")]
    [InlineData("box/a b")]
    [InlineData("box/ä")]
    [InlineData("box/a~b")]
    [InlineData("box/a:b")]
    [InlineData("box\\a")]
    [InlineData("box/a?b")]
    [InlineData("box/a%2fb")]
    [InlineData("box/a\0")]
    public async Task Names_OutsideTheRule_AreRejected(string name)
    {
        await FailsAsync(StoreError.Rejected, () => Store.GetInfoAsync(name, Token));
        await FailsAsync(StoreError.Rejected, () => Store.ReadAsync(name, 0, new byte[1], null, Token));
        await FailsAsync(StoreError.Rejected, () => Store.WriteAsync(name, Text("x"), WriteCondition.None, Token));
        await FailsAsync(StoreError.Rejected, () => Store.CreateAppendAsync(name, Token));
        await FailsAsync(StoreError.Rejected, () => Store.AppendAsync(name, 0, Text("x"), Token));
        await FailsAsync(StoreError.Rejected, () => Store.SealAsync(name, Token));
        await FailsAsync(StoreError.Rejected, () => Store.DeleteAsync(name, null, Token));
        await FailsAsync(StoreError.Rejected, () => Store.AcquireLeaseAsync(name, TimeSpan.FromSeconds(15), Token));
        Assert.Equal(0, Store.Operations.Total);
    }

    [Fact]
    public async Task Operations_AreCountedByClass()
    {
        await WriteAsync("warm", "so that the container is there");
        await Store.CreateAppendAsync(Name("a"), Token);
        await CountsAsync(OperationClass.BlobWrite, () => Store.CreateAppendAsync(Name("b"), Token));
        await CountsAsync(OperationClass.BlobWrite, () => Store.AppendAsync(Name("a"), 0, Text("x"), Token));
        await CountsAsync(
            OperationClass.BlobWrite,
            () => TryAsync(() => Store.AppendAsync(Name("a"), 0, Text("x"), Token))
        );
        await CountsAsync(OperationClass.BlobWrite, () => WriteAsync("c", "x"));
        await CountsAsync(OperationClass.BlobWrite, () => Store.SealAsync(Name("a"), Token));
        await CountsAsync(OperationClass.BlobRead, () => Store.GetInfoAsync(Name("a"), Token));
        await CountsAsync(OperationClass.BlobRead, () => Store.ReadAsync(Name("a"), 0, new byte[9], null, Token));
        await CountsAsync(OperationClass.BlobList, () => ListAsync(""));
        var lease = "";
        await CountsAsync(
            OperationClass.BlobLease,
            async () => lease = await Store.AcquireLeaseAsync(Name("c"), TimeSpan.FromSeconds(15), Token)
        );
        await CountsAsync(OperationClass.BlobLease, () => Store.RenewLeaseAsync(Name("c"), lease, Token));
        await CountsAsync(OperationClass.BlobLease, () => Store.ReleaseLeaseAsync(Name("c"), lease, Token));
        await CountsAsync(OperationClass.BlobDelete, () => Store.DeleteAsync(Name("a"), null, Token));
    }

    [Fact]
    public async Task Operations_AreCountedForWhoeverPays()
    {
        await WriteAsync("warm", "so that the container is there");
        var (one, two) = (new Payer("one"), new Payer("two", "source"));
        using (Payers.By(one))
        {
            await WriteAsync("a", "1234567");
            await Store.CreateAppendAsync(Name("b"), Token);
            using (Payers.By(Payers.Of([(one, 1), (two, 2)])))
            {
                await Store.AppendAsync(Name("b"), 0, Text("123456"), Token);
            }
            await Store.ReadAsync(Name("b"), 1, new byte[9], null, Token);
        }

        var used = Store.Operations.ByPayer.ToDictionary();

        Assert.Equal(2_333_333, used[one].Operations.MillionthsOf(OperationClass.BlobWrite));
        Assert.Equal(666_667, used[two].Operations.MillionthsOf(OperationClass.BlobWrite));
        Assert.Equal(1, used[one].Operations[OperationClass.BlobRead]);
        Assert.Equal((9, 4, 5), (used[one].BytesWritten, used[two].BytesWritten, used[one].BytesRead));
        Assert.Equal(
            OperationCounts.Of(Store.Operations),
            used.Values.Aggregate(default(OperationCounts), (sum, tally) => sum + tally.Operations)
        );
    }

    [Fact]
    public async Task Operations_Cancelled_End()
    {
        await WriteAsync("a", "x");
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetInfoAsync(Name("a"), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.WriteAsync(Name("a"), Text("y"), WriteCondition.None, cancelled)
        );
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Store.ListAsync(Name(""), cancelled).ToListAsync(CancellationToken.None)
        );
        Assert.Equal("x", Encoding.UTF8.GetString(await ReadAllAsync(Store, "a")));
    }

    /// <summary>The full name of a blob in this test's container.</summary>
    protected string Name(string rest) => $"{Container}/{rest}";

    protected static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    protected Task<BlobInfo> WriteAsync(string rest, string text) =>
        Store.WriteAsync(Name(rest), Text(text), WriteCondition.None, Token);

    protected async Task<byte[]> ReadAllAsync(IBlobStore store, string rest)
    {
        var info = await store.GetInfoAsync(Name(rest), Token);
        Assert.NotNull(info);
        var buffer = new byte[info.LengthBytes + 1];
        var count = await store.ReadAsync(Name(rest), 0, buffer, info.ETag, Token);
        return buffer[..count];
    }

    protected async Task<List<string>> ListAsync(string prefix) =>
        await Store
            .ListAsync(Name(prefix), Token)
            .Select(info => info.Name[(Container.Length + 1)..])
            .ToListAsync(Token);

    protected static async Task FailsAsync(StoreError error, Func<Task> operation)
    {
        var exception = await Assert.ThrowsAsync<StoreException>(operation);
        Assert.True(error == exception.Error, $"{error} expected, not {exception.Error}: {exception.Message}");
    }

    protected static async Task<StoreError?> TryAsync(Func<Task> operation)
    {
        try
        {
            await operation();
            return null;
        }
        catch (StoreException exception)
        {
            return exception.Error;
        }
    }

    private IBlobStore Client(int number) => number % 2 == 0 ? Store : Other;

    private async Task CountsAsync(OperationClass expected, Func<Task> operation)
    {
        var before = Store.Operations[expected];
        await operation();
        Assert.Equal((expected, before + 1), (expected, Store.Operations[expected]));
    }

    private async Task<int> AppendNumbersAsync(IBlobStore store, int first, int count)
    {
        for (var number = first; number < first + count; )
        {
            var length = (await store.GetInfoAsync(Name("a"), Token))!.LengthBytes;
            var record = new byte[sizeof(int)];
            BinaryPrimitives.WriteInt32BigEndian(record, number);
            var error = await TryAsync(() => store.AppendAsync(Name("a"), length, record, Token));
            Assert.True(error is null or StoreError.ConditionNotMet, $"{error}");
            number += error is null ? 1 : 0;
        }
        return count;
    }

    private static IEnumerable<int> Numbers(byte[] bytes)
    {
        Assert.Equal(0, bytes.Length % sizeof(int));
        return bytes.Chunk(sizeof(int)).Select(part => BinaryPrimitives.ReadInt32BigEndian(part));
    }

    private static byte[] Bytes(int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
