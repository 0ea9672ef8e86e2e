using Tributary.Model;
using Tributary.RemoteWrite;
using Tributary.Scraping;
using static Tributary.Tests.Unit.RemoteWrite.ReadPlace;

namespace Tributary.Tests.Unit.RemoteWrite;

/// <summary>Messages that break the format, the rules or the limits.</summary>
public sealed class HostileMessageTests
{
    private static readonly byte[] Sample = Proto.Bytes(2, Proto.Double(1, 1), Proto.Number(2, NowMs));

    public static TheoryData<string, bool, string> BadSeries { get; } =
        new()
        {
            { "job=a", false, "has no metric name" },
            { "", false, "has no metric name" },
            { "__name__=,job=a", false, "has no metric name" },
            { "__name__=up,=a", false, "a label name is empty" },
            { "__name__=up,job=a,job=b", false, "the label job is there twice" },
            { "__name__=up,job=NO-UTF8", false, "not valid UTF-8" },
            { "__name__=up,tributary_store=a", true, "is reserved" },
            { "__name__=up,a=1,b=2,c=3,d=4,e=5", true, "more than 5 labels" },
            { $"__name__=up,a={new string('x', 2000)}", true, "more than 1000 bytes" },
        };

    private static ReadPlace Place => new(new WriteLimits { MaxLabels = 5, MaxSeriesBytes = 1000 });

    [Theory]
    [MemberData(nameof(BadSeries))]
    public void Series_WithBadLabels_IsLeftOutAndTheRestIsTaken(string labels, bool isRefused, string example)
    {
        foreach (var isV2 in (bool[])[false, true])
        {
            var message = Message(isV2, [labels, "__name__=up,job=good"], Sample);
            var place = Place;
            for (var round = 0; round < 2; round++)
            {
                var intake = place.Read(message, isV2);
                Assert.Equal([Line(LabelSet.Of("__name__", "up", "job", "good"), NowMs, 1)], Lines(intake));
                var problem = isRefused ? WriteProblem.RefusedLabels : WriteProblem.InvalidLabels;
                Assert.Equal(1, intake.Tally.CountOf(problem));
                Assert.Contains(example, intake.Tally.Describe(), StringComparison.Ordinal);
                Assert.Equal(isV2 || isRefused, intake.Tally.Complaint(isV2) is not null);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Sample_OutsideTheTime_IsLeftOutAndCounted(bool isV2)
    {
        byte[][] samples =
        [
            .. new[] { -3_600_001, -3_600_000, 600_000, 600_001, 600_002 }.Select(offset =>
                Proto.Bytes(2, Proto.Double(1, offset), Proto.Number(2, NowMs + offset))
            ),
            Proto.Bytes(2),
            Proto.Bytes(2, Proto.Number(2, long.MinValue)),
        ];
        var intake = Place.Read(Message(isV2, ["__name__=up"], samples), isV2);
        var up = LabelSet.Of("__name__", "up");
        Assert.Equal([Line(up, NowMs - 3_600_000, -3_600_000), Line(up, NowMs + 600_000, 600_000)], Lines(intake));
        Assert.Equal(
            (2, 3, 2),
            (
                intake.Tally.Samples,
                intake.Tally.CountOf(WriteProblem.TooOld),
                intake.Tally.CountOf(WriteProblem.TooFarAhead)
            )
        );
        var complaint = intake.Tally.Complaint(isV2);
        Assert.StartsWith("too old sample: up{} at 1699996399999", complaint, StringComparison.Ordinal);
        Assert.Contains("(3 samples are not stored so); out of bounds", complaint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "the positive spans need 2 buckets, but it has 1")]
    [InlineData(2, "observations in buckets, but 9 in all")]
    [InlineData(3, "the schema 70000000000 cannot be")]
    [InlineData(4, "the schema -10 is not between")]
    [InlineData(5, "bounds do not rise")]
    public void Histogram_ThatIsNone_IsLeftOut(int kind, string example)
    {
        var broken = kind switch
        {
            1 => Proto.Of(Spans(2), Proto.PackedSigned(12, 1)),
            2 => Proto.Of(Proto.Number(1, 9), Spans(2), Proto.PackedSigned(12, 1, 0)),
            3 => Proto.Signed(4, 70_000_000_000),
            4 => Proto.Signed(4, -10),
            _ => Proto.Of(
                Proto.Number(1, 1),
                Proto.Signed(4, -53),
                Spans(1),
                Proto.PackedSigned(12, 1),
                Proto.PackedDoubles(16, 2, 1)
            ),
        };
        foreach (var isV2 in (bool[])[false, true])
        {
            var field = isV2 ? 3 : 4;
            var good = Proto.Of(Proto.Number(1, 2), Spans(2), Proto.PackedSigned(12, 1, 0), Proto.Number(15, NowMs));
            var message = Message(isV2, ["__name__=h"], Proto.Bytes(field, broken), Proto.Bytes(field, good));
            var intake = Place.Read(message, isV2);
            Assert.Equal((1, 1), (intake.Samples.Count, intake.Tally.CountOf(WriteProblem.InvalidHistogram)));
            Assert.Contains(example, intake.Tally.Complaint(isV2), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(new long[] { 0, 1, 2 }, "no even number")]
    [InlineData(new long[] { 1, 3 }, "refers to symbol 3, but there are 3")]
    [InlineData(new long[] { 1, uint.MaxValue }, "refers to symbol 4294967295")]
    public void SeriesV2_WithBadReferences_IsLeftOut(long[] references, string example)
    {
        var message = Proto.Of(
            Proto.Text(4, ""),
            Proto.Text(4, "__name__"),
            Proto.Text(4, "up"),
            Proto.Bytes(5, Proto.Packed(1, references), Sample, Sample),
            Proto.Bytes(5, Proto.Packed(1, 1, 2), Sample)
        );
        var intake = Place.Read(message, isV2: true);
        Assert.Equal((1, 2), (intake.Tally.Samples, intake.Tally.CountOf(WriteProblem.BadReference)));
        Assert.Contains(example, intake.Tally.Complaint(isV2: true), StringComparison.Ordinal);
    }

    [Fact]
    public void SeriesV2_WithoutSamplesOrWithBadMetadata_IsLeftOut()
    {
        var message = Proto.Of(
            Proto.Text(4, ""),
            Proto.Text(4, "__name__"),
            Proto.Text(4, "up"),
            Proto.Bytes(5, Proto.Packed(1, 1, 2)),
            Proto.Bytes(5, Proto.Packed(1, 1, 2), Sample, Proto.Bytes(5, Proto.Number(3, 3)))
        );
        var complaint = Place.Read(message, isV2: true).Tally.Complaint(isV2: true);
        Assert.Contains("the metadata of up{} refers to symbols", complaint, StringComparison.Ordinal);
        Assert.Contains("neither samples nor histograms", complaint, StringComparison.Ordinal);
    }

    [Fact]
    public void MessageV2_WhoseFirstSymbolIsNotEmpty_IsRefused()
    {
        var error = Assert.Throws<WriteException>(() => Place.Read(Proto.Text(4, "a"), isV2: true));
        Assert.Equal(WriteRefusal.Malformed, error.Refusal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Message_CutOrChangedAnywhere_IsReadOrRefused(bool isV2)
    {
        WriteMessage writer = isV2 ? new WriteRequestV2Writer() : new WriteRequestWriter();
        writer.BeginSeries(LabelSet.Of("__name__", "up", "job", "a"), new MetricMetadata("up", "gauge", "h", "u"));
        writer.Add(NowMs, 1);
        writer.Add(new HistogramSample(NowMs, Model.Histograms.Integers(-3, 1, 0, 4)));
        var message = ReceivePlace.Plain(writer);
        var random = new Random(1);
        var refused = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var changed = i < message.Length ? message[..i] : (byte[])message.Clone();
            for (var n = i < message.Length ? 0 : random.Next(1, 4); n > 0; n--)
            {
                changed[random.Next(changed.Length)] = (byte)random.Next(256);
            }
            try
            {
                Place.Read(changed, isV2);
            }
            catch (WriteException exception)
            {
                Assert.NotEqual(WriteRefusal.NoMemory, exception.Refusal);
                refused++;
            }
        }
        Assert.InRange(refused, 1000, 19_000);
    }

    public static TheoryData<string> Limits { get; } =
        new() { "samples", "histograms", "histogram bytes", "buckets", "symbols" };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Message_AtALimit_IsTaken_AndBeyondItRefused(string limit)
    {
        var place = new ReadPlace(
            new WriteLimits
            {
                MaxSamples = 5,
                MaxHistograms = 4,
                MaxHistogramBytes = 200,
                MaxBuckets = 12,
                MaxSymbols = 10,
            }
        );
        place.Read(AtLimit(limit, 0), isV2: true);
        var error = Assert.Throws<WriteException>(() => place.Read(AtLimit(limit, 1), isV2: true));
        Assert.Equal(WriteRefusal.TooLarge, error.Refusal);
        Assert.Contains("send less at once", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Series_BeyondTheMemory_AreRefused_AndKnownOnesAreTaken()
    {
        var place = new ReadPlace(budget: new SeriesBudget(20_000));
        var taken = 0;
        var error = Assert.Throws<WriteException>(() =>
        {
            for (; taken < 1000; taken++)
            {
                place.Read(Message(false, [$"__name__=up,i={taken}"], Sample), isV2: false);
            }
        });
        Assert.Equal(WriteRefusal.NoMemory, error.Refusal);
        Assert.InRange(taken, 10, 14);
        Assert.Equal(1, place.Read(Message(false, ["__name__=up,i=0"], Sample), isV2: false).Tally.Samples);
        place.Series.Age(NowMs);
        place.Series.Age(NowMs + 3_600_000);
        Assert.Equal(0, place.Series.Count);
        Assert.Equal(1, place.Read(Message(false, ["__name__=up,i=new"], Sample), isV2: false).Tally.Samples);
    }

    private static byte[] AtLimit(string limit, int beyond)
    {
        byte[] Histogram(params byte[][] more) => Proto.Bytes(3, [Proto.Number(15, NowMs), .. more]);
        byte[] Buckets(int count) =>
            Histogram(
                Proto.Number(1, count),
                Spans(count),
                Proto.PackedSigned(12, [.. Enumerable.Range(0, count).Select(i => i == 0 ? 1L : 0)])
            );
        var samples = limit switch
        {
            "samples" => Enumerable.Repeat(Sample, 5 + beyond),
            "histograms" => Enumerable.Repeat(Histogram(), 4 + beyond),
            "histogram bytes" => [Histogram(Proto.Text(50, new string('x', 189 + beyond)))],
            "buckets" => [Buckets(7), Buckets(5 + beyond)],
            _ => [Sample],
        };
        return Proto.Of([
            Proto.Text(4, ""),
            Proto.Text(4, "__name__"),
            .. Enumerable.Repeat(Proto.Text(4, "h"), limit is "symbols" ? 8 + beyond : 1),
            Proto.Bytes(5, [Proto.Packed(1, 1, 2), .. samples]),
        ]);
    }

    private static byte[] Spans(int length) => Proto.Bytes(11, Proto.Signed(1, 0), Proto.Number(2, length));

    /// <summary>A message of series of labels <c>name=value,…</c>, each with all samples; a lone surrogate is no UTF-8.</summary>
    private static byte[] Message(bool isV2, string[] series, params byte[][] samples)
    {
        var symbols = new List<byte[]> { Array.Empty<byte>() };
        var body = new List<byte[]>();
        foreach (var one in series)
        {
            var labels = one.Split(',', StringSplitOptions.RemoveEmptyEntries)
                .Select(label => label.Split('='))
                .Select(pair => (Name: Utf8(pair[0]), Value: Utf8(pair[1])))
                .ToList();
            if (!isV2)
            {
                body.Add(
                    Proto.Bytes(
                        1,
                        [
                            .. labels.Select(pair =>
                                Proto.Bytes(1, Proto.Bytes(1, pair.Name), Proto.Bytes(2, pair.Value))
                            ),
                            .. samples,
                        ]
                    )
                );
                continue;
            }
            var references = new List<long>();
            foreach (var text in labels.SelectMany(pair => new[] { pair.Name, pair.Value }))
            {
                references.Add(text.Length == 0 ? 0 : symbols.Count);
                if (text.Length > 0)
                {
                    symbols.Add(text);
                }
            }
            body.Add(Proto.Bytes(5, [Proto.Packed(1, [.. references]), .. samples]));
        }
        return Proto.Of([.. isV2 ? symbols.Select(text => Proto.Bytes(4, text)) : [], .. body]);
    }

    private static byte[] Utf8(string text) =>
        text is "NO-UTF8" ? [0xff, 0xfe] : System.Text.Encoding.UTF8.GetBytes(text);
}
