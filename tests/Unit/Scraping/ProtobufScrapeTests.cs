using System.Text.Json;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Tests.Unit.Conformance;
using Tributary.Tests.Unit.Model;

namespace Tributary.Tests.Unit.Scraping;

/// <summary>Bodies in protobuf, through the whole scraper; they are written by our own writer or byte by byte.</summary>
public sealed class ProtobufScrapeTests
{
    private const string Type =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private static readonly HistogramConfig Native = new() { IsScraped = true };

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task Scrape_WrittenByUs_ComesBackWhateverTheSizeOfReads(int step)
    {
        var samples = Random(new Random(3), 40);
        var body = Write(samples);
        var source = Source(Native);
        source.Answer = () => ScriptedSource.Streamed(new SlowStream(body, step), Type);
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, ""), (batch.Report.Verdict, batch.Report.Error));
        Assert.Equal(
            samples.Select(sample =>
                (
                    sample.Labels.MetricName,
                    sample.TimestampMs,
                    BitConverter.DoubleToInt64Bits(sample.Value),
                    sample.Histogram?.ToFloat()
                )
            ),
            Enumerable
                .Range(0, batch.Scraped.Count)
                .Select(i =>
                    (
                        batch.Scraped.Series[i].MetricName,
                        batch.Scraped.TimestampsMs.Span[i],
                        BitConverter.DoubleToInt64Bits(batch.Scraped.Values.Span[i]),
                        batch.Scraped.Histograms.Span[i]
                    )
                )
        );
        var again = await source.ScrapeAsync();
        Assert.Same(batch.Scraped.Series, again.Scraped.Series);
    }

    [Fact]
    public async Task Scrape_CutAnywhere_IsNoLessThanItsWholeMetrics()
    {
        var samples = Random(new Random(5), 6);
        var body = Write(samples);
        for (var length = 1; length < body.Length; length++)
        {
            var source = Source(Native);
            var cut = body[..length];
            source.Answer = () => ScriptedSource.Bytes(cut, Type);
            var batch = await source.ScrapeAsync();
            Assert.InRange(batch.Scraped.Count, 0, samples.Count);
            Assert.NotEqual(samples.Count, batch.Scraped.Count);
            if (batch.Report.Verdict is Verdict.Failed)
            {
                Assert.NotEmpty(batch.Report.Error);
            }
        }
    }

    [Fact]
    public async Task Scrape_FlippedBits_EndInABatchWithoutAnException()
    {
        var body = Write(Random(new Random(6), 5));
        for (var bit = 0; bit < body.Length * 8; bit++)
        {
            var source = Source(Native with { ConvertsClassic = true, AlwaysScrapesClassic = true });
            var broken = (byte[])body.Clone();
            broken[bit / 8] ^= (byte)(1 << (bit % 8));
            source.Answer = () => ScriptedSource.Bytes(broken, Type);
            var batch = await source.ScrapeAsync();
            Assert.Equal(batch.Report.Verdict is Verdict.Failed or Verdict.Suspect, batch.Report.Error.Length > 0);
        }
    }

    public static TheoryData<byte[], string> Hostile =>
        new()
        {
            {
                [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1],
                "a family's length is longer than 64 bits"
            },
            { [0xff, 0xff, 0xff, 0xff, 0x7f], "byte 0: a family of 34359738367 bytes" },
            { [2, 0x0a, 5], "field 1 of 5 bytes runs past the end of its family" },
            { [1, 0x0a], "runs past the end of its family" },
            { [2, 0x08, 1], "field 1 of a family has the wire type 0" },
            { [3, 0x0a, 1, 0xff], "a family's name is not valid UTF-8" },
            { [2, 0x0a, 0], "a family's name is empty" },
            { [2, 0x22, 0], "a family has metrics before a name" },
            { [5, 0x0a, 1, (byte)'a', 0x18, 9], "the metric type 9 is not known" },
            { [7, 0x0a, 1, (byte)'a', 0x22, 0, 0x18, 1], "a family's type stands behind its metrics" },
            { [3, 0x0b, 0, 0], "wire type 3, which is not read" },
            { Family(0, [0x1a, 2, 0x08, 1]), "value (field 1) has the wire type 0 instead of 1" },
            { Family(0, [0x1a, 9, 0x09]), "9 bytes wanted, but the message has only 1 more" },
            { Family(0, [0x0a, 0]), "a label has no name" },
            { Family(0, [0x00, 0]), "the field number 0 cannot be" },
            { Family(0, [0x0a, 4, 0x0a, 2, (byte)'b', 0xff]), "not valid UTF-8" },
            { Family(4, [0x3a, 2, 0x08]), "2 bytes wanted" },
            { Family(4, [0x3a, 4, 0x62, 2, 0x10, 3]), "positive spans need 3 buckets" },
            { Family(4, [0x3a, 10, 0x62, 8, 0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]), "a span of" },
            { Family(4, [0x3a, 6, 0x28, 18, 0x62, 2, 0x10, 0]), "the schema 9 is not between" },
            { Family(4, [0x3a, 6, 0x08, 3, 0x62, 2, 0x10, 0]), "0 observations in buckets, but 3 in all" },
        };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Scrape_MalformedBody_FailsAndSaysWhereAndWhy(byte[] body, string error)
    {
        var source = Source(Native);
        source.Answer = () => ScriptedSource.Bytes(body, Type);
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Matches("^byte [0-9]+: ", batch.Report.Error);
        Assert.Contains(error, batch.Report.Error, StringComparison.Ordinal);
        Assert.Equal(0, batch.Scraped.Count);
    }

    [Fact]
    public async Task Scrape_MetricLargerThanTheLimit_Fails()
    {
        var source = Source(Native);
        source.Answer = () =>
            ScriptedSource.Bytes(Family(0, [0x0a, 0xc0, 0x84, 0x3d, .. new byte[1_000_000 + 64]]), Type);
        var small = new ScriptedSource(new Tributary.Scraping.ScrapeLimits { MaxLineBytes = 100_000 })
        {
            Answer = source.Answer,
        };
        var batch = await small.ScrapeAsync();
        Assert.Contains(
            "a metric (or help text) larger than 100000 bytes",
            batch.Report.Error,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData(false, false, false, "h_count h_sum h_bucket{1.0} h_bucket{+Inf}")]
    [InlineData(true, false, false, "h:native")]
    [InlineData(true, true, false, "h:native h_count h_sum h_bucket{1.0} h_bucket{+Inf}")]
    [InlineData(false, false, true, "h:custom")]
    [InlineData(false, true, true, "h_count h_sum h_bucket{1.0} h_bucket{+Inf} h:custom")]
    [InlineData(true, true, true, "h:native h_count h_sum h_bucket{1.0} h_bucket{+Inf}")]
    public async Task Scrape_ClassicAndNativeInOne_FollowsTheJobsFields(
        bool native,
        bool keeps,
        bool converts,
        string expected
    )
    {
        // Three observations: count, sum 1, a bucket of 2 up to 1; natively one in the zero bucket and two in bucket 0.
        byte[] histogram =
        [
            .. new byte[] { 0x08, 3, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f },
            .. new byte[] { 0x1a, 11, 0x08, 2, 0x11, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f },
            .. new byte[] { 0x38, 1, 0x62, 2, 0x10, 1, 0x68, 4 },
        ];
        var source = Source(
            new HistogramConfig
            {
                IsScraped = native,
                AlwaysScrapesClassic = keeps,
                ConvertsClassic = converts,
            }
        );
        source.Answer = () => ScriptedSource.Bytes(Family(4, [0x3a, (byte)histogram.Length, .. histogram], "h"), Type);
        var batch = await source.ScrapeAsync();
        Assert.Equal("", batch.Report.Error);
        var found = Enumerable
            .Range(0, batch.Scraped.Count)
            .Select(i =>
            {
                var series = batch.Scraped.Series[i];
                var value = batch.Scraped.Histograms.IsEmpty ? null : batch.Scraped.Histograms.Span[i];
                var bound = series.Get("le") is { } le ? $"{{{le}}}" : "";
                return series.MetricName
                    + bound
                    + (
                        value is null ? ""
                        : value.Layout.IsCustom ? ":custom"
                        : ":native"
                    );
            });
        Assert.Equal(expected, string.Join(' ', found));
        Assert.Equal("histogram", Assert.Single(source.State.Metadata).Type);
    }

    [Fact]
    public async Task Scrape_BucketLimit_ReducesTheResolutionOrFails()
    {
        var wide = Histogram.OfIntegers(
            new HistogramLayout(8, 0, [new BucketSpan(0, 400)], [], []),
            400,
            0,
            1,
            [.. Enumerable.Repeat(1L, 400)]
        );
        var body = Write([
            new LatestSample(LabelSet.Of("__name__", "h"), ScriptedSource.StartMs, 0) { Histogram = wide },
        ]);
        var source = Source(Native with { BucketLimit = 60, MinBucketFactor = 1.1 });
        source.Answer = () => ScriptedSource.Bytes(body, Type);
        var batch = await source.ScrapeAsync();
        var reduced = batch.Scraped.Histograms.Span[0]!;
        // 1.1 allows schema 2 at most (1.19), which has 7 buckets for these.
        Assert.Equal(2, reduced.Layout.Schema);
        Assert.Equal(400, Enumerable.Range(0, reduced.Layout.BucketCount).Sum(reduced.BucketAt));
        source = Source(Native with { BucketLimit = 2 });
        source.Answer = () => ScriptedSource.Bytes(body, Type);
        batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Complete, batch.Report.Verdict);
        // Buckets up to 1 and up to 4.
        Assert.Equal(-1, batch.Scraped.Histograms.Span[0]!.Layout.Schema);
        var three = Write([
            new LatestSample(LabelSet.Of("__name__", "h"), ScriptedSource.StartMs, 0)
            {
                Histogram = Histogram.OfIntegers(
                    new HistogramLayout(-4, 0, [new BucketSpan(0, 3)], [], []),
                    3,
                    0,
                    1,
                    [1, 1, 1]
                ),
            },
        ]);
        source.Answer = () => ScriptedSource.Bytes(three, Type);
        batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains("native_histogram_bucket_limit exceeded", batch.Report.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrape_MoreBucketsThanABodyMayHave_Fails()
    {
        var body = Write([.. Random(new Random(3), 40).Where(sample => sample.Histogram is not null)]);
        var source = new ScriptedSource(new Tributary.Scraping.ScrapeLimits { MaxBuckets = 10 })
        {
            Answer = () => ScriptedSource.Bytes(body, Type),
        };
        source.Target = source.Target with { NativeHistograms = Native };
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains("more than 10 buckets of native histograms", batch.Report.Error, StringComparison.Ordinal);
    }

    /// <summary>Payloads that Prometheus scraped: their histograms are those that its block holds at those times.</summary>
    [Fact]
    public async Task Scrape_RecordedPayloads_GiveTheSamplesOfPrometheusConformance()
    {
        var path = ConformanceData.PathOf("native-histograms/exposition.json");
        if (!System.IO.File.Exists(path))
        {
            return;
        }
        using var recorded = JsonDocument.Parse(
            await System.IO.File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken)
        );
        var source = Source(Native);
        var scraped = new Dictionary<(LabelSet, long), Histogram>();
        var times = recorded.RootElement.GetProperty("scrape_times").EnumerateArray().ToArray();
        var payloads = recorded.RootElement.GetProperty("payloads_base64").EnumerateArray().ToArray();
        for (var i = 0; i < times.Length; i++)
        {
            var body = payloads[i].GetBytesFromBase64();
            source.Answer = () => ScriptedSource.Bytes(body, Type);
            var batch = await source.ScrapeAsync();
            Assert.Equal("", batch.Report.Error);
            for (var position = 0; position < batch.Scraped.Count; position++)
            {
                if (batch.Scraped.Histograms.Span[position] is { } value)
                {
                    var ms = (long)Math.Round(times[i].GetDouble() * 1000);
                    scraped.Add((batch.Scraped.Series[position], ms), value);
                }
            }
        }
        var stored = HistogramChunkConformanceTests.AllSamples();
        ConformanceData.Run(
            "native-histograms/exposition.json",
            stored,
            sample =>
                scraped.Any(one => one.Key.Item2 == sample.TimestampMs && one.Value.Equals(sample.Value))
                    ? null
                    : $"{sample} was not scraped"
        );
        Assert.Equal(stored.Count, scraped.Count);
    }

    private static ScriptedSource Source(HistogramConfig histograms)
    {
        var source = new ScriptedSource();
        source.Target = source.Target with { Config = source.Target.Config with { NativeHistograms = histograms } };
        return source;
    }

    /// <summary>A body of one family with one metric.</summary>
    private static byte[] Family(byte type, byte[] metric, string name = "a")
    {
        var text = new List<byte> { 0x0a, (byte)name.Length };
        text.AddRange(System.Text.Encoding.UTF8.GetBytes(name));
        text.AddRange([0x18, type, 0x22]);
        text.AddRange(Varint(metric.Length));
        text.AddRange(metric);
        return [.. Varint(text.Count), .. text];
    }

    private static IEnumerable<byte> Varint(int number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            yield return (byte)(number | 0x80);
        }
        yield return (byte)number;
    }

    private static byte[] Write(IReadOnlyList<LatestSample> samples)
    {
        var writer = new ProtobufFederationWriter(
            samples,
            new ExternalLabels(LabelSet.Empty, NameEscapingScheme.AllowUtf8)
        );
        var body = new System.Buffers.ArrayBufferWriter<byte>();
        while (writer.WritePiece(body)) { }
        return body.WrittenSpan.ToArray();
    }

    private static List<LatestSample> Random(Random random, int count)
    {
        var samples = new List<LatestSample>();
        for (var i = 0; i < count; i++)
        {
            string[] names = ["plain", "with space", "q\"uote\\", "x_total", "é"];
            var labels = LabelSet.Of(
                "__name__",
                $"{names[i * names.Length / count]}{i / 3}",
                "n",
                $"{i}",
                "odd.name",
                "va\"l\\ue\n"
            );
            var layout = new HistogramLayout(
                random.Next(-4, 9),
                0.5,
                [new BucketSpan(random.Next(-9, 9), 1 + random.Next(5))],
                [new BucketSpan(0, random.Next(3))],
                []
            );
            var isFloat = random.Next(2) == 0;
            samples.Add(
                new LatestSample(
                    labels,
                    ScriptedSource.StartMs - i,
                    isFloat ? random.NextDouble() : StaleMarker.NormalNaN
                )
                {
                    Histogram = isFloat ? null : Histograms.Over(layout, true, random),
                }
            );
        }
        return samples;
    }

    /// <summary>Gives a few bytes a read.</summary>
    private sealed class SlowStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(step, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));
    }
}
