using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

public abstract partial class TableStoreContract
{
    public static TheoryData<string, object> Values =>
        new()
        {
            { "empty text", "" },
            { "text", "plain" },
            { "odd text", " <a> & 'b' \"c\" \\ / % + \t\r\n äöü 漢字 \U0001F600 " },
            { "zero", 0L },
            { "smallest", long.MinValue },
            { "largest", long.MaxValue },
            { "above 2^53", (1L << 53) + 1 },
            { "true", true },
            { "false", false },
            { "whole double", 3d },
            { "tenth", 0.1 },
            { "subnormal", double.Epsilon },
            { "largest double", double.MaxValue },
            { "not a number", double.NaN },
            { "infinity", double.PositiveInfinity },
            { "minus infinity", double.NegativeInfinity },
            { "no bytes", Array.Empty<byte>() },
            { "bytes", new byte[] { 0, 1, 127, 128, 255 } },
        };

    [Theory]
    [MemberData(nameof(Values), DisableDiscoveryEnumeration = true)]
    public async Task Property_OfEveryType_ComesBackAsItWas(string name, object value)
    {
        Assert.NotEmpty(name);
        var properties = new Dictionary<string, object> { ["value"] = value };
        await CommitAsync(Store, new TableWrite(TableAction.Insert, "r", properties));
        var point = (await Other.GetAsync(Table, P, "r", Token))!.Properties;
        Assert.Equal(value, Assert.Single(point).Value);
        Assert.IsType(value.GetType(), point["value"]);
        var queried = await Other.QueryAsync(Table, P, null, null, Token).ToListAsync(Token);
        Assert.Equal(value, Assert.Single(queried).Properties["value"]);
    }

    [Fact]
    public async Task Properties_OfARow_AreAllKept()
    {
        var properties = new Dictionary<string, object>
        {
            ["text"] = "a",
            ["Number"] = 1L,
            ["flag_1"] = true,
            ["real"] = 1.5,
            ["bytes"] = new byte[] { 1 },
        };
        await CommitAsync(
            Store,
            new TableWrite(TableAction.Insert, "all", properties),
            new TableWrite(TableAction.Insert, "none", new Dictionary<string, object>())
        );
        Assert.Equal(
            properties.OrderBy(p => p.Key),
            (await Other.GetAsync(Table, P, "all", Token))!.Properties.OrderBy(p => p.Key)
        );
        Assert.Empty((await Other.GetAsync(Table, P, "none", Token))!.Properties);
    }

    [Fact]
    public async Task Property_OfAnotherType_IsRejected()
    {
        foreach (var value in new object[] { 1, 1f, 'c', DateTimeOffset.UnixEpoch, Guid.Empty })
        {
            await RejectedAsync(
                new TableWrite(TableAction.Insert, "r", new Dictionary<string, object> { ["value"] = value })
            );
        }
        Assert.Null(await Store.GetAsync(Table, P, "r", Token));
    }

    [Fact]
    public async Task Property_OfTheLargestSize_IsKept_AndOneMore_IsRejected()
    {
        const int bytes = StoreLimits.BytesPerProperty;
        var largest = new Dictionary<string, object>
        {
            ["text"] = new string(Letter, bytes / 2),
            ["bytes"] = Enumerable.Range(0, bytes).Select(i => (byte)(i * 7)).ToArray(),
        };
        await CommitAsync(Store, new TableWrite(TableAction.Insert, "largest", largest));
        var row = await Other.GetAsync(Table, P, "largest", Token);
        Assert.Equal(largest["text"], row!.Properties["text"]);
        Assert.Equal(largest["bytes"], row.Properties["bytes"]);
        foreach (var value in new object[] { new string('a', (bytes / 2) + 1), new byte[bytes + 1] })
        {
            await RejectedAsync(
                new TableWrite(TableAction.Insert, "r", new Dictionary<string, object> { ["value"] = value })
            );
        }
        Assert.Null(await Store.GetAsync(Table, P, "r", Token));
    }

    [Fact]
    public async Task Properties_GivenToACommit_MayBeChangedAfterwards()
    {
        var bytes = new byte[] { 1 };
        var properties = new Dictionary<string, object> { ["bytes"] = bytes };
        await CommitAsync(Store, new TableWrite(TableAction.Insert, "r", properties));
        bytes[0] = 2;
        properties["more"] = 1L;
        var row = await Store.GetAsync(Table, P, "r", Token);
        Assert.Equal(new byte[] { 1 }, Assert.Single(row!.Properties).Value);
    }

    [Fact]
    public async Task CompareAndSwap_ByManyAtOnce_LosesNoStep()
    {
        await InsertAsync("counter");
        await Task.WhenAll(
            Enumerable.Range(0, Clients).Select(client => StartAsync(() => CountUpAsync(Client(client), Steps)))
        );
        Assert.Equal((long)Clients * Steps, await NumberAsync("counter"));
    }

    [Fact]
    public async Task Insert_ByTwentyAtOnce_HasOneWinner()
    {
        await InsertAsync("warm");
        var outcomes = await Task.WhenAll(
            Enumerable
                .Range(0, 20)
                .Select(i => StartAsync(() => TryAsync(Client(i), new TableWrite(TableAction.Insert, "r", Number(i)))))
        );
        Assert.Single(outcomes, error => error is null);
        Assert.Equal(19, outcomes.Count(error => error == StoreError.ConditionNotMet));
        Assert.Equal((long)Array.IndexOf(outcomes, null), await NumberAsync("r"));
    }

    [Fact]
    public async Task Commits_OfTheSameRowsInOppositeOrder_DoNotMix()
    {
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(client =>
                    StartAsync(async () =>
                    {
                        TableWrite[] writes =
                        [
                            new(TableAction.Replace, "first", Number(client)),
                            new(TableAction.Replace, "second", Number(client)),
                        ];
                        if (client % 2 == 1)
                        {
                            Array.Reverse(writes);
                        }
                        await CommitAsync(Client(client), writes);
                        return client;
                    })
                )
        );
        Assert.Equal(await NumberAsync("first"), await NumberAsync("second"));
    }

    [Fact]
    public async Task Operations_AreCountedByClass()
    {
        await InsertAsync("warm");
        await CountsAsync(OperationClass.TableWrite, () => InsertAsync("r"));
        await CountsAsync(
            OperationClass.TableWrite,
            () =>
                CommitAsync(
                    Store,
                    new TableWrite(TableAction.Insert, "r2", Number(1)),
                    new TableWrite(TableAction.Delete, "r")
                )
        );
        await CountsAsync(
            OperationClass.TableWrite,
            () => TryAsync(Store, new TableWrite(TableAction.Insert, "r2", Number(1)))
        );
        await CountsAsync(OperationClass.TableRead, () => Store.GetAsync(Table, P, "r2", Token));
        await CountsAsync(OperationClass.TableRead, () => KeysAsync(null, null));
    }

    [Fact]
    public async Task Operations_Cancelled_End()
    {
        var cancelled = new CancellationToken(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.GetAsync(Table, P, "r", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Store.CommitAsync(Table, P, [new TableWrite(TableAction.Insert, "r", Number(1))], cancelled)
        );
        Assert.Null(await Store.GetAsync(Table, P, "r", Token));
    }

    private ITableStore Client(int number) => number % 2 == 0 ? Store : Other;

    private async Task<int> CountUpAsync(ITableStore store, int steps)
    {
        for (var step = 0; step < steps; )
        {
            var row = await store.GetAsync(Table, P, "counter", Token);
            var next = Number((long)row!.Properties["n"] + 1);
            var error = await TryAsync(store, new TableWrite(TableAction.Replace, "counter", next, row.ETag));
            Assert.True(error is null or StoreError.ConditionNotMet, $"{error}");
            step += error is null ? 1 : 0;
        }
        return steps;
    }

    private async Task<StoreError?> TryAsync(ITableStore store, params TableWrite[] writes)
    {
        try
        {
            await CommitAsync(store, writes);
            return null;
        }
        catch (StoreException exception)
        {
            return exception.Error;
        }
    }

    private async Task CountsAsync(OperationClass expected, Func<Task> operation)
    {
        var before = Store.Operations[expected];
        await operation();
        Assert.Equal((expected, before + 1), (expected, Store.Operations[expected]));
    }
}
