using System.Text;
using Tributary.Configuration;
using Tributary.Model;

namespace Tributary.Tests.Unit.Scraping;

/// <summary><c>convert_classic_histograms_to_nhcb</c> of bodies in the text formats.</summary>
public sealed class ClassicConversionTests
{
    private const string Text = "text/plain; version=0.0.4";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0";

    private const string Body = """
        # HELP h Some.
        # TYPE h histogram
        h_bucket{a="1",le="0.5"} 1
        h_bucket{ le="2" , a="1" } 1
        h_bucket{a="1",le="+Inf"} 3
        h_sum{a="1"} 4.5
        h_count{a="1"} 3
        h_bucket{a="x\"},{y",le="+Inf"} 0
        h_sum{a="x\"},{y"} 0
        h_count{a="x\"},{y"} 0
        # TYPE plain gauge
        plain{le="7"} 1
        plain_bucket{le="7"} 2
        # TYPE bare histogram
        bare_bucket{le="1"} 0.5
        bare_bucket{le="+Inf"} 2.5
        bare_sum 7
        bare_count 2.5

        """;

    private static readonly string[] Converted =
    [
        "h{a=\"1\"} 3 4.5 [0.5 2] 1 2",
        "h{a=\"x\\\"},{y\"} 0 0 []",
        "plain{le=\"7\"} 1",
        "plain_bucket{le=\"7\"} 2",
        "bare 2.5 7 [1] 0.5 2",
    ];

    [Theory]
    [InlineData(Text, 1)]
    [InlineData(Text, 13)]
    [InlineData(Text, 100_000)]
    [InlineData(OpenMetrics, 1)]
    [InlineData(OpenMetrics, 100_000)]
    public async Task Histograms_BecomeNative_WhateverTheSizeOfReads(string type, int step)
    {
        var source = Source(keepsClassic: false);
        // OpenMetrics takes no blanks in braces.
        var body =
            type == Text
                ? Body
                : Body.Replace("{ le=\"2\" , a=\"1\" }", "{le=\"2\",a=\"1\"}", StringComparison.Ordinal) + "# EOF\n";
        var bytes = Encoding.UTF8.GetBytes(body);
        source.Answer = () => ScriptedSource.Streamed(new SlowStream(bytes, step), type);
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, ""), (batch.Report.Verdict, batch.Report.Error));
        Assert.Equal(Converted, Lines(batch));
        Assert.Equal(Converted.Length, batch.Report.Scraped);
        var again = await source.ScrapeAsync();
        Assert.Equal(Converted, Lines(again));
        Assert.Same(batch.Scraped.Series, again.Scraped.Series);
        Assert.Equal((Converted.Length, 0), (batch.Report.SeriesAdded, again.Report.SeriesAdded));
    }

    [Fact]
    public async Task Lines_AreTakenToo_WhenTheJobSaysSo()
    {
        var batch = await Source(keepsClassic: true).ScrapeAsync(Body);
        var lines = Lines(batch);
        Assert.Equal(Converted.Length + 12, lines.Count);
        Assert.Equal(Converted.Order(StringComparer.Ordinal), lines.Intersect(Converted).Order(StringComparer.Ordinal));
        Assert.Contains("h_bucket{a=\"1\", le=\"0.5\"} 1", lines, StringComparer.Ordinal);
        Assert.Equal("h_count{a=\"1\"} 3", lines[4]);
        Assert.Equal(Converted[0], lines[5]);
    }

    [Theory]
    // Cut before the count: nothing tells whether buckets are missing.
    [InlineData("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\n", "")]
    [InlineData("# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_count 2\n", "h 2 0 [1] 1 1")]
    [InlineData(
        "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\n# TYPE g gauge\ng 1\n",
        "h 2 0 [1] 1 1|g 1"
    )]
    // No histogram: the counts fall.
    [InlineData("# TYPE h histogram\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"+Inf\"} 2\nh_count 2\ng 1\n", "g 1")]
    // Without a type they are series like any others, and so is what only looks like a part.
    [InlineData("h_bucket{le=\"1\"} 1\nh_count 2\n", "h_bucket{le=\"1\"} 1|h_count 2")]
    [InlineData("# TYPE h histogram\nh_bucket{le=\"x\"} 1\nh_buckets 1\nh 2\n", "h_bucket{le=\"x\"} 1|h_buckets 1|h 2")]
    // Names in quotes.
    [InlineData(
        "# TYPE \"h.x\" histogram\n{\"h.x_bucket\",\"l.n\"=\"v\",le=\"1\"} 1\n{\"h.x_count\",\"l.n\"=\"v\"} 1\n",
        "h.x{\"l.n\"=\"v\"} 1 0 [1] 1"
    )]
    // Timestamps: that of the last line.
    [InlineData("# TYPE h histogram\nh_bucket{le=\"1\"} 1 1700000000000\nh_count 2 1700000000000\n", "h 2 0 [1] 1 1")]
    public async Task Bodies_OddAndCut_AreWhatTheyAre(string body, string expected)
    {
        var batch = await Source(keepsClassic: false).ScrapeAsync(body);
        Assert.Equal(expected, string.Join('|', Lines(batch)));
    }

    [Fact]
    public async Task BrokenTransfer_LeavesTheOpenHistogramOut()
    {
        var source = Source(keepsClassic: false);
        var bytes = Encoding.UTF8.GetBytes("g 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_count 2\n");
        source.Answer = () =>
            ScriptedSource.Streamed(ScriptedStream.Of(bytes, end: () => throw new IOException("reset")));
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Partial, batch.Report.Verdict);
        Assert.Equal(["g 1"], Lines(batch));
    }

    private static ScriptedSource Source(bool keepsClassic)
    {
        var source = new ScriptedSource();
        source.Target = source.Target with
        {
            Labels = LabelSet.Empty,
            Config = source.Target.Config with
            {
                NativeHistograms = new HistogramConfig { ConvertsClassic = true, AlwaysScrapesClassic = keepsClassic },
            },
        };
        return source;
    }

    /// <summary>Samples as <c>series value</c>; of histograms count, sum, bounds and buckets.</summary>
    private static List<string> Lines(Batch batch)
    {
        var lines = new List<string>();
        for (var i = 0; i < batch.Scraped.Count; i++)
        {
            var series = batch.Scraped.Series[i].ToString().Replace("{}", "", StringComparison.Ordinal);
            var histogram = batch.Scraped.Histograms.Length > 0 ? batch.Scraped.Histograms.Span[i] : null;
            lines.Add(
                histogram is null
                    ? FormattableString.Invariant($"{series} {batch.Scraped.Values.Span[i]}")
                    : FormattableString.Invariant($"{series} {histogram.Count} {histogram.Sum} ")
                        + $"[{string.Join(' ', histogram.Layout.CustomValues.ToArray())}]"
                        + string.Concat(
                            Enumerable.Range(0, histogram.Layout.BucketCount).Select(b => $" {histogram.BucketAt(b)}")
                        )
            );
        }
        return lines;
    }

    private sealed class SlowStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(step, buffer.Length)]);

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            new(Read(buffer.Span));
    }
}
