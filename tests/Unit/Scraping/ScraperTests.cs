using System.Globalization;
using System.Text;
using Tributary.Configuration;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Tests.Unit.Scraping;

public sealed class ScraperTests
{
    private static readonly ScrapeConfig Job = new() { JobName = "job" };

    [Fact]
    public async Task Scrape_Report_IsWrittenWithTheTargetsLabels()
    {
        var source = new ScriptedSource();
        await source.ScrapeAsync("a 1\nb 2\n");
        var batch = await source.ScrapeAsync("a 1\nc 2\nb 3\n");
        string[] expected =
        [
            "up=1@15",
            "scrape_duration_seconds=0@15",
            "scrape_samples_scraped=3@15",
            "scrape_samples_post_metric_relabeling=3@15",
            "scrape_series_added=1@15",
        ];
        Assert.Equal(expected, ScriptedSource.Samples(batch.Added));
        Assert.Equal("up{instance=\"source:1\", job=\"job\"}", batch.Added.Series[0].ToString());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(999, 0)]
    [InlineData(1000, 0)]
    [InlineData(1001, 1001)]
    public async Task Scrape_LateStart_DecidesTheStamp(int lateMs, int stamp)
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Text("a 1\n") };
        source.Time.Advance(TimeSpan.FromMilliseconds(lateMs));
        var batch = await source.Scraper.ScrapeAsync(source.Target, source.State, ScriptedSource.StartMs, default);
        Assert.Equal(ScriptedSource.StartMs + stamp, batch.Scraped.TimestampsMs.Span[0]);
        Assert.Equal(ScriptedSource.StartMs + stamp, batch.Added.TimestampsMs.Span[0]);
    }

    [Fact]
    public async Task Scrape_ATargetWithAProblem_FailsWithItAndIsNotAsked()
    {
        var source = new ScriptedSource { Answer = () => throw new InvalidOperationException("it was asked") };
        source.Target = source.Target with { Problem = "target_limit exceeded" };
        var batch = await source.Scraper.ScrapeAsync(source.Target, source.State, ScriptedSource.StartMs, default);
        Assert.Equal((Verdict.Failed, "target_limit exceeded"), (batch.Report.Verdict, batch.Report.Error));
        Assert.Equal("up{instance=\"source:1\", job=\"job\"}", batch.Added.Series[0].ToString());
        Assert.Equal(0, batch.Added.Values.Span[0]);
    }

    [Theory]
    [InlineData(true, 5)]
    [InlineData(false, 0)]
    public async Task Scrape_ExplicitTimestamp_IsHonoured(bool honor, int seconds)
    {
        var source = new ScriptedSource();
        source.Target = source.Target with { Config = source.Target.Config with { HonorTimestamps = honor } };
        var batch = await source.ScrapeAsync($"a 1 {ScriptedSource.StartMs + 5000}\n");
        Assert.Equal($"a=1@{seconds}", ScriptedSource.Samples(batch.Scraped).Single());
    }

    [Theory]
    [InlineData("a", true, "a{instance=\"source:1\", job=\"job\"}")]
    [InlineData("a{job=\"x\"}", true, "a{instance=\"source:1\", job=\"x\"}")]
    [InlineData("a{instance=\"\",job=\"x\"}", true, "a{job=\"x\"}")]
    [InlineData("a{job=\"x\"}", false, "a{exported_job=\"x\", instance=\"source:1\", job=\"job\"}")]
    [InlineData("a{job=\"\"}", false, "a{instance=\"source:1\", job=\"job\"}")]
    [InlineData(
        "a{job=\"x\",exported_job=\"y\"}",
        false,
        "a{exported_exported_job=\"x\", exported_job=\"y\", instance=\"source:1\", job=\"job\"}"
    )]
    public async Task Scrape_TargetLabels_AreMerged(string exposed, bool honor, string expected)
    {
        var source = new ScriptedSource();
        source.Target = source.Target with { Config = source.Target.Config with { HonorLabels = honor } };
        var batch = await source.ScrapeAsync(exposed + " 1\n");
        Assert.Equal(expected, batch.Scraped.Series[0].ToString());
    }

    [Fact]
    public async Task Scrape_Metadata_IsSentUntilItIsLogged()
    {
        var source = new ScriptedSource
        {
            Answer = () => ScriptedSource.Text("# HELP a x\\ny\n# TYPE a counter\na 1\n"),
        };
        MetricMetadata[] expected = [new("a", "counter", "x\ny", "")];
        Assert.Equal(expected, (await source.ScrapeAsync(isApplied: false)).Metadata);
        Assert.Equal(expected, (await source.ScrapeAsync()).Metadata);
        Assert.Empty((await source.ScrapeAsync()).Metadata);
        Assert.Equal("gauge", Assert.Single((await source.ScrapeAsync("# TYPE a gauge\na 1\n")).Metadata).Type);
    }

    [Fact]
    public async Task Scrape_SameSeries_IsTheSameList()
    {
        var source = new ScriptedSource();
        var first = await source.ScrapeAsync("a 1\nb 1\nc 1\n");
        Assert.Same(first.Scraped.Series, (await source.ScrapeAsync("a 2\nb 2\nc 2\n")).Scraped.Series);
        Assert.Equal(2, (await source.ScrapeAsync("a 3\nb 3\n")).Scraped.Count);
        Assert.Same(first.Scraped.Series, (await source.ScrapeAsync("# x\na 4\nb 4\nc 4\n")).Scraped.Series);
        Assert.NotSame(first.Scraped.Series, (await source.ScrapeAsync("a 5\nx 5\nc 5\n")).Scraped.Series);
    }

    [Fact]
    public void Cache_ChurningSeries_StaysBounded()
    {
        var cache = new SeriesCache(SeriesBudget.Unlimited);
        for (var body = 0; body < 50; body++)
        {
            cache.Begin();
            for (var i = 0; i < 20; i++)
            {
                var text = Encoding.UTF8.GetBytes($"m{{b=\"{body}\",i=\"{i}\"}}");
                var number = cache.Add(text, ByteHash.Compute128(text), LabelSet.Of("b", $"{body}", "i", $"{i}"));
                cache.Accept(number);
                Assert.True(cache.TryMarkKnown(number));
            }
            cache.End(body % 3 == 0 ? Verdict.Failed : Verdict.Complete, isEmpty: false);
            Assert.InRange(cache.Count, 20, 120);
        }
    }

    [Fact]
    public void Cache_ChurningSeriesOfFailedBodies_StaysBounded()
    {
        var cache = new SeriesCache(SeriesBudget.Unlimited);
        for (var body = 0; body < 50; body++)
        {
            cache.Begin();
            for (var i = 0; i < 100; i++)
            {
                var text = Encoding.UTF8.GetBytes($"m{{b=\"{body}\",i=\"{i}\"}}");
                var number = cache.Add(text, ByteHash.Compute128(text), LabelSet.Of("b", $"{body}", "i", $"{i}"));
                cache.Accept(number);
                cache.TryMarkKnown(number);
            }
            cache.End(Verdict.Failed, isEmpty: false);
            Assert.InRange(cache.Count, 100, 1500);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_SecondBody_AllocatesNothingPerSample(bool isOpenMetrics)
    {
        var text = new StringBuilder();
        var (type, time) = isOpenMetrics ? ("unknown", "1700000000.123") : ("untyped", "1700000000123");
        for (var i = 0; i < 5000; i++)
        {
            text.Append(i % 100 == 0 ? $"# TYPE m{i / 100} {type}\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"m{i / 100}{{i=\"{i}\",b=\"c\"}} {i * 1.37} {time}");
            text.Append(isOpenMetrics && i % 7 == 0 ? " # {trace_id=\"x\"} 0.5 1700000000.1\n" : "\n");
        }
        var body = Encoding.UTF8.GetBytes(text.ToString());
        var collector = new BodyCollector(
            new SeriesTable(),
            new ScrapeLimits(),
            SeriesBudget.Unlimited,
            new MetadataCache(SeriesBudget.Unlimited)
        );
        long Pass()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            collector.Begin(LabelSet.Empty, Job, 0, new TimeRange(0, long.MaxValue));
            if (isOpenMetrics)
            {
                collector.Expect(ExpositionFormat.OpenMetrics);
                var reader = new OpenMetricsReader(body, 0, 1, false);
                collector.Read(ref reader);
            }
            else
            {
                var reader = new TextFormatReader(body, 0, 1, false);
                collector.Read(ref reader);
            }
            var columns = collector.End(Verdict.Complete, isEmpty: false);
            Assert.Equal((5000, 1700000000123), (columns.Count, columns.TimestampsMs.Span[4999]));
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
        Pass();
        Pass();
        Assert.InRange(Pass(), 0, 4999);
    }
}
