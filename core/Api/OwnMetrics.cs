using System.Buffers;
using System.Globalization;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Api;

/// <summary>Our own state as metrics: the answer of <c>/metrics</c>.</summary>
/// <remarks>What Prometheus has under a name of its own has that name here, too: dashboards and alerts go by it.</remarks>
public static class OwnMetrics
{
    /// <summary>Writes all families.</summary>
    /// <param name="output">Where the answer goes.</param>
    /// <param name="input">The figures.</param>
    /// <param name="format">The format; null is text format 0.0.4.</param>
    public static void Write(IBufferWriter<byte> output, OwnMetricsInput input, AnswerFormat? format = null)
    {
        MetricsWriter text = format is { IsProtobuf: true }
            ? new ProtobufMetricsWriter(output)
            : new TextFormatWriter(output, format is { IsOpenMetrics: true });
        text.WriteFamily("tributary_build_info", "gauge", "The version of this build; the value is always 1.");
        text.WriteSample("tributary_build_info", 1, new Label("version", input.Version));
        WriteProcess(text, input.Process);
        WriteConfig(text, input.Config);
        WritePools(text, input.Pools);
        WriteSources(text, input.Sources);
        RuleMetrics.Write(text, input.Rules);
        ReceiveMetrics.Write(text, input.Received);
        DiscoveryMetrics.Write(text, input.Discovery);
        NotifierMetrics.Write(text, input.Alertmanagers);
        WriteLog(text, input.Log);
        WriteOperations(text, input.Operations);
        UsageMetrics.Write(text, input.Usage);
        WriteHead(text, input.Head);
        RemoteWriteMetrics.Write(text, input.RemoteWrite);
        Counter(
            text,
            "tributary_batch_conflicts_total",
            "Ticks that more than one batch claimed.",
            input.BatchConflicts
        );
        Gauge(text, "tributary_log_damaged_files", "Recent log files that break the format.", input.DamagedFiles);
        ExportMetrics.Write(text, input.Exports);
        text.WriteFamily("tributary_job_failures_total", "counter", "Runs of jobs that failed.");
        foreach (var (job, count) in input.JobFailures.OrderBy(job => job.Key, StringComparer.Ordinal))
        {
            text.WriteSample("tributary_job_failures_total", count, new Label("job", job));
        }
        text.WriteEnd();
    }

    private static void WriteConfig(MetricsWriter text, ConfigStatus? config)
    {
        if (config is null)
        {
            return;
        }
        Gauge(
            text,
            "prometheus_config_last_reload_successful",
            "Whether the last configuration reload attempt was successful.",
            config.IsLastReloadSuccessful ? 1 : 0
        );
        Gauge(
            text,
            "prometheus_config_last_reload_success_timestamp_seconds",
            "Timestamp of the last successful configuration reload.",
            (config.LastSuccessMs ?? 0) / 1000.0
        );
        Gauge(
            text,
            "tributary_config_warnings",
            "What the configuration in use holds that is not served.",
            config.Warnings.Count
        );
    }

    private static void WritePools(MetricsWriter text, IReadOnlyList<ScrapePoolStatus> pools)
    {
        if (pools.Count == 0)
        {
            return;
        }
        ByPool(
            text,
            pools,
            "tributary_scrape_pool_dropped_targets",
            "Targets that relabelling dropped.",
            pool => pool.DroppedCount
        );
        ByPool(
            text,
            pools,
            "tributary_scrape_pool_rejected_targets",
            "Targets whose labels cannot be scraped.",
            pool => pool.RejectedCount
        );
        ByPool(
            text,
            pools,
            "tributary_scrape_pool_failing",
            "Whether all scrapes of the pool fail, as with a target_limit that is exceeded.",
            pool => pool.Error.Length > 0 ? 1 : 0
        );
    }

    private static void ByPool(
        MetricsWriter text,
        IReadOnlyList<ScrapePoolStatus> pools,
        string name,
        string help,
        Func<ScrapePoolStatus, long> value
    )
    {
        text.WriteFamily(name, "gauge", help);
        foreach (var pool in pools)
        {
            text.WriteSample(name, value(pool), new Label("scrape_job", pool.Name));
        }
    }

    private static void WriteProcess(MetricsWriter text, ProcessFigures process)
    {
        Counter(text, "process_cpu_seconds_total", "Processor time used, user and system.", process.CpuSeconds);
        Gauge(text, "process_resident_memory_bytes", "Resident memory.", process.ResidentBytes);
        Gauge(text, "process_start_time_seconds", "Start of the process since the epoch.", process.StartTimeSeconds);
        Gauge(text, "tributary_managed_heap_bytes", "Managed memory, garbage included.", process.HeapBytes);
        Counter(
            text,
            "tributary_managed_allocated_bytes_total",
            "Managed memory allocated since the start.",
            process.AllocatedBytes
        );
        text.WriteFamily("tributary_gc_collections_total", "counter", "Garbage collections by generation.");
        for (var generation = 0; generation < process.Collections.Count; generation++)
        {
            text.WriteSample(
                "tributary_gc_collections_total",
                process.Collections[generation],
                new Label("generation", generation.ToString(CultureInfo.InvariantCulture))
            );
        }
        Counter(
            text,
            "tributary_gc_pause_seconds_total",
            "Time in which all threads stood still for garbage collections.",
            process.GcPauseSeconds
        );
        Gauge(text, "tributary_pool_threads", "Threads of the thread pool.", process.Threads);
    }

    private static void WriteSources(MetricsWriter text, IReadOnlyList<SourceTotals> sources)
    {
        if (sources.Count == 0)
        {
            return;
        }
        text.WriteFamily("tributary_scrapes_total", "counter", "Scrapes by source and verdict.");
        foreach (var source in sources)
        {
            for (var verdict = 0; verdict < source.Scrapes.Count; verdict++)
            {
                text.WriteSample(
                    "tributary_scrapes_total",
                    source.Scrapes[verdict],
                    new Label("source", source.Source),
                    new Label("verdict", NameOf((Verdict)verdict))
                );
            }
        }
        text.WriteFamily(
            "tributary_scrape_missed_ticks_total",
            "counter",
            "Ticks without a batch, by source and reason; counted at the next scrape."
        );
        foreach (var source in sources)
        {
            for (var reason = 0; reason < source.MissedTicks.Count; reason++)
            {
                text.WriteSample(
                    "tributary_scrape_missed_ticks_total",
                    source.MissedTicks[reason],
                    new Label("source", source.Source),
                    new Label("reason", NameOf((MissReason)reason))
                );
            }
        }
        BySource(text, sources, "tributary_scrape_samples_total", "Samples accepted.", s => s.Samples);
        BySource(
            text,
            sources,
            "tributary_scrape_samples_out_of_bounds_total",
            "Samples dropped because they were too old or too far ahead.",
            s => s.OutOfBounds
        );
        BySource(
            text,
            sources,
            "tributary_scrape_samples_duplicate_total",
            "Samples dropped because the series had one at that timestamp.",
            s => s.Duplicates
        );
        BySource(text, sources, "tributary_scrape_body_bytes_total", "Bytes received, decompressed.", s => s.BodyBytes);
    }

    private static void WriteLog(MetricsWriter text, LogTotals log)
    {
        Counter(text, "tributary_log_appends_total", "Appends to the log that are known to be in.", log.Appends);
        Counter(text, "tributary_log_bytes_total", "Bytes of those appends.", log.Bytes);
        Counter(text, "tributary_log_files_total", "Log files begun.", log.Files);
        Counter(text, "tributary_log_samples_total", "Samples acknowledged.", log.Samples);
        Counter(
            text,
            "tributary_log_append_retries_total",
            "Appends tried again after no or a busy answer.",
            log.Retries
        );
        Counter(text, "tributary_log_lost_places_total", "Files left because their end was lost.", log.LostPlaces);
    }

    private static void WriteOperations(MetricsWriter text, StoreOperations? operations)
    {
        if (operations is null)
        {
            return;
        }
        text.WriteFamily("tributary_store_operations_total", "counter", "Requests to the store, as they are billed.");
        foreach (var operation in Enum.GetValues<OperationClass>())
        {
            text.WriteSample(
                "tributary_store_operations_total",
                operations[operation],
                new Label("class", NameOf(operation))
            );
        }
    }

    private static void WriteHead(MetricsWriter text, HeadTotals head)
    {
        Gauge(text, "tributary_head_series", "Series in the head.", head.Series);
        Gauge(text, "tributary_head_chunks", "Chunks in the head.", head.Chunks);
        Gauge(text, "tributary_head_chunk_bytes", "Bytes of the chunks in the head.", head.Bytes);
        Counter(text, "tributary_head_samples_total", "Samples decoded or taken in.", head.Samples);
        Counter(text, "tributary_head_late_samples_total", "Samples that came after a newer one.", head.Late);
        Counter(text, "tributary_head_sample_conflicts_total", "Samples that met another value.", head.Conflicts);
    }

    private static void BySource(
        MetricsWriter text,
        IReadOnlyList<SourceTotals> sources,
        string name,
        string help,
        Func<SourceTotals, long> value
    )
    {
        text.WriteFamily(name, "counter", help);
        foreach (var source in sources)
        {
            text.WriteSample(name, value(source), new Label("source", source.Source));
        }
    }

    private static void Counter(MetricsWriter text, string name, string help, double value)
    {
        text.WriteFamily(name, "counter", help);
        text.WriteSample(name, value);
    }

    private static void Gauge(MetricsWriter text, string name, string help, double value)
    {
        text.WriteFamily(name, "gauge", help);
        text.WriteSample(name, value);
    }

    private static string NameOf(MissReason reason) =>
        reason switch
        {
            MissReason.NotCollected => "not_collected",
            MissReason.Overrun => "overrun",
            MissReason.NotStored => "not_stored",
            _ => throw new InvalidOperationException($"Unknown reason {reason}."),
        };

    private static string NameOf(Verdict verdict) =>
        verdict switch
        {
            Verdict.Complete => "complete",
            Verdict.Suspect => "suspect",
            Verdict.Partial => "partial",
            _ => "failed",
        };

    internal static string NameOf(OperationClass operation) =>
        operation switch
        {
            OperationClass.BlobWrite => "blob_write",
            OperationClass.BlobList => "blob_list",
            OperationClass.BlobRead => "blob_read",
            OperationClass.BlobDelete => "blob_delete",
            OperationClass.BlobLease => "blob_lease",
            OperationClass.TableWrite => "table_write",
            OperationClass.TableRead => "table_read",
            _ => "create",
        };
}
