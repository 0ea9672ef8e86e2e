using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

/// <summary>What every <see cref="ITableStore"/> must do: the sentences of the port as tests.</summary>
public abstract partial class TableStoreContract : IAsyncLifetime
{
    private const string P = "partition";

    /// <summary>A store of this test alone (or one whose other users have other tables).</summary>
    protected abstract Task<ITableStore> CreateAsync();

    /// <summary>Another client of the storage that <see cref="CreateAsync"/> made.</summary>
    protected abstract Task<ITableStore> OpenAgainAsync();

    /// <summary>Starts concurrent work; a store that is bound to one thread runs it there.</summary>
    protected virtual Task<T> StartAsync<T>(Func<Task<T>> work) => Task.Run(work, Token);

    /// <summary>How many clients the concurrent tests have.</summary>
    protected virtual int Clients => 8;

    /// <summary>How many steps each client of a concurrent test takes; more where they are cheap.</summary>
    protected virtual int Steps => 10;

    /// <summary>What large texts are made of: a letter of two bytes in UTF-8, and of one character in the service's count.</summary>
    protected virtual char Letter => 'ä';

    /// <summary>The table of this test: a new name, so that tests may share an account.</summary>
    protected string Table { get; } = "t" + Guid.NewGuid().ToString("N")[..20];

    protected ITableStore Store { get; private set; } = null!;

    protected ITableStore Other { get; private set; } = null!;

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
    public async Task Reading_WhatIsNotThere_FindsNothing()
    {
        Assert.Null(await Store.GetAsync(Table, P, "r", Token));
        Assert.Empty(await KeysAsync(null, null));
        await InsertAsync("another");
        Assert.Null(await Store.GetAsync(Table, P, "r", Token));
        Assert.Null(await Store.GetAsync(Table, "other", "another", Token));
        Assert.Empty(await Store.QueryAsync(Table, "other", null, null, Token).ToListAsync(Token));
    }

    [Fact]
    public async Task Insert_OfANewRow_IsSeenByOthers()
    {
        await InsertAsync("r", 7);
        var row = await Other.GetAsync(Table, P, "r", Token);
        Assert.NotNull(row);
        Assert.Equal("r", row.Row);
        Assert.NotEmpty(row.ETag);
        Assert.Equal(7L, row.Properties["n"]);
        Assert.Single(row.Properties);
    }

    [Fact]
    public async Task Insert_OfAnExistingRow_ChangesNothingAndNamesTheRow()
    {
        await InsertAsync("row-7", 1);
        await ConflictsAsync("row-7", Other, new TableWrite(TableAction.Insert, "row-7", Number(2)));
        Assert.Equal(1L, await NumberAsync("row-7"));
    }

    [Fact]
    public async Task Replace_WithoutETag_PutsExactlyTheseProperties()
    {
        await CommitAsync(Store, new TableWrite(TableAction.Replace, "r", Number(1)));
        Assert.Equal(1L, await NumberAsync("r"));
        await CommitAsync(
            Other,
            new TableWrite(TableAction.Replace, "r", new Dictionary<string, object> { ["text"] = "x" })
        );
        var row = await Store.GetAsync(Table, P, "r", Token);
        Assert.Equal("text", Assert.Single(row!.Properties).Key);
    }

    [Fact]
    public async Task Replace_WithETag_OnlyReplacesWhatWasRead()
    {
        await InsertAsync("row-7", 1);
        var first = (await Store.GetAsync(Table, P, "row-7", Token))!.ETag;
        await CommitAsync(Other, new TableWrite(TableAction.Replace, "row-7", Number(2), first));
        await ConflictsAsync("row-7", Store, new TableWrite(TableAction.Replace, "row-7", Number(3), first));
        Assert.Equal(2L, await NumberAsync("row-7"));
        await CommitAsync(Store, new TableWrite(TableAction.Delete, "row-7"));
        await ConflictsAsync("row-7", Store, new TableWrite(TableAction.Replace, "row-7", Number(4), first));
        Assert.Null(await Store.GetAsync(Table, P, "row-7", Token));
    }

    [Fact]
    public async Task Delete_WithAndWithoutETag_NeedsTheRow()
    {
        await InsertAsync("row-7", 1);
        var first = (await Store.GetAsync(Table, P, "row-7", Token))!.ETag;
        await CommitAsync(Store, new TableWrite(TableAction.Replace, "row-7", Number(2)));
        await ConflictsAsync("row-7", Other, new TableWrite(TableAction.Delete, "row-7", IfMatch: first));
        Assert.Equal(2L, await NumberAsync("row-7"));
        var second = (await Store.GetAsync(Table, P, "row-7", Token))!.ETag;
        await CommitAsync(Other, new TableWrite(TableAction.Delete, "row-7", IfMatch: second));
        Assert.Null(await Store.GetAsync(Table, P, "row-7", Token));
        await ConflictsAsync("row-7", Store, new TableWrite(TableAction.Delete, "row-7", IfMatch: second));
        await ConflictsAsync("row-7", Store, new TableWrite(TableAction.Delete, "row-7"));
    }

    [Fact]
    public async Task ETag_ChangesWithEveryWrite_AlsoAfterDeleteAndInsert()
    {
        var seen = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            await InsertAsync("r");
            Assert.True(seen.Add((await Store.GetAsync(Table, P, "r", Token))!.ETag));
            await CommitAsync(Other, new TableWrite(TableAction.Replace, "r", Number(0)));
            Assert.True(seen.Add((await Store.GetAsync(Table, P, "r", Token))!.ETag));
            await CommitAsync(Store, new TableWrite(TableAction.Delete, "r"));
        }
    }

    [Fact]
    public async Task Timestamp_DoesNotGoBack()
    {
        await InsertAsync("r");
        var first = (await Store.GetAsync(Table, P, "r", Token))!.Timestamp;
        await CommitAsync(Other, new TableWrite(TableAction.Replace, "r", Number(1)));
        Assert.True((await Store.GetAsync(Table, P, "r", Token))!.Timestamp >= first);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Commit_WithOneConflict_ChangesNoRow(int conflictAt)
    {
        await InsertAsync("exists", 1);
        await InsertAsync("changed", 1);
        var before = await RowsAsync();
        var writes = new List<TableWrite>
        {
            new(TableAction.Replace, "changed", Number(2)),
            new(TableAction.Insert, "new", Number(2)),
        };
        writes.Insert(conflictAt, new TableWrite(TableAction.Insert, "exists", Number(2)));
        await ConflictsAsync("exists", Store, [.. writes]);
        Assert.Equal(before, await RowsAsync());
    }

    [Fact]
    public async Task Commit_OfAllActions_ChangesAllRows()
    {
        await InsertAsync("deleted");
        await InsertAsync("replaced", 1);
        await CommitAsync(
            Store,
            new TableWrite(TableAction.Delete, "deleted"),
            new TableWrite(TableAction.Insert, "inserted", Number(2)),
            new TableWrite(TableAction.Replace, "replaced", Number(3))
        );
        Assert.Equal([("inserted", 2L), ("replaced", 3L)], (await RowsAsync()).Select(row => (row.Key, row.Number)));
    }

    [Fact]
    public async Task Commit_OfAHundredRows_Succeeds_AndOneMore_IsRejected()
    {
        var writes = Enumerable
            .Range(0, StoreLimits.RowsPerTransaction + 1)
            .Select(i => new TableWrite(TableAction.Insert, $"r{i:d3}", Number(i)))
            .ToArray();
        await RejectedAsync(writes);
        Assert.Empty(await KeysAsync(null, null));
        await CommitAsync(Store, writes[..^1]);
        Assert.Equal(writes[..^1].Select(write => write.Row), await KeysAsync(null, null));
        await ConflictsAsync("r099", Other, [writes[^1], writes[^2]]);
        await CommitAsync(Other, [.. writes[..^1].Select(write => new TableWrite(TableAction.Delete, write.Row))]);
        Assert.Empty(await KeysAsync(null, null));
    }

    [Fact]
    public async Task Commit_OfMoreThanFourMebibytes_IsRejected()
    {
        var large = new Dictionary<string, object> { ["b"] = new byte[StoreLimits.BytesPerProperty] };
        var writes = Enumerable.Range(0, 80).Select(i => new TableWrite(TableAction.Insert, $"r{i}", large)).ToArray();
        await RejectedAsync(writes);
        Assert.Empty(await KeysAsync(null, null));
        await CommitAsync(Store, writes[..40]);
        Assert.Equal(40, (await KeysAsync(null, null)).Count);
    }

    [Fact]
    public async Task Commit_OfNothing_OrOfOneRowTwice_IsRejected()
    {
        await RejectedAsync();
        await RejectedAsync(
            new TableWrite(TableAction.Insert, "r", Number(1)),
            new TableWrite(TableAction.Replace, "r", Number(2))
        );
        Assert.Null(await Store.GetAsync(Table, P, "r", Token));
    }

    [Fact]
    public async Task Query_OfARange_IsHalfOpenAndOrdinal()
    {
        string[] keys = ["", "a", "aa", "a b", "a-b", "B", "Z", "z", "ä", "é", "0", "10", "9", "\U0001F600", "\uFFFD"];
        await CommitAsync(Store, [.. keys.Select(key => new TableWrite(TableAction.Insert, key, Number(1)))]);
        Array.Sort(keys, StringComparer.Ordinal);
        Assert.Equal(keys, await KeysAsync(null, null));
        foreach (var bound in keys.Append("a!").Append("zz"))
        {
            Assert.Equal(keys.Where(key => string.CompareOrdinal(key, bound) >= 0), await KeysAsync(bound, null));
            Assert.Equal(keys.Where(key => string.CompareOrdinal(key, bound) < 0), await KeysAsync(null, bound));
        }
        Assert.Equal(["Z", "a", "a b", "a-b", "aa"], await KeysAsync("Z", "b"));
        Assert.Empty(await KeysAsync("b", "Z"));
        Assert.Empty(await KeysAsync("a", "a"));
    }

    [Fact]
    public async Task Query_OfThousands_GivesEachOnceInOrder()
    {
        var keys = Enumerable.Range(0, 2300).Select(i => $"r{i:d5}").ToArray();
        foreach (var part in keys.Reverse().Chunk(100))
        {
            await CommitAsync(Store, [.. part.Select(key => new TableWrite(TableAction.Insert, key, Number(1)))]);
        }
        Assert.Equal(keys, await KeysAsync(null, null));
        Assert.Equal(keys[100..2200], await KeysAsync(keys[100], keys[2200]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("plain")]
    [InlineData("100%")]
    [InlineData("%2f%25")]
    [InlineData("it's")]
    [InlineData("''")]
    [InlineData(" a b ")]
    [InlineData("a+b&c=d;e,f")]
    [InlineData("äöü é 漢字")]
    [InlineData("(a)[b]{c}<d>\"e\"|*~^`!@$:")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("CON")]
    public async Task Keys_OfOddCharacters_AreKeptAsTheyAre(string key)
    {
        await Store.CommitAsync(Table, key, [new TableWrite(TableAction.Insert, key, Number(1))], Token);
        await Store.CommitAsync(Table, key + "x", [new TableWrite(TableAction.Insert, key + "y", Number(2))], Token);
        var row = await Other.GetAsync(Table, key, key, Token);
        Assert.Equal((key, 1L), (row!.Row, row.Properties["n"]));
        var listed = await Other.QueryAsync(Table, key, key, key + "\u007e", Token).ToListAsync(Token);
        Assert.Equal(key, Assert.Single(listed).Row);
        await Other.CommitAsync(Table, key, [new TableWrite(TableAction.Replace, key, Number(3), row.ETag)], Token);
        Assert.Equal(3L, (await Store.GetAsync(Table, key, key, Token))!.Properties["n"]);
        await Store.CommitAsync(Table, key, [new TableWrite(TableAction.Delete, key)], Token);
        Assert.Null(await Other.GetAsync(Table, key, key, Token));
        Assert.NotNull(await Other.GetAsync(Table, key + "x", key + "y", Token));
    }

    [Fact]
    public async Task Keys_OfCaseOnly_AreDifferent()
    {
        foreach (var key in new[] { "key", "KEY", "Key" })
        {
            await Store.CommitAsync(Table, key, [new TableWrite(TableAction.Insert, key, Number(key[0]))], Token);
        }
        foreach (var key in new[] { "key", "KEY", "Key" })
        {
            var rows = await Store.QueryAsync(Table, key, null, null, Token).ToListAsync(Token);
            Assert.Equal(key, Assert.Single(rows).Row);
        }
    }

    [Theory]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a#b")]
    [InlineData("a?b")]
    [InlineData("a\nb")]
    [InlineData("a\0")]
    [InlineData("\u007f")]
    [InlineData("\u009f")]
    public async Task Keys_OutsideTheRule_AreRejected(string key)
    {
        await FailsAsync(StoreError.Rejected, () => Store.GetAsync(Table, key, "r", Token));
        await FailsAsync(StoreError.Rejected, () => Store.GetAsync(Table, P, key, Token));
        await RejectedAsync(new TableWrite(TableAction.Insert, key, Number(1)));
        await FailsAsync(
            StoreError.Rejected,
            () => Store.CommitAsync(Table, key, [new TableWrite(TableAction.Insert, "r", Number(1))], Token)
        );
        Assert.Equal(0, Store.Operations.Total);
    }

    [Fact]
    public async Task Keys_Of512Characters_AreKept_AndOneMore_IsRejected()
    {
        var longest = new string('ä', 512);
        await Store.CommitAsync(Table, longest, [new TableWrite(TableAction.Insert, longest, Number(1))], Token);
        Assert.Equal(longest, (await Other.GetAsync(Table, longest, longest, Token))!.Row);
        await FailsAsync(StoreError.Rejected, () => Store.GetAsync(Table, P, longest + "x", Token));
        await RejectedAsync(new TableWrite(TableAction.Insert, longest + "x", Number(1)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("bad-name")]
    [InlineData("bad name")]
    [InlineData("bad/name")]
    [InlineData("..")]
    [InlineData("bäd")]
    public async Task TableNames_OutsideTheRule_AreRejected(string table)
    {
        await FailsAsync(StoreError.Rejected, () => Store.GetAsync(table, P, "r", Token));
        await FailsAsync(
            StoreError.Rejected,
            () => Store.CommitAsync(table, P, [new TableWrite(TableAction.Insert, "r", Number(1))], Token)
        );
        Assert.Equal(0, Store.Operations.Total);
    }

    private static Dictionary<string, object> Number(long value) => new() { ["n"] = value };

    private Task InsertAsync(string row, long value = 0) =>
        CommitAsync(Store, new TableWrite(TableAction.Insert, row, Number(value)));

    private Task CommitAsync(ITableStore store, params TableWrite[] writes) =>
        store.CommitAsync(Table, P, writes, Token);

    private async Task<List<string>> KeysAsync(string? from, string? to) =>
        await Store.QueryAsync(Table, P, from, to, Token).Select(row => row.Row).ToListAsync(Token);

    private async Task<List<(string Key, string ETag, long Number)>> RowsAsync() =>
        await Other
            .QueryAsync(Table, P, null, null, Token)
            .Select(row => (row.Row, row.ETag, (long)row.Properties["n"]))
            .ToListAsync(Token);

    private async Task<object> NumberAsync(string row) => (await Other.GetAsync(Table, P, row, Token))!.Properties["n"];

    private Task RejectedAsync(params TableWrite[] writes) =>
        FailsAsync(StoreError.Rejected, () => CommitAsync(Store, writes));

    private async Task ConflictsAsync(string row, ITableStore store, params TableWrite[] writes)
    {
        var exception = await Assert.ThrowsAsync<StoreException>(() => CommitAsync(store, writes));
        Assert.Equal(StoreError.ConditionNotMet, exception.Error);
        Assert.Contains(row, exception.Message, StringComparison.Ordinal);
    }

    private static async Task FailsAsync(StoreError error, Func<Task> operation)
    {
        var exception = await Assert.ThrowsAsync<StoreException>(operation);
        Assert.True(error == exception.Error, $"{error} expected, not {exception.Error}: {exception.Message}");
    }
}
