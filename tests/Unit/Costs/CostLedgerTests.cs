using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Costs;

public sealed class CostLedgerTests
{
    private const long DayMs = 24 * 3600 * 1000;

    /// <summary>23:00 of 2026-11-20.</summary>
    private const long EveningMs = (20_777L * DayMs) + (23 * 3600 * 1000);

    private static readonly DateOnly Friday = new(2026, 11, 20);
    private static readonly DateOnly Saturday = new(2026, 11, 21);

    private readonly ManualTime time = new(EveningMs);
    private readonly SimulatedStorage storage;
    private int processes;

    public CostLedgerTests() => storage = new SimulatedStorage(time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Save_IncludesTheRequestThatSaves()
    {
        var process = new Process(this);
        process.Use(Payer.Collect, 3);

        await process.Ledger.SaveAsync(Token);

        Assert.Equal(process.Counted, await KeptAsync(Friday, Friday));
        Assert.Equal(1, process.Counted[OperationClass.TableWrite]);
    }

    [Fact]
    public async Task Save_WithoutAnythingNew_AsksNothing()
    {
        var process = new Process(this);
        process.Use(Payer.Query, 1);
        await process.Ledger.SaveAsync(Token);
        var before = process.Counted;

        await process.Ledger.SaveAsync(Token);

        Assert.Equal(before, process.Counted);
    }

    [Fact]
    public async Task SaveIfDue_IsOneRequestInFiveMinutesAndTheFirstAtOnce()
    {
        var process = new Process(this);
        for (var minute = 0; minute < 11; minute++)
        {
            process.Use(Payer.Collect, 1);
            await process.Ledger.SaveIfDueAsync(Token);
            time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, process.Counted[OperationClass.TableWrite]);
        Assert.Equal(process.Counted, await KeptAsync(Friday, Friday));
    }

    [Fact]
    public async Task Day_Ends_AndWhatBeganInItBelongsToIt()
    {
        var process = new Process(this);
        process.Use(Payer.Collect, 2);
        await process.Ledger.SaveAsync(Token);
        time.Advance(TimeSpan.FromMinutes(59));
        process.Ledger.Begin();
        process.Use(Payer.Collect, 5);
        time.Advance(TimeSpan.FromMinutes(2));
        process.Ledger.Begin();
        process.Use(Payer.Collect, 7);

        await process.Ledger.SaveAsync(Token);

        Assert.Equal(7, (await KeptAsync(Friday, Friday))[OperationClass.BlobWrite]);
        Assert.Equal(7, (await KeptAsync(Saturday, Saturday))[OperationClass.BlobWrite]);
        // The row of the day before is a request of this one.
        Assert.Equal(1, (await KeptAsync(Friday, Friday))[OperationClass.TableWrite]);
        Assert.Equal(2, (await KeptAsync(Saturday, Saturday))[OperationClass.TableWrite]);
        Assert.Equal(process.Counted, await KeptAsync(Friday, Saturday));
    }

    [Fact]
    public async Task Processes_AddUp_AndTheirPayersStayApart()
    {
        var (one, two) = (new Process(this), new Process(this));
        one.Use(Payer.Collect.For("a"), 2);
        two.Use(Payer.Collect.For("a"), 3);
        two.Use(Payer.Compact, 4);
        await one.Ledger.SaveAsync(Token);
        await two.Ledger.SaveAsync(Token);

        var totals = (await CostHistory.ReadAsync(storage.ImmediateTables(), Friday, Friday, Token)).Totals();

        Assert.Equal(5, totals[Payer.Collect.For("a")].Operations[OperationClass.BlobWrite]);
        Assert.Equal(4, totals[Payer.Compact].Operations[OperationClass.BlobWrite]);
        Assert.Equal(2, totals[Payer.Costs].Operations[OperationClass.TableWrite]);
    }

    [Fact]
    public async Task ClockSetBackAcrossMidnight_LosesNothing()
    {
        var process = new Process(this);
        process.Use(Payer.Collect, 2);
        time.Advance(TimeSpan.FromMinutes(61));
        await process.Ledger.SaveAsync(Token);
        process.Use(Payer.Collect, 3);
        await process.Ledger.SaveAsync(Token);
        time.Advance(TimeSpan.FromMinutes(-30));
        process.Use(Payer.Collect, 4);
        await process.Ledger.SaveAsync(Token);
        process.Use(Payer.Collect, 5);

        await process.Ledger.SaveAsync(Token);

        Assert.Equal(process.Counted, await KeptAsync(Friday, Saturday));
        Assert.Equal(14, process.Counted[OperationClass.BlobWrite]);
    }

    [Fact]
    public async Task ManySources_FitARowAndNothingIsLost()
    {
        var process = new Process(this);
        for (var i = 0; i < 2 * PayerTable<StoreTally>.MaxSources; i++)
        {
            process.Use(Payer.Collect.For($"{i:D3}{new string('é', 250)}"), 1);
            process.Use(Payer.Backfill.For($"{i:D3}{new string('é', 250)}"), 1);
        }

        await process.Ledger.SaveAsync(Token);

        Assert.Equal(process.Counted, await KeptAsync(Friday, Friday));
        var row = Assert.Single(
            await storage.ImmediateTables().QueryAsync("costs", "2026-11-20", null, null, Token).ToListAsync(Token)
        );
        Assert.InRange(((byte[])row.Properties["r"]).Length, 20_000, StoreLimits.BytesPerProperty);
    }

    [Fact]
    public async Task Read_SaysWhatThisProcessUsesUntilNow()
    {
        var process = new Process(this);
        process.Use(Payer.Collect, 2);
        await process.Ledger.SaveAsync(Token);
        process.Use(Payer.Collect, 3);
        time.Advance(TimeSpan.FromMinutes(30));

        var history = await process.Ledger.ReadAsync(Friday, Friday, Token);

        Assert.Equal(5, history.Totals()[Payer.Collect].Operations[OperationClass.BlobWrite]);
        Assert.Equal(0.5 / 24, history.Days, 9);
        Assert.Equal(1, history.Processes);
    }

    [Fact]
    public async Task Rows_OfOldDays_AreRemoved()
    {
        var process = new Process(this);
        process.Use(Payer.Collect, 2);
        await process.Ledger.SaveAsync(Token);
        time.Advance(TimeSpan.FromDays(CostLedger.KeptDays) - TimeSpan.FromHours(12));
        await RemoveForHoursAsync(process);
        Assert.NotEqual(default, await KeptAsync(Friday, Friday));

        time.Advance(TimeSpan.FromDays(2));
        await RemoveForHoursAsync(process);

        Assert.Equal(default, await KeptAsync(Friday, Friday));
    }

    [Fact]
    public async Task Rows_ThatCannotBeRead_AreNamedAndLeftOut()
    {
        var process = new Process(this);
        process.Use(Payer.Collect, 2);
        await process.Ledger.SaveAsync(Token);
        await storage
            .ImmediateTables()
            .CommitAsync(
                "costs",
                "2026-11-20",
                [
                    new TableWrite(
                        TableAction.Insert,
                        "nonsense",
                        new Dictionary<string, object> { ["r"] = new byte[9] }
                    ),
                ],
                Token
            );

        var history = await CostHistory.ReadAsync(storage.ImmediateTables(), Friday, Friday, Token);

        Assert.Contains("costs/2026-11-20/nonsense", Assert.Single(history.Problems), StringComparison.Ordinal);
        Assert.Equal(process.Counted, OperationsOf(history));
    }

    [Fact]
    public async Task EveryByteOfARow_Flipped_IsAProblem()
    {
        var process = new Process(this);
        process.Use(Payer.Collect.For("source"), 2);
        await process.Ledger.SaveAsync(Token);
        var row = Assert.Single(
            await storage.ImmediateTables().QueryAsync("costs", "2026-11-20", null, null, Token).ToListAsync(Token)
        );
        var bytes = (byte[])row.Properties["r"];
        for (var i = 0; i < bytes.Length; i++)
        {
            var flipped = bytes.ToArray();
            flipped[i] ^= 0x10;
            var broken = row with { Properties = new Dictionary<string, object> { ["r"] = flipped } };
            Assert.Throws<Tributary.Binary.CorruptDataException>(() => CostRow.Decode(broken, "2026-11-20"));
        }
    }

    private static OperationCounts OperationsOf(CostHistory history) => Usage.Sum(history.Totals().Values).Operations;

    /// <summary>Five hours of looks every ten minutes: each of the days that are looked for once.</summary>
    private async Task RemoveForHoursAsync(Process process)
    {
        for (var look = 0; look < 30; look++)
        {
            await process.Ledger.RemoveOldAsync(Token);
            time.Advance(TimeSpan.FromMinutes(10));
        }
    }

    private async Task<OperationCounts> KeptAsync(DateOnly from, DateOnly to) =>
        OperationsOf(await CostHistory.ReadAsync(storage.ImmediateTables(), from, to, Token));

    /// <summary>A process with its stores.</summary>
    private sealed class Process
    {
        private readonly SimulatedBlobStore blobs;
        private readonly SimulatedTableStore tables;

        public Process(CostLedgerTests test)
        {
            blobs = test.storage.ImmediateBlobs();
            tables = test.storage.ImmediateTables();
            var id = new Ulid((UInt128)(++test.processes));
            Ledger = new CostLedger(tables, new UsageMeter(blobs.Operations, tables.Operations), id, test.time);
        }

        public CostLedger Ledger { get; }

        public OperationCounts Counted => OperationCounts.Of(blobs.Operations) + OperationCounts.Of(tables.Operations);

        public void Use(Payer payer, int writes)
        {
            using var paid = Payers.By(payer);
            for (var i = 0; i < writes; i++)
            {
                blobs.Operations.Count(OperationClass.BlobWrite, 100);
            }
        }
    }
}
