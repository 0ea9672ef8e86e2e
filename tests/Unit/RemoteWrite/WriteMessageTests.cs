using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Tests.Unit.Model;
using static Tributary.Tests.Unit.RemoteWrite.ReadPlace;

namespace Tributary.Tests.Unit.RemoteWrite;

/// <summary>Both messages, byte for byte against their schemas, and from our writers to our readers.</summary>
public sealed class WriteMessageTests
{
    private static readonly LabelSet Up = LabelSet.Of("__name__", "up", "job", "a");
    private static readonly LabelSet Size = LabelSet.Of("__name__", "size_bytes", "job", "a");

    private static readonly Histogram Gauge = Histogram.OfIntegers(
        new HistogramLayout(3, 0.5, [new(-2, 2), new(1, 1)], [new(4, 1)], []),
        12,
        1,
        2.5,
        [3, 1, 5, 2],
        CounterResetHint.Gauge
    );

    private static readonly Histogram Custom = Histogram.OfFloats(
        new HistogramLayout(HistogramLayout.CustomSchema, 0, [new(1, 2)], [], [1, 2.5]),
        4,
        0,
        -7,
        [1.5, 2.5]
    );

    [Fact]
    public void WriterV1_WritesTheSchema()
    {
        var message = new WriteRequestWriter();
        message.BeginSeries(Up);
        message.Add(NowMs, 1.5);
        message.Add(NowMs + 1, StaleMarker.Value);
        message.BeginSeries(Size);
        message.Add(new HistogramSample(NowMs, Gauge));
        message.Add(new HistogramSample(NowMs + 1, Custom));
        message.Add(new MetricMetadata("size_bytes", "gaugehistogram", "How big", "bytes"));
        Assert.Equal((2, 2, 1), (message.Samples, message.Histograms, message.Metadata));
        var expected = Proto.Of(
            Proto.Bytes(
                1,
                Proto.Bytes(1, Proto.Text(1, "__name__"), Proto.Text(2, "up")),
                Proto.Bytes(1, Proto.Text(1, "job"), Proto.Text(2, "a")),
                Proto.Bytes(2, Proto.Double(1, 1.5), Proto.Number(2, NowMs)),
                Proto.Bytes(2, Proto.Double(1, StaleMarker.Value), Proto.Number(2, NowMs + 1))
            ),
            Proto.Bytes(
                3,
                Proto.Number(1, 4),
                Proto.Text(2, "size_bytes"),
                Proto.Text(4, "How big"),
                Proto.Text(5, "bytes")
            ),
            Proto.Bytes(
                1,
                Proto.Bytes(1, Proto.Text(1, "__name__"), Proto.Text(2, "size_bytes")),
                Proto.Bytes(1, Proto.Text(1, "job"), Proto.Text(2, "a")),
                Proto.Bytes(4, GaugeBytes),
                Proto.Bytes(4, CustomBytes)
            )
        );
        Assert.Equal(expected, ReceivePlace.Plain(message));
    }

    [Fact]
    public void WriterV2_WritesTheSchema()
    {
        var message = new WriteRequestV2Writer();
        message.BeginSeries(Up, new MetricMetadata("up", "gauge", "Whether", ""));
        message.Add(NowMs, 1.5);
        message.BeginSeries(Size);
        message.Add(new HistogramSample(NowMs, Gauge));
        message.Add(new HistogramSample(NowMs + 1, Custom));
        Assert.Equal((1, 2, 1), (message.Samples, message.Histograms, message.Metadata));
        var expected = Proto.Of(
            Proto.Text(4, ""),
            Proto.Text(4, "__name__"),
            Proto.Text(4, "up"),
            Proto.Text(4, "job"),
            Proto.Text(4, "a"),
            Proto.Text(4, "Whether"),
            Proto.Text(4, "size_bytes"),
            Proto.Bytes(
                5,
                Proto.Packed(1, 1, 2, 3, 4),
                Proto.Bytes(5, Proto.Number(1, 2), Proto.Number(3, 5), Proto.Number(4, 0)),
                Proto.Bytes(2, Proto.Double(1, 1.5), Proto.Number(2, NowMs))
            ),
            Proto.Bytes(5, Proto.Packed(1, 1, 6, 3, 4), Proto.Bytes(3, GaugeBytes), Proto.Bytes(3, CustomBytes))
        );
        Assert.Equal(expected, ReceivePlace.Plain(message));
    }

    [Fact]
    public void WriterV2_OfNothing_HasTheEmptyText() =>
        Assert.Equal(Proto.Text(4, ""), ReceivePlace.Plain(new WriteRequestV2Writer()));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Reader_ReadsEveryFieldInAnyOrder(bool isV2)
    {
        // Also fields that nobody knows, numbers that are not packed, start timestamps, exemplars.
        var labels = isV2
            ? Proto.Of(Proto.Number(1, 3), Proto.Number(1, 4), Proto.Packed(1, 1, 2))
            : Proto.Of(
                Proto.Bytes(1, Proto.Text(2, "a"), Proto.Text(1, "job")),
                Proto.Bytes(1, Proto.Text(1, "__name__"), Proto.Text(2, "up"), Proto.Number(9, 9))
            );
        var sample = Proto.Bytes(2, Proto.Number(3, 77), Proto.Number(2, NowMs), Proto.Double(1, -0.0));
        var histogram = Proto.Bytes(isV2 ? 3 : 4, Proto.Number(17, 77), GaugeBytes);
        var exemplar = Proto.Bytes(isV2 ? 4 : 3, Proto.Double(2, 1));
        var series = Proto.Of(Proto.Text(99, "?"), sample, exemplar, labels, histogram);
        var symbols = Proto.Of([.. new[] { "", "__name__", "up", "job", "a" }.Select(text => Proto.Text(4, text))]);
        var message = isV2
            ? Proto.Of(Proto.Bytes(5, series), symbols)
            : Proto.Of(Proto.Number(2, 1), Proto.Bytes(1, series));
        var intake = new ReadPlace().Read(message, isV2);
        Assert.Equal([Line(Up, NowMs, -0.0), Line(Up, NowMs, 0, Gauge)], Lines(intake));
        Assert.Equal((1, 1, 1), (intake.Tally.Samples, intake.Tally.Histograms, intake.Tally.Exemplars));
        Assert.False(intake.Tally.HasProblems);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 2)]
    [InlineData(true, 2)]
    public void Message_OfAnySamples_IsReadAsWritten(bool isV2, int seed)
    {
        var random = new Random(seed);
        WriteMessage message = isV2 ? new WriteRequestV2Writer() : new WriteRequestWriter();
        var place = new ReadPlace();
        for (var round = 0; round < 3; round++)
        {
            var expected = new List<string>();
            for (var n = 0; n < 60; n++)
            {
                var labels = LabelSet.Of("__name__", $"m{n % 7}", "i", $"{n}", "ü", "x\n\"\\" + (n % 3));
                message.BeginSeries(labels);
                for (var i = random.Next(4); i >= 0; i--)
                {
                    var at = NowMs - (1000 * i) + random.Next(1000);
                    if (n % 2 == 0)
                    {
                        var value = Storage.AppendLog.LogBatches.Value(random);
                        message.Add(at, value);
                        expected.Add(Line(labels, at, value));
                        continue;
                    }
                    var histogram =
                        random.Next(5) == 0
                            ? Histogram.Stale
                            : Histograms.Over(Histograms.Layout(random), random.Next(2) == 0, random);
                    message.Add(new HistogramSample(at, histogram));
                    expected.Add(Line(labels, at, 0, histogram));
                }
            }
            var intake = place.Read(ReceivePlace.Plain(message), isV2);
            Assert.Equal("", intake.Tally.Describe());
            Assert.Equal(expected, Lines(intake));
        }
        Assert.Equal(60, place.Series.Count);
    }

    [Fact]
    public void Message_OfBothVersions_NamesOneSeriesAlike()
    {
        var place = new ReadPlace();
        var sets = new List<LabelSet>();
        foreach (var isV2 in (bool[])[false, true, false, true])
        {
            WriteMessage message = isV2 ? new WriteRequestV2Writer() : new WriteRequestWriter();
            message.BeginSeries(Up);
            message.Add(NowMs, 1);
            sets.Add(place.Read(ReceivePlace.Plain(message), isV2).Samples.Columns().Series[0]);
        }
        Assert.All(sets, labels => Assert.Same(sets[0], labels));
        Assert.Equal(2, place.Series.Count);
    }

    [Theory]
    [InlineData("up", "gauge", "up")]
    [InlineData("req_seconds_bucket", "histogram", "req_seconds")]
    [InlineData("req_seconds_count", "summary", "req_seconds")]
    [InlineData("req_bucket", "counter", "req_bucket")]
    [InlineData("req_total", "counter", "req_total")]
    public void MetadataV2_OfASeries_IsThatOfItsFamily(string metric, string type, string family)
    {
        var place = new ReadPlace();
        var said = new MetricMetadata(metric, type, "Why", "s");
        var message = new WriteRequestV2Writer();
        for (var round = 0; round < 2; round++)
        {
            message.BeginSeries(LabelSet.Of("__name__", metric), said);
            message.Add(NowMs, 1);
            var intake = place.Read(ReceivePlace.Plain(message), isV2: true);
            Assert.Equal(round == 0 ? [said with { Family = family }] : [], intake.Metadata);
        }
    }

    [Fact]
    public void MetadataV1_IsHandedOnWhenItIsNew()
    {
        var place = new ReadPlace();
        var message = new WriteRequestWriter();
        foreach (var (help, isNew) in new[] { ("a", true), ("a", false), ("b", true) })
        {
            var said = new MetricMetadata("up", "gauge", help, "");
            message.Add(said);
            Assert.Equal(isNew ? [said] : [], place.Read(ReceivePlace.Plain(message), isV2: false).Metadata);
        }
    }

    [Fact]
    public void Metadata_BeyondTheLimits_IsDroppedAndCounted()
    {
        var place = new ReadPlace(new WriteLimits { MaxFamilies = 2, MaxMetadataChars = 20 });
        var message = new WriteRequestWriter();
        foreach (
            var (family, help) in new[] { ("a", "ok"), ("b", "far too long a help text"), ("c", "ok"), ("d", "no") }
        )
        {
            message.Add(new MetricMetadata(family, "gauge", help, ""));
        }
        var intake = place.Read(ReceivePlace.Plain(message), isV2: false);
        Assert.Equal(["a", "c"], intake.Metadata.Select(item => item.Family));
        Assert.Equal(2, intake.Tally.DroppedMetadata);
    }

    private static byte[] GaugeBytes =>
        Proto.Of(
            Proto.Number(1, 12),
            Proto.Double(3, 2.5),
            Proto.Signed(4, 3),
            Proto.Double(5, 0.5),
            Proto.Number(6, 1),
            Proto.Bytes(8, Proto.Signed(1, 4), Proto.Number(2, 1)),
            Proto.PackedSigned(9, 2),
            Proto.Bytes(11, Proto.Signed(1, -2), Proto.Number(2, 2)),
            Proto.Bytes(11, Proto.Signed(1, 1), Proto.Number(2, 1)),
            Proto.PackedSigned(12, 3, -2, 4),
            Proto.Number(14, 3),
            Proto.Number(15, NowMs)
        );

    private static byte[] CustomBytes =>
        Proto.Of(
            Proto.Double(2, 4),
            Proto.Double(3, -7),
            Proto.Signed(4, -53),
            Proto.Double(5, 0),
            Proto.Double(7, 0),
            Proto.Bytes(11, Proto.Signed(1, 1), Proto.Number(2, 2)),
            Proto.PackedDoubles(13, 1.5, 2.5),
            Proto.Number(14, 0),
            Proto.Number(15, NowMs + 1),
            Proto.PackedDoubles(16, 1, 2.5)
        );
}
