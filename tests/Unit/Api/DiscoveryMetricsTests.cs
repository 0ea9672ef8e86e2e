using System.Buffers;
using System.Text;
using Tributary.Api;

namespace Tributary.Tests.Unit.Api;

public sealed class DiscoveryMetricsTests
{
    [Theory]
    [InlineData("prometheus_sd_discovered_targets{name=\"scrape\",config=\"j\"} 4")]
    [InlineData("prometheus_target_scrape_pool_targets{scrape_job=\"j\"} 2")]
    [InlineData("prometheus_target_scrape_pool_target_limit{scrape_job=\"j\"} 1")]
    [InlineData("prometheus_target_scrape_pool_sync_total{scrape_job=\"j\"} 3")]
    [InlineData("prometheus_target_sync_failed_total{scrape_job=\"j\"} 5")]
    [InlineData("prometheus_target_scrape_pool_exceeded_target_limit_total 6")]
    [InlineData("prometheus_sd_refresh_failures_total{mechanism=\"http\",config=\"j\"} 15")]
    [InlineData("prometheus_sd_refresh_failures_total{mechanism=\"azure\",config=\"j\"} 3")]
    [InlineData("prometheus_sd_http_failures_total 15")]
    [InlineData("prometheus_sd_kubernetes_failures_total 20")]
    [InlineData("prometheus_sd_dns_lookups_total 40")]
    [InlineData("prometheus_sd_dns_lookup_failures_total 30")]
    [InlineData("prometheus_sd_azure_failures_total 3")]
    [InlineData("prometheus_sd_azure_cache_hit_total 50")]
    [InlineData("prometheus_sd_file_read_errors_total 9")]
    [InlineData("prometheus_sd_file_watcher_errors_total 11")]
    [InlineData("prometheus_sd_file_mtime_seconds{filename=\"a.json\"} 12")]
    public void Write_Figures_AreUnderPrometheusNames(string line) =>
        Assert.Contains(
            line,
            Lines(
                new DiscoveryFigures
                {
                    Pools = [new PoolFigures("j", 4, 2, 1, 3, 5, 6)],
                    Discoveries =
                    [
                        new DiscoveryTotals("http", "j", 7),
                        new DiscoveryTotals("http", "j", 8),
                        new DiscoveryTotals("file", "j", 9),
                        new DiscoveryTotals("kubernetes", "j", 20),
                        new DiscoveryTotals("dns", "j", 30) { Lookups = 40 },
                        new DiscoveryTotals("azure", "j", 3) { CacheHits = 50 },
                    ],
                    WatcherErrors = 11,
                    FileWrittenSeconds = new Dictionary<string, double> { ["a.json"] = 12 },
                }
            )
        );

    [Fact]
    public void Write_WithoutDiscoveries_SaysNothingOfThem() =>
        Assert.DoesNotContain(Lines(new DiscoveryFigures()), line => line.Contains("_sd_", StringComparison.Ordinal));

    private static string[] Lines(DiscoveryFigures figures)
    {
        var output = new ArrayBufferWriter<byte>();
        OwnMetrics.Write(
            output,
            new OwnMetricsInput
            {
                Version = "1",
                Process = ProcessFigures.Read(0),
                Discovery = figures,
            }
        );
        return Encoding.UTF8.GetString(output.WrittenSpan).Split('\n');
    }
}
