using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>The figures of discovery, under Prometheus' own names.</summary>
internal static class DiscoveryMetrics
{
    public static void Write(MetricsWriter text, DiscoveryFigures figures)
    {
        WritePools(text, figures.Pools);
        WriteRefreshes(text, figures.Discoveries);
        WriteKinds(text, figures.Discoveries);
        WriteFiles(text, figures);
    }

    /// <summary>Refreshes of the kinds that find all targets or none.</summary>
    private static void WriteRefreshes(MetricsWriter text, IReadOnlyList<DiscoveryTotals> all)
    {
        var refreshed = all.Where(discovery => discovery.Mechanism is "http" or "azure")
            .GroupBy(discovery => (discovery.Mechanism, discovery.Job))
            .ToList();
        if (refreshed.Count == 0)
        {
            return;
        }
        const string failures = "prometheus_sd_refresh_failures_total";
        text.WriteFamily(failures, "counter", "Refreshes of a discovery that failed.");
        foreach (var job in refreshed)
        {
            text.WriteSample(
                failures,
                job.Sum(discovery => discovery.Failures),
                new Label("mechanism", job.Key.Mechanism),
                new Label("config", job.Key.Job)
            );
        }
    }

    /// <summary>What each kind has of its own.</summary>
    private static void WriteKinds(MetricsWriter text, IReadOnlyList<DiscoveryTotals> all)
    {
        Sum("http", "http_failures_total", "HTTP discovery: refreshes that failed.", d => d.Failures);
        Sum("kubernetes", "kubernetes_failures_total", "Kubernetes discovery: lists that failed.", d => d.Failures);
        Sum("dns", "dns_lookups_total", "DNS discovery: names that were looked up.", d => d.Lookups);
        Sum("dns", "dns_lookup_failures_total", "DNS discovery: lookups that failed.", d => d.Failures);
        Sum("azure", "azure_failures_total", "Azure discovery: refreshes that failed.", d => d.Failures);
        Sum("azure", "azure_cache_hit_total", "Azure discovery: interfaces not asked for again.", d => d.CacheHits);

        void Sum(string mechanism, string name, string help, Func<DiscoveryTotals, long> value)
        {
            var some = all.Where(discovery => discovery.Mechanism == mechanism).ToList();
            if (some.Count > 0)
            {
                text.WriteFamily("prometheus_sd_" + name, "counter", help);
                text.WriteSample("prometheus_sd_" + name, some.Sum(value));
            }
        }
    }

    private static void WritePools(MetricsWriter text, IReadOnlyList<PoolFigures> pools)
    {
        if (pools.Count == 0)
        {
            return;
        }
        text.WriteFamily("prometheus_sd_discovered_targets", "gauge", "Targets before relabelling.");
        foreach (var pool in pools)
        {
            var labels = new[] { new Label("name", "scrape"), new Label("config", pool.Name) };
            text.WriteSample("prometheus_sd_discovered_targets", pool.Discovered, labels);
        }
        ByPool("prometheus_target_scrape_pool_targets", "gauge", "Targets of a job that are scraped.", p => p.Active);
        ByPool("prometheus_target_scrape_pool_target_limit", "gauge", "The most targets; 0 is no limit.", p => p.Limit);
        ByPool("prometheus_target_scrape_pool_sync_total", "counter", "How often targets were set.", p => p.Syncs);
        ByPool("prometheus_target_sync_failed_total", "counter", "Targets that were not usable.", p => p.Failed);
        const string exceeded = "prometheus_target_scrape_pool_exceeded_target_limit_total";
        text.WriteFamily(exceeded, "counter", "How often a job had more targets than its limit.");
        text.WriteSample(exceeded, pools.Sum(pool => pool.Exceeded));

        void ByPool(string name, string type, string help, Func<PoolFigures, long> value)
        {
            text.WriteFamily(name, type, help);
            foreach (var pool in pools)
            {
                text.WriteSample(name, value(pool), new Label("scrape_job", pool.Name));
            }
        }
    }

    private static void WriteFiles(MetricsWriter text, DiscoveryFigures figures)
    {
        var files = figures.Discoveries.Where(discovery => discovery.Mechanism is "file").ToList();
        if (files.Count == 0)
        {
            return;
        }
        text.WriteFamily("prometheus_sd_file_read_errors_total", "counter", "Files of targets that could not be read.");
        text.WriteSample("prometheus_sd_file_read_errors_total", files.Sum(discovery => discovery.Failures));
        text.WriteFamily("prometheus_sd_file_watcher_errors_total", "counter", "Failures to watch folders of targets.");
        text.WriteSample("prometheus_sd_file_watcher_errors_total", figures.WatcherErrors);
        text.WriteFamily("prometheus_sd_file_mtime_seconds", "gauge", "When a file of targets was written last.");
        foreach (var (file, seconds) in figures.FileWrittenSeconds.OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            text.WriteSample("prometheus_sd_file_mtime_seconds", seconds, new Label("filename", file));
        }
    }
}
