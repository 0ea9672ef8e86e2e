using Tributary.Costs;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Costs;

public sealed class InvocationMeterTests
{
    private readonly ManualTime time = new(0);
    private readonly StoreOperations store = new();
    private readonly UsageMeter meter;
    private readonly InvocationMeter invocations;

    public InvocationMeterTests()
    {
        meter = new UsageMeter(store);
        invocations = new InvocationMeter(meter, time) { MemoryMb = 2048 };
    }

    [Fact]
    public void Short_IsASecond()
    {
        using (invocations.Begin(Payer.Collect))
        {
            time.Advance(TimeSpan.FromMilliseconds(30));
        }

        Assert.Equal(
            new Usage { Invocations = 1, OnDemandMbMs = 2048 * 1000 },
            Assert.Single(meter.Totals(), pair => pair.Key == Payer.Collect).Value
        );
    }

    [Fact]
    public void AtTheSameTime_AreBilledOnceAndShareIt()
    {
        var query = invocations.Begin(Payer.Query);
        time.Advance(TimeSpan.FromMilliseconds(1000));
        var collect = invocations.Begin(Payer.Collect);
        time.Advance(TimeSpan.FromMilliseconds(1000));
        collect.Dispose();
        time.Advance(TimeSpan.FromMilliseconds(1050));
        query.Dispose();

        var totals = meter.Totals();
        // 3,050 ms, rounded up; they ran for 3,050 and 1,000 ms.
        const long billed = 3100 * 2048;
        Assert.Equal(billed, totals[Payer.Query].OnDemandMbMs + totals[Payer.Collect].OnDemandMbMs);
        Assert.InRange(totals[Payer.Collect].OnDemandMbMs, (billed * 1000 / 4050) - 1, (billed * 1000 / 4050) + 1);
    }

    [Fact]
    public void AlwaysReady_IsCountedApart()
    {
        invocations.AlwaysReady = new HashSet<string>(StringComparer.Ordinal) { Payer.Collect.Job };
        using (invocations.Begin(Payer.Collect))
        {
            time.Advance(TimeSpan.FromMilliseconds(1500));
        }

        Assert.Equal(
            (0, 1500 * 2048),
            (meter.Totals()[Payer.Collect].OnDemandMbMs, meter.Totals()[Payer.Collect].AlwaysReadyMbMs)
        );
    }

    [Fact]
    public void WhatIsDoneInside_IsItsJobs()
    {
        using (invocations.Begin(Payer.Export))
        {
            store.Count(OperationClass.BlobWrite, 12);
            meter.CountSent(7);
            meter.CountLogged(3);
        }
        store.Count(OperationClass.BlobRead);

        var totals = meter.Totals();
        Assert.Equal(
            (12, 7, 3),
            (totals[Payer.Export].BytesWritten, totals[Payer.Export].BytesSent, totals[Payer.Export].LogBytes)
        );
        Assert.Equal(1, totals[Payer.Other].Operations[OperationClass.BlobRead]);
    }
}
