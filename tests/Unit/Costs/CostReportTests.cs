using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Costs;

public sealed class CostReportTests
{
    private const long StoredBytes = 90L << 30;
    private static readonly Payer Small = Payer.Collect.For("small");
    private static readonly Payer Large = Payer.Collect.For("large");

    /// <summary>A day of two sources behind the Functions host, one at 15 s and one at 60 s.</summary>
    private static readonly Dictionary<Payer, Usage> Day = new()
    {
        [Small] = Source(ticks: 1440, writes: 1440, bytes: 100_000_000),
        [Large] = Source(ticks: 5760, writes: 4320, bytes: 300_000_000),
        [Payer.Collect] = new Usage { Invocations = 5760, OnDemandMbMs = 5760L * 1000 * 512 },
        [Payer.Compact] = new Usage { Operations = OperationCounts.Of(OperationClass.BlobList, 480) },
        [Payer.Query] = new Usage { Operations = OperationCounts.Of(OperationClass.BlobRead, 9000) },
    };

    private static readonly Dictionary<string, TimeSpan> Intervals = new(StringComparer.Ordinal)
    {
        ["small"] = TimeSpan.FromSeconds(60),
        ["large"] = TimeSpan.FromSeconds(15),
    };

    private static readonly CostSettings Settings = new()
    {
        Prices = new PriceTable { FreeExecutions = 0, FreeGbSeconds = 0 },
    };

    [Fact]
    public void Jobs_TogetherAreTheWhole()
    {
        var report = Report(Day, StoredBytes);

        Assert.Equal(report.Total.Amount, report.Jobs.Sum(job => job.Estimate.Amount), 9);
        Assert.Equal(report.Usage.Operations, Usage.Sum(report.Jobs.Select(job => job.Usage)).Operations);
        Assert.Equal(
            (5760 + 480) * CostEstimate.DaysPerMonth * 0.055 / 10_000,
            report.Total[CostItem.BlobWrites].Amount + report.Total[CostItem.BlobLists].Amount,
            9
        );
        Assert.Contains(report.Jobs, job => job.Job == CostReport.StorageJob);
    }

    [Fact]
    public void Sources_ShareByBytesWhatIsDoneForAll()
    {
        var report = Report(Day, StoredBytes);

        Assert.Equal(["large", "small"], report.Sources.Select(source => source.Source));
        var shared = report.Sources.Select(source => source.Usage).ToList();
        Assert.Equal(StoredBytes, shared.Sum(usage => usage.StoredBytes));
        Assert.Equal(StoredBytes / 4 * 3, shared[0].StoredBytes);
        Assert.Equal(480, shared.Sum(usage => usage.Operations[OperationClass.BlobList]), 6);
        Assert.Equal(5760, shared.Sum(usage => usage.Invocations));
        Assert.All(shared, usage => Assert.Equal(0, usage.Operations[OperationClass.BlobRead]));
        var query = report.Jobs.Single(job => job.Job == Payer.Query.Job).Estimate.Amount;
        Assert.Equal(report.Total.Amount - query, report.Sources.Sum(source => source.Estimate.Amount), 6);
        Assert.Equal(10, report.Sources[0].Series);
    }

    [Fact]
    public void AlwaysReady_HasItsBaselineAllTheTime()
    {
        var settings = Settings with
        {
            AlwaysReady = new Dictionary<string, int>(StringComparer.Ordinal) { [Payer.Collect.Job] = 1 },
        };

        var report = CostReport.Of(Day, 1, Intervals, StoredBytes, settings);

        Assert.Equal(5.256, report.Total[CostItem.Baseline].Amount, 6);
        Assert.Equal(
            5.256,
            report.Jobs.Single(job => job.Job == Payer.Collect.Job).Estimate[CostItem.Baseline].Amount,
            6
        );
    }

    [Fact]
    public void Interval_OfAMinute_TakesPassesAndBytesWithIt()
    {
        var change = new CostChange(TimeSpan.FromSeconds(60), new Dictionary<string, double>(StringComparer.Ordinal));

        var (totals, intervals, stored) = change.Of(Day, Intervals, StoredBytes);

        // 5,760 passes become 1,440: an append each, whoever is in it.
        Assert.Equal(1440, totals[Payer.Collect].Invocations);
        Assert.Equal(1440, totals[Small].Operations.Total + totals[Large].Operations.Total, 6);
        Assert.Equal((100_000_000, 75_000_000), (totals[Small].BytesWritten, totals[Large].BytesWritten));
        Assert.Equal((1440, 1440), (totals[Small].Ticks, totals[Large].Ticks));
        Assert.Equal((long)(StoredBytes * 0.4375), stored);
        Assert.Equal(TimeSpan.FromSeconds(60), intervals["large"]);
        Assert.Equal(Day[Payer.Query], totals[Payer.Query]);
    }

    [Fact]
    public void Interval_Standalone_ScalesTheSumOfAllPasses()
    {
        var day = new Dictionary<Payer, Usage>(Day) { [Payer.Collect] = Usage.None };

        var totals = new CostChange(TimeSpan.FromSeconds(60), new Dictionary<string, double>(StringComparer.Ordinal))
            .Of(day, Intervals, StoredBytes)
            .Totals;

        // 1 and 4 passes a minute become 1 and 1.
        Assert.Equal(5760 * 2 / 5.0, totals[Small].Operations.Total + totals[Large].Operations.Total, 6);
    }

    [Fact]
    public void Series_ThatAreLeft_TakeBytesButNoOperations()
    {
        var change = new CostChange(null, new Dictionary<string, double>(StringComparer.Ordinal) { ["large"] = 0.1 });

        var (totals, _, stored) = change.Of(Day, Intervals, StoredBytes);

        Assert.Equal(Day[Large].Operations, totals[Large].Operations);
        Assert.Equal(30_000_000, totals[Large].BytesWritten);
        Assert.Equal(Day[Small], totals[Small]);
        Assert.Equal((long)(StoredBytes * 0.325), stored);
    }

    private static CostReport Report(Dictionary<Payer, Usage> totals, long storedBytes) =>
        CostReport.Of(totals, 1, Intervals, storedBytes, Settings);

    private static Usage Source(long ticks, long writes, long bytes) =>
        new()
        {
            Operations = OperationCounts.Of(OperationClass.BlobWrite, writes),
            BytesWritten = bytes,
            Ticks = ticks,
            Samples = ticks * 10,
        };
}
