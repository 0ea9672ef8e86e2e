using Tributary.Stores;
using Tributary.Stores.Local;

namespace Tributary.Tests.Unit.Stores.Local;

/// <summary>What tables in a folder do beyond the contract.</summary>
public sealed class LocalTableFileTests : IDisposable
{
    private readonly TestFolder test = new();
    private readonly ManualTime time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => test.Dispose();

    [Fact]
    public async Task File_OfManyReplacements_IsCompacted_AndKeepsRowsAndETags()
    {
        var tables = new LocalTableStore(test.Path, time, compactFromBytes: 4096);
        var other = new LocalTableStore(test.Path, time);
        await CommitAsync(tables, Put("kept", -1), Put("gone", -1));
        await CommitAsync(tables, new TableWrite(TableAction.Delete, "gone"));
        var kept = await other.GetAsync("t", "p", "kept", Token);
        var etags = new HashSet<string>();
        for (var i = 0; i < 500; i++)
        {
            await CommitAsync(tables, Put("changed", i));
            var row = await other.GetAsync("t", "p", "changed", Token);
            Assert.Equal((long)i, row!.Properties["n"]);
            Assert.True(etags.Add(row.ETag));
        }
        var file = Assert.Single(Directory.GetFiles(test.Path, "p~*", SearchOption.AllDirectories));
        Assert.InRange(new FileInfo(file).Length, 1024, 8192);
        var again = new LocalTableStore(test.Path, time);
        var found = await again.GetAsync("t", "p", "kept", Token);
        Assert.Equal((kept!.ETag, kept.Timestamp), (found!.ETag, found.Timestamp));
        Assert.Null(await again.GetAsync("t", "p", "gone", Token));
    }

    [Fact]
    public async Task Query_WhileCommitsHappen_SeesOneMoment()
    {
        var writer = new LocalTableStore(test.Path, time, compactFromBytes: 4096);
        var reader = new LocalTableStore(test.Path, time);
        await CommitAsync(writer, Put("a", 0), Put("b", 0));
        var writing = Task.Run(
            async () =>
            {
                for (var i = 1; i <= 300; i++)
                {
                    await CommitAsync(writer, Put("a", i), Put("b", i));
                }
            },
            Token
        );
        var last = 0L;
        while (last < 300)
        {
            var values = await reader
                .QueryAsync("t", "p", null, null, Token)
                .Select(row => (long)row.Properties["n"])
                .ToListAsync(Token);
            Assert.Equal(values[0], values[1]);
            Assert.InRange(values[0], last, 300);
            last = values[0];
            Assert.False(writing.IsFaulted);
        }
        await writing;
    }

    [Fact]
    public async Task Doubles_AreKeptBitForBit()
    {
        ulong[] bits = [0x8000000000000000, 0x7ff0000000000002, 0x7ff8000000000001, 0xfff8000000000000, 1];
        var tables = new LocalTableStore(test.Path, time);
        var other = new LocalTableStore(test.Path, time);
        foreach (var expected in bits)
        {
            var properties = new Dictionary<string, object> { ["v"] = BitConverter.UInt64BitsToDouble(expected) };
            await CommitAsync(tables, new TableWrite(TableAction.Replace, "r", properties));
            var value = (double)(await other.GetAsync("t", "p", "r", Token))!.Properties["v"];
            Assert.Equal(expected, BitConverter.DoubleToUInt64Bits(value));
        }
    }

    [Fact]
    public async Task HalfASurrogatePair_IsRejected()
    {
        var tables = new LocalTableStore(test.Path, time);
        var properties = new Dictionary<string, object> { ["v"] = "\ud83d" };
        var inText = await Assert.ThrowsAsync<StoreException>(() =>
            CommitAsync(tables, new TableWrite(TableAction.Insert, "r", properties))
        );
        var inKey = await Assert.ThrowsAsync<StoreException>(() => CommitAsync(tables, Put("\ud83d", 1)));
        Assert.Equal((StoreError.Rejected, StoreError.Rejected), (inText.Error, inKey.Error));
    }

    private static TableWrite Put(string row, long number) =>
        new(TableAction.Replace, row, new Dictionary<string, object> { ["n"] = number });

    private static Task CommitAsync(LocalTableStore tables, params TableWrite[] writes) =>
        tables.CommitAsync("t", "p", writes, Token);
}
