using Tributary.Binary;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Tests.Unit.Model;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class LogHistogramTests
{
    private static readonly LogFileName File = new(
        Window.Of(LogBatches.NoonMs),
        Ulid.Create(LogBatches.NoonMs, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    );

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void EncodeDecode_FloatsAndHistograms_RoundTrip(int seed)
    {
        var batches = Sequence(new Random(seed), 40, 12);
        var decoded = Decode(Encode(batches));
        Assert.Equal(batches.SelectMany(batch => Samples(batch.Scraped)), decoded);
        Assert.Contains(decoded, sample => sample.Histogram is not null);
    }

    [Fact]
    public void Decode_EveryPrefixAndFlippedBit_IsWholePartsOrANamedError()
    {
        var bytes = Encode(Sequence(new Random(4), 3, 4));
        var whole = Decode(bytes);
        for (var length = 0; length < bytes.Length; length++)
        {
            var decoded = Decode(bytes[..length]);
            Assert.True(decoded.Count < whole.Count);
            Assert.Equal(whole.Take(decoded.Count), decoded);
        }
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var broken = bytes.ToArray();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            var problem = Record.Exception(() => Assert.True(Decode(broken).Count < whole.Count));
            Assert.True(problem is null or CorruptDataException, problem?.ToString());
        }
    }

    /// <summary>Behind the checksum: bytes that a record never has, in every place.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Codec_HostileBytes_AreAHistogramOrANamedError(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 3000; run++)
        {
            var output = new ByteWriter();
            var before = Histograms.Over(Histograms.Layout(random), run % 2 == 0, random);
            HistogramCodec.Encode(output, Histograms.Grown(before, random), random.Next(2) == 0 ? before : null);
            var bytes = output.WrittenSpan.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            bytes = bytes[..random.Next(1, bytes.Length + 1)];
            var problem = Record.Exception(() =>
            {
                var input = new ByteReader(bytes, "x");
                HistogramCodec.Decode(ref input, before);
            });
            Assert.True(problem is null or CorruptDataException, problem?.ToString());
        }
    }

    [Fact]
    public void Encode_SteadyHistograms_TakeFewBytes()
    {
        var random = new Random(9);
        var series = new SeriesList([.. Enumerable.Range(0, 100).Select(LogBatches.Series)]);
        var layout = new HistogramLayout(3, 0.001, [new BucketSpan(0, 40)], [], []);
        var values = Enumerable.Range(0, 100).Select(_ => Histograms.Over(layout, false, random)).ToArray();
        var encoder = new LogEncoder(File, LogBatches.NoonMs);
        var sizes = new List<int>();
        for (var tick = 0; tick < 10; tick++)
        {
            values =
            [
                .. values.Select(value =>
                    Histogram.OfIntegers(
                        layout,
                        (ulong)value.Count + 3,
                        (ulong)value.ZeroCount,
                        value.Sum + random.Next(100),
                        [.. value.Integers.ToArray().Select((count, i) => count + (i % 13 == tick ? 1 : 0))]
                    )
                ),
            ];
            sizes.Add(EncodeOne(encoder, Of(series, tick, values)).Length);
        }
        // 40 buckets of which 3 change: 5 bytes say which, 3 how; and count, sum, position and form.
        Assert.All(sizes.Skip(1), size => Assert.InRange(size / 100.0, 8, 26));
    }

    [Fact]
    public void Split_BatchOverTwoWindows_KeepsEachHistogramWithItsSeries()
    {
        var home = Window.Of(LogBatches.NoonMs);
        var series = new SeriesList([.. Enumerable.Range(0, 4).Select(LogBatches.Series)]);
        var value = Histograms.Integers(0, 1, 2);
        var columns = new SampleColumns(
            series,
            new[] { home.StartMs - 1, home.StartMs, home.StartMs - 2, home.StartMs + 1 },
            new[] { 1.0, StaleMarker.NormalNaN, StaleMarker.NormalNaN, 2.0 }
        )
        {
            Histograms = new[] { null, value, value.ToFloat(), null },
        };
        var parts = BatchPart.Split(LogBatches.Of("a", home.StartMs + 5, columns));
        Assert.Equal(new[] { null, value.ToFloat() }.AsEnumerable(), parts[0].Scraped.Histograms.ToArray());
        Assert.Equal(new[] { value, null }.AsEnumerable(), parts[1].Scraped.Histograms.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Log_ThroughWriterAndHead_AnswersWithTheHistograms(int seed)
    {
        var place = new LogPlace();
        var batches = Sequence(new Random(seed), 60, 10);
        var writers = new[] { place.NewWriter(), place.NewWriter(maxAppends: 7) };
        for (var i = 0; i < batches.Count; i++)
        {
            await writers[i % 2].AppendAsync([batches[i]], TestContext.Current.CancellationToken);
        }
        var log = new RecentLog(place.Plain, new SeriesTable(), null, place.Time);
        await log.LoadAsync(_ => { }, TestContext.Current.CancellationToken);
        log.LoadHistory();
        var range = new TimeRange(long.MinValue, long.MaxValue);
        var found = log.Select([SelectorParser.Parse("{__name__=~\".+\",job!=\"a\"}")], range);
        var expected = batches.SelectMany(batch => Samples(batch.Scraped)).ToList();
        Assert.Equal(
            expected
                .Where(sample => sample.Histogram is not null)
                .Select(sample => (sample.Series, sample.Histogram))
                .OrderBy(sample => sample.Series.ToString(), StringComparer.Ordinal),
            found
                .SelectMany(one => one.Histograms.Select(sample => (one.Labels, (Histogram?)sample.Value)))
                .OrderBy(sample => sample.Labels.ToString(), StringComparer.Ordinal)
        );
        Assert.Equal(expected.Count(sample => sample.Histogram is null), found.Sum(one => one.Samples.Count));
    }

    private static Batch Of(SeriesList series, int tick, Histogram?[] values)
    {
        var tickMs = LogBatches.NoonMs + (tick * 15_000);
        var columns = new SampleColumns(
            series,
            Enumerable.Repeat(tickMs, series.Count).ToArray(),
            values.Select(value => value is null ? tick : StaleMarker.NormalNaN).ToArray()
        )
        {
            Histograms = values,
        };
        return LogBatches.Of("a", tickMs, columns);
    }

    /// <summary>Series of floats and of histograms that come, go, change their kind and grow.</summary>
    private static List<Batch> Sequence(Random random, int ticks, int size)
    {
        var batches = new List<Batch>();
        var numbers = Enumerable.Range(0, size).ToList();
        var values = new Dictionary<int, Histogram?>();
        SeriesList? list = null;
        for (var tick = 0; tick < ticks; tick++)
        {
            if (list is null || random.Next(5) == 0)
            {
                numbers[random.Next(size)] = size + tick;
                list = new SeriesList([.. numbers.Distinct().Select(LogBatches.Series)]);
            }
            foreach (var number in numbers)
            {
                values[number] =
                    random.Next(20) == 0 || !values.TryGetValue(number, out var before)
                        ? random.Next(3) == 0
                            ? null
                            : Histograms.Over(Histograms.Layout(random), random.Next(2) == 0, random)
                        : before is null
                            ? null
                            : Histograms.Grown(before, random);
            }
            batches.Add(Of(list, tick, [.. numbers.Distinct().Select(number => values[number])]));
        }
        return batches;
    }

    private static byte[] Encode(IEnumerable<Batch> batches)
    {
        var encoder = new LogEncoder(File, LogBatches.NoonMs);
        return [.. batches.SelectMany(batch => EncodeOne(encoder, batch))];
    }

    private static byte[] EncodeOne(LogEncoder encoder, Batch batch) =>
        [.. encoder.Encode(BatchPart.Split(batch), _ => [], _ => []).Blocks.SelectMany(block => block.ToArray())];

    private static List<(LabelSet Series, long TimestampMs, long Bits, Histogram? Histogram)> Decode(byte[] bytes)
    {
        var decoder = new LogDecoder(File, new SeriesTable());
        var states = new SlotMap<ColumnState>();
        var parts = new List<LogPart>();
        decoder.Scan(bytes, parts);
        return
        [
            .. parts
                .SelectMany(part => part.Columns)
                .SelectMany(column =>
                    (column.Added, Samples(decoder.Decode(column, states)).ToList()) is (false, var samples)
                        ? samples
                        : []
                ),
        ];
    }

    private static IEnumerable<(LabelSet Series, long TimestampMs, long Bits, Histogram? Histogram)> Samples(
        SampleColumns columns
    )
    {
        for (var i = 0; i < columns.Count; i++)
        {
            yield return (
                columns.Series[i],
                columns.TimestampsMs.Span[i],
                BitConverter.DoubleToInt64Bits(columns.Values.Span[i]),
                columns.Histograms.IsEmpty ? null : columns.Histograms.Span[i]
            );
        }
    }
}
