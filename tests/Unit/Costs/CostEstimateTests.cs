using Tributary.Costs;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Costs;

public sealed class CostEstimateTests
{
    private const long SecondsPerMonth = 730 * 3600;

    /// <summary>A month of 5 clusters, scraped together every 15 s or every 60 s, by hand from the price list.</summary>
    public static TheoryData<int, bool, double, double> Months =>
        new()
        {
            // Seconds between ticks; always ready or not; writes; functions (time, baseline and number).
            { 15, false, 0.9636, 0 },
            { 60, false, 0.2409, 0 },
            { 15, true, 0.9636, 1.4016 + 5.256 + 0.07008 },
            { 60, true, 0.2409, 0.3504 + 5.256 + 0.01752 },
        };

    [Theory]
    [MemberData(nameof(Months))]
    public void Of_AMonthOfTicks_IsThePriceListTimesTheMonth(
        int interval,
        bool isAlwaysReady,
        double writes,
        double functions
    )
    {
        var ticks = SecondsPerMonth / interval;
        var busy = ticks * 512 * BilledTime.MinimumMs;
        var month = new Usage
        {
            Operations = OperationCounts.Of(OperationClass.BlobWrite, ticks),
            Invocations = ticks,
            OnDemandMbMs = isAlwaysReady ? 0 : busy,
            AlwaysReadyMbMs = isAlwaysReady ? busy : 0,
            BaselineMbMs = isAlwaysReady ? SecondsPerMonth * 1000 * 512 : 0,
        };

        var estimate = CostEstimate.Of(month, PriceTable.Default, CostEstimate.DaysPerMonth);

        Assert.Equal(writes, estimate[CostItem.BlobWrites].Amount, 6);
        Assert.Equal(
            functions,
            estimate[CostItem.OnDemand].Amount
                + estimate[CostItem.AlwaysReady].Amount
                + estimate[CostItem.Baseline].Amount
                + estimate[CostItem.Executions].Amount,
            6
        );
        Assert.Equal(writes + functions, estimate.Amount, 6);
    }

    [Fact]
    public void Of_ADay_IsScaledToAMonthButWhatIsStoredIsNot()
    {
        var day = new Usage
        {
            Operations = OperationCounts.Of(OperationClass.TableRead, 24),
            StoredBytes = 1L << 30,
            BytesSent = 24L << 30,
        };

        var estimate = CostEstimate.Of(day, PriceTable.Default, 1);

        Assert.Equal(730, estimate[CostItem.TableOperations].Quantity, 9);
        Assert.Equal(1, estimate[CostItem.BlobStorage].Quantity, 9);
        Assert.Equal(0.0208, estimate[CostItem.BlobStorage].Amount, 9);
        Assert.Equal(730, estimate[CostItem.Egress].Quantity, 9);
        Assert.Equal(630 * 0.087, estimate[CostItem.Egress].Amount, 9);
    }

    [Fact]
    public void Of_Parts_AddUpToTheWholeAndShareWhatIsFree()
    {
        Usage[] parts =
        [
            new() { OnDemandMbMs = 300_000L * 1024 * 1000, LogBytes = 3_000_000_000 },
            new()
            {
                OnDemandMbMs = 100_000L * 1024 * 1000,
                Operations = OperationCounts.Of(OperationClass.BlobRead, 5),
            },
        ];
        var whole = CostEstimate.Of(Usage.Sum(parts), PriceTable.Default, 30);

        var estimates = parts.Select(part => CostEstimate.Of(part, PriceTable.Default, 30, whole)).ToList();

        Assert.All(
            Enum.GetValues<CostItem>(),
            item => Assert.Equal(whole[item].Amount, estimates.Sum(estimate => estimate[item].Amount), 9)
        );
        Assert.Equal(75_000, estimates[0][CostItem.OnDemand].Free, 6);
        Assert.Equal(0, estimates[0][CostItem.Logs].Amount);
    }

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1000, 1000)]
    [InlineData(1000.1, 1100)]
    [InlineData(1100, 1100)]
    [InlineData(12_345, 12_400)]
    public void BilledTime_IsAtLeastASecondAndRoundedUp(double ms, long billedMs) =>
        Assert.Equal(billedMs, BilledTime.Of(TimeSpan.FromMilliseconds(ms)));

    [Fact]
    public void Counts_AddAndCompareByValue()
    {
        var operations = new StoreOperations();
        operations.Count(OperationClass.BlobWrite);
        operations.Count(OperationClass.BlobWrite);
        operations.Count(OperationClass.Create);

        var counts = OperationCounts.Of(operations);

        Assert.Equal(2, counts[OperationClass.BlobWrite]);
        Assert.Equal(3, counts.Total);
        Assert.Equal(
            OperationCounts.Of(OperationClass.Create, 1),
            counts - OperationCounts.Of(OperationClass.BlobWrite, 2)
        );
        Assert.NotEqual(counts, counts + counts);
        Assert.Equal("BlobWrite 2, Create 1", counts.ToString());
    }
}
