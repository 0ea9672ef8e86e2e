using Tributary.Stores;

namespace Tributary.Tests.Unit.Stores;

public sealed class PayersTests
{
    private static readonly Payer One = new("one");
    private static readonly Payer Two = new("two");

    [Theory]
    [InlineData(1_000_000, new long[] { 1, 1, 1 })]
    [InlineData(1_000_000, new long[] { 0, 0, 0, 0, 0, 0, 0 })]
    [InlineData(1, new long[] { 5, 0, 3, 8 })]
    [InlineData(long.MaxValue, new long[] { 1, long.MaxValue - 3, 1 })]
    [InlineData(0, new long[] { 4, 2 })]
    [InlineData(4_194_304, new long[] { 4_000_001, 17, 300_003 })]
    public void Shares_OfAnyAmount_AddUpToIt(long amount, long[] weights)
    {
        var payers = Payers.Of([.. weights.Select((weight, i) => (new Payer($"job {i}"), weight))]);

        var shares = Enumerable.Range(0, payers.Count).Select(i => payers.ShareOf(i, amount)).ToList();

        Assert.Equal(amount, shares.Sum());
        var whole = weights.Sum() == 0 ? weights.Length : (double)weights.Sum();
        Assert.All(
            shares.Zip(weights),
            pair =>
                Assert.InRange(
                    pair.First - (amount * ((weights.Sum() == 0 ? 1 : pair.Second) / whole)),
                    -1 - (amount * 1e-12),
                    1 + (amount * 1e-12)
                )
        );
    }

    [Fact]
    public async Task By_FollowsAwaitsAndEndsWithItsScope()
    {
        var operations = new StoreOperations();
        using (Payers.By(One))
        {
            var inner = InnerAsync();
            operations.Count(OperationClass.BlobRead);
            await inner;
            operations.Count(OperationClass.BlobRead);
        }
        operations.Count(OperationClass.BlobRead);

        var reads = operations.ByPayer.ToDictionary(
            pair => pair.Key,
            pair => pair.Value.Operations[OperationClass.BlobRead]
        );
        Assert.Equal(2, reads[One]);
        Assert.Equal(2, reads[Two]);
        Assert.Equal(1, reads[Payer.Other]);

        async Task InnerAsync()
        {
            using var scope = Payers.By(Two);
            await Task.Yield();
            operations.Count(OperationClass.BlobRead);
            await Task.Run(() => operations.Count(OperationClass.BlobRead), TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Count_OfKnownPayers_AllocatesNothing()
    {
        var operations = new StoreOperations();
        using var scope = Payers.By(Payers.Of([(One, 3), (new Payer("collect", "source"), 4)]));
        Count(1);
        var before = GC.GetAllocatedBytesForCurrentThread();

        Count(1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1001, operations[OperationClass.BlobWrite]);

        void Count(int times)
        {
            for (var i = 0; i < times; i++)
            {
                operations.Count(OperationClass.BlobWrite, 100);
                operations.CountRead(100);
            }
        }
    }

    [Fact]
    public void Sources_AboveTheLimit_AreCountedTogether()
    {
        const int further = 10;
        var operations = new StoreOperations();
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < PayerTable<StoreTally>.MaxSources + further; i++)
            {
                using var scope = Payers.By(Payer.Collect.For($"source {i}"));
                operations.Count(OperationClass.BlobWrite);
            }
        }

        var used = operations.ByPayer.ToDictionary();

        Assert.Equal(PayerTable<StoreTally>.MaxSources + 1, used.Count);
        Assert.Equal(
            2 * further,
            used[new Payer(Payer.Collect.Job, Payer.OtherSources)].Operations[OperationClass.BlobWrite]
        );
    }
}
