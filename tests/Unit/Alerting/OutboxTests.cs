using System.Globalization;
using Tributary.Alerting;

namespace Tributary.Tests.Unit.Alerting;

public sealed class OutboxTests
{
    private readonly Outbox outbox = new();

    [Fact]
    public void Take_GivesTheOldestFirst_InBatches()
    {
        outbox.Add([.. Many(0, 300)]);
        Assert.Equal(Many(0, 256), outbox.Take());
        Assert.Equal(Many(256, 44), outbox.Take());
        Assert.Empty(outbox.Take());
    }

    [Fact]
    public void Add_NewerMessageOfTheSameState_TakesThePlaceOfTheOlder()
    {
        outbox.Add([Alerts.Of("a", endMs: 1), Alerts.Of("b")]);
        outbox.Add([Alerts.Of("a", endMs: 2)]);
        Assert.Equal([Alerts.Of("b"), Alerts.Of("a", endMs: 2)], outbox.Take());
    }

    [Fact]
    public void Add_EndOfAnAlert_DoesNotTakeThePlaceOfItsBeginning()
    {
        outbox.Add([Alerts.Of("a")]);
        outbox.Add([Alerts.Of("a", isResolved: true)]);
        outbox.Add([Alerts.Of("a", startMs: Alerts.NowMs + 1)]);
        Assert.Equal(3, outbox.Count);
        Assert.Equal([false, true, false], outbox.Take().Select(notification => notification.IsResolved));
    }

    [Fact]
    public void Return_PutsBackInFront_ButForWhatHasANewerMessage()
    {
        outbox.Add([Alerts.Of("a", endMs: 1), Alerts.Of("b")]);
        var batch = outbox.Take();
        outbox.Add([Alerts.Of("c"), Alerts.Of("a", endMs: 2)]);
        Assert.Equal(0, outbox.Return(batch));
        Assert.Equal([Alerts.Of("b"), Alerts.Of("c"), Alerts.Of("a", endMs: 2)], outbox.Take());
    }

    [Fact]
    public void Add_MoreThanThereIsRoomFor_DropsTheOldest()
    {
        Assert.Equal(0, outbox.Add([.. Many(0, Outbox.Capacity)]));
        Assert.Equal(3, outbox.Add([.. Many(Outbox.Capacity, 3)]));
        Assert.Equal(Outbox.Capacity, outbox.Count);
        var batch = outbox.Take();
        Assert.Equal(Many(3, 1)[0], batch[0]);
        outbox.Add([.. Many(20_000, 255)]);
        Assert.Equal(255, outbox.Return(batch));
    }

    private static List<Notification> Many(int first, int count) =>
        [.. Enumerable.Range(first, count).Select(i => Alerts.Of(i.ToString(CultureInfo.InvariantCulture)))];
}
