namespace Tributary.Benchmarks.Processes;

/// <summary>The metrics that the harness reads, all in this one place.</summary>
internal static class MetricNames
{
    public const string PrometheusSamples = "prometheus_tsdb_head_samples_appended_total";

    /// <summary>Samples written to the log by this process.</summary>
    public const string LogSamples = "tributary_log_samples_total";

    /// <summary>Bytes appended to the log by this process.</summary>
    public const string LogBytes = "tributary_log_bytes_total";

    /// <summary>Requests to the store, by <see cref="OperationClassLabel"/>.</summary>
    public const string StoreOperations = "tributary_store_operations_total";

    public const string OperationClassLabel = "class";

    /// <summary>The class that holds appends.</summary>
    public const string AppendClass = "blob_write";

    /// <summary>Samples that the head holds in memory; shows when a start has decoded the whole log.</summary>
    public const string HeadSamples = "tributary_head_samples_total";

    public const string SourceRequests = "sources_requests_total";

    public const string SourceBytes = "sources_bytes_total";
}
