using Tributary.Binary;
using Tributary.Model;
using Tributary.Rules;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Rules;

public sealed class GroupRowTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5000)]
    public void Row_SaysWhatWasWritten(int alerts)
    {
        var row = new GroupRow(1_700_000_000_000, [.. Enumerable.Range(0, alerts).Select(i => (i % 3, AlertOf(i)))]);

        var read = GroupRow.Decode(Stored(row.Encode()), "rules/state/x");

        Assert.Equal(row.TickMs, read.TickMs);
        Assert.Equal(
            row.Alerts.Select(one => (one.Rule, one.Alert with { Annotations = [] })),
            read.Alerts.Select(one => (one.Rule, one.Alert with { Annotations = [] }))
        );
        Assert.All(
            row.Alerts.Zip(read.Alerts),
            pair => Assert.Equal(pair.First.Alert.Annotations, pair.Second.Alert.Annotations)
        );
        Assert.True(read.IsAlike(row));
    }

    [Fact]
    public void Row_ThatIsNotWhole_IsRefused()
    {
        var properties = new GroupRow(1, [(0, AlertOf(1))]).Encode();
        foreach (var name in properties.Keys.ToList())
        {
            var bytes = (byte[])properties[name];
            for (var i = 0; i < bytes.Length; i++)
            {
                var broken = (byte[])bytes.Clone();
                broken[i] ^= 0x40;
                Assert.Throws<CorruptDataException>(() =>
                    GroupRow.Decode(
                        Stored(new(properties, StringComparer.Ordinal) { [name] = broken }),
                        "rules/state/x"
                    )
                );
            }
        }
    }

    [Fact]
    public async Task Write_WhenAnotherProcessWasFaster_KeepsWhatIsLater()
    {
        var storage = new SimulatedStorage(new ManualTime(0));
        var rows = new GroupRows(storage.ImmediateTables());
        var stop = TestContext.Current.CancellationToken;
        var early = new GroupRow(1000, [(0, AlertOf(1) with { LastSentMs = 900 })]);
        var late = new GroupRow(2000, [(0, AlertOf(1) with { LastSentMs = 0 })]);

        Assert.Equal(1000, (await rows.WriteAsync("a", early, stop)).TickMs);
        var written = await rows.WriteAsync("a", late, stop);
        Assert.Equal((2000, 900), (written.TickMs, written.Alerts[0].Alert.LastSentMs));
        Assert.Equal(2000, (await rows.WriteAsync("a", early, stop)).TickMs);
        Assert.True((await rows.ReadAsync("a", stop))!.IsAlike(written));
        Assert.Null(await rows.ReadAsync("b", stop));
    }

    [Fact]
    public void Report_SaysWhatWasMissingAndWhatFailed()
    {
        var report = new GroupReport(
            new Dictionary<int, string> { [0] = "rule 2: odd\ntext", [12] = "" },
            ["source a: is not complete"]
        );

        var read = GroupReport.Read(report.ToString());

        Assert.Equal("rule 2: odd text", read.Errors[0]);
        Assert.Equal("", read.Errors[12]);
        Assert.Equal(report.Missing, read.Missing);
        Assert.True(GroupReport.Read("").IsComplete);
    }

    private static ActiveAlert AlertOf(int number) =>
        new()
        {
            Labels = LabelSet.Of("alertname", "A", "i", $"{number}"),
            Annotations = [new Label("empty", ""), new Label("text", $"is {number}")],
            State = (AlertState)(number % 3),
            Value = number / 7.0,
            ActiveAtMs = number,
            FiredAtMs = number + 1,
            ResolvedAtMs = number + 2,
            KeepFiringSinceMs = number + 3,
            LastSentMs = number + 4,
        };

    private static TableRow Stored(Dictionary<string, object> properties) =>
        new("x", "etag", DateTimeOffset.UnixEpoch, properties);
}
