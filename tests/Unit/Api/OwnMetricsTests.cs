using System.Buffers;
using System.Diagnostics;
using System.Text;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Api;

public sealed class OwnMetricsTests
{
    private const string Promtool = "/usr/bin/promtool";

    [Fact]
    public void Write_Figures_AreSamples()
    {
        var text = Write();
        Assert.Contains("tributary_build_info{version=\"1.2.3\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "tributary_scrapes_total{source=\"a\\\"b\",verdict=\"partial\"} 3\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains(
            "tributary_scrape_missed_ticks_total{source=\"a\\\"b\",reason=\"not_stored\"} 6\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("tributary_store_operations_total{class=\"blob_write\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("tributary_log_bytes_total 1.5e+06\n", text, StringComparison.Ordinal);
        Assert.Contains("tributary_head_series 7\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_ConfigurationAndPools_HavePrometheusNames()
    {
        var text = Write();
        Assert.Contains("prometheus_config_last_reload_successful 0\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "prometheus_config_last_reload_success_timestamp_seconds 1.7e+09\n",
            text,
            StringComparison.Ordinal
        );
        Assert.Contains("tributary_scrape_pool_dropped_targets{scrape_job=\"j\"} 4\n", text, StringComparison.Ordinal);
        Assert.Contains("tributary_scrape_pool_failing{scrape_job=\"j\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_OpenMetrics_NamesCountersWithoutSuffixAndEnds()
    {
        var text = Write(isOpenMetrics: true);
        Assert.Contains("# TYPE tributary_scrapes counter\ntributary_scrapes_total{", text, StringComparison.Ordinal);
        Assert.DoesNotContain("_total counter", text, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Write_EveryClassOfOperation_HasANameOfItsOwn()
    {
        var lines = Write()
            .Split('\n')
            .Where(line => line.StartsWith("tributary_store_operations_total{", StringComparison.Ordinal));
        Assert.Equal(Enum.GetValues<OperationClass>().Length, lines.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Write_Output_PassesPromtool()
    {
        if (!File.Exists(Promtool))
        {
            Assert.False(
                string.Equals(Environment.GetEnvironmentVariable("CI"), "true", StringComparison.Ordinal),
                $"{Promtool} must be there in CI"
            );
            Assert.Skip($"{Promtool} is not installed (Debian: apt-get install prometheus)");
        }
        var start = new ProcessStartInfo(Promtool, ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start)!;
        await process.StandardInput.WriteAsync(Write());
        process.StandardInput.Close();
        var problems = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal("", problems);
        Assert.Equal(0, process.ExitCode);
    }

    [Fact]
    public async Task Write_Protobuf_IsReadToTheSameSamplesTypesAndHelpTexts()
    {
        var format = AnswerFormat.ForMetrics(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"
        );
        var asText = await ReadAsync(Output(AnswerFormat.ForMetrics(null)), AnswerFormat.ForMetrics(null));
        var asProtobuf = await ReadAsync(Output(format), format);
        Assert.NotEmpty(asText.Samples);
        Assert.Equal(asText.Samples, asProtobuf.Samples);
        Assert.Equal(asText.Families, asProtobuf.Families);
    }

    private static async Task<(List<string> Samples, List<MetricMetadata> Families)> ReadAsync(
        ReadOnlyMemory<byte> body,
        AnswerFormat format
    )
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Bytes(body.ToArray(), format.ContentType) };
        var config = source.Target.Config with
        {
            NativeHistograms = new HistogramConfig { IsScraped = format.IsProtobuf },
        };
        source.Target = source.Target with { Config = config };
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, ""), (batch.Report.Verdict, batch.Report.Error));
        // What the process itself does goes on between the two.
        var samples = Enumerable
            .Range(0, batch.Scraped.Count)
            .Where(i => batch.Scraped.Series[i].MetricName.StartsWith("tributary_", StringComparison.Ordinal))
            .Where(i => !batch.Scraped.Series[i].MetricName.StartsWith("tributary_managed", StringComparison.Ordinal))
            .Where(i => !batch.Scraped.Series[i].MetricName.StartsWith("tributary_gc", StringComparison.Ordinal))
            .Where(i => !batch.Scraped.Series[i].MetricName.StartsWith("tributary_pool", StringComparison.Ordinal))
            .Select(i => $"{batch.Scraped.Series[i]} {batch.Scraped.Values.Span[i]:R}")
            .ToList();
        // A family without samples is in text alone.
        var names = samples.Select(sample => sample[..sample.IndexOfAny(['{', ' '])]).ToHashSet(StringComparer.Ordinal);
        return (samples, [.. source.State.Metadata.Where(family => names.Contains(family.Family))]);
    }

    private static string Write(bool isOpenMetrics = false) =>
        Encoding.UTF8.GetString(
            Output(AnswerFormat.ForMetrics(isOpenMetrics ? "application/openmetrics-text" : null)).Span
        );

    private static ReadOnlyMemory<byte> Output(AnswerFormat format)
    {
        var operations = new StoreOperations();
        operations.Count(OperationClass.BlobWrite);
        var output = new ArrayBufferWriter<byte>();
        OwnMetrics.Write(
            output,
            new OwnMetricsInput
            {
                Version = "1.2.3",
                Process = ProcessFigures.Read(1_700_000_000_000),
                Sources = [new SourceTotals("a\"b", [1, 2, 3, 4], 10, 1, 2, 4096, [5, 0, 6])],
                Log = new LogTotals(5, 1_500_000, 1, 2, 3, 4),
                Operations = operations,
                Head = new HeadTotals(7, 8, 9, 10, 11, 12),
                Config = new ConfigStatus { IsLastReloadSuccessful = false, LastSuccessMs = 1_700_000_000_000 },
                Pools =
                [
                    new ScrapePoolStatus
                    {
                        Name = "j",
                        ActiveCount = 3,
                        DroppedCount = 4,
                        Error = "target_limit",
                    },
                ],
            },
            format
        );
        return output.WrittenMemory;
    }
}
