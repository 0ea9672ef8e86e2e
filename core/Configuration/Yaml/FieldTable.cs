namespace Tributary.Configuration.Yaml;

/// <summary>The fields of one kind of section, in the order in which Prometheus shows them.</summary>
/// <param name="Ordered">Their names.</param>
/// <param name="Names">The same, to look up.</param>
internal sealed record FieldTable(IReadOnlyList<string> Ordered, IReadOnlySet<string> Names)
{
    public static readonly FieldTable Root = Of(
        """
        global runtime alerting rule_files scrape_config_files scrape_configs storage tracing remote_write remote_read
        otlp tributary
        """
    );

    public static readonly FieldTable Global = Of(
        """
        scrape_interval scrape_timeout scrape_protocols evaluation_interval rule_query_offset query_log_file
        scrape_failure_log_file external_labels body_size_limit sample_limit target_limit label_limit
        label_name_length_limit label_value_length_limit keep_dropped_targets metric_name_validation_scheme
        metric_name_escaping_scheme scrape_native_histograms convert_classic_histograms_to_nhcb
        always_scrape_classic_histograms extra_scrape_metrics
        """
    );

    /// <summary>The fields of a job without those of the HTTP client and of discovery.</summary>
    public static readonly FieldTable Scrape = Of(
        """
        job_name honor_labels honor_timestamps track_timestamps_staleness params scrape_interval scrape_timeout
        scrape_protocols fallback_scrape_protocol scrape_native_histograms always_scrape_classic_histograms
        convert_classic_histograms_to_nhcb scrape_failure_log_file metrics_path scheme enable_compression
        body_size_limit sample_limit target_limit label_limit label_name_length_limit label_value_length_limit
        native_histogram_bucket_limit native_histogram_min_bucket_factor keep_dropped_targets
        metric_name_validation_scheme metric_name_escaping_scheme extra_scrape_metrics relabel_configs
        metric_relabel_configs static_configs file_sd_configs http_sd_configs
        """
    );

    /// <summary>A file that <c>scrape_config_files</c> names.</summary>
    public static readonly FieldTable ScrapeFile = Of("scrape_configs");

    public static readonly FieldTable Static = Of("targets labels");

    public static readonly FieldTable FileSd = Of("files refresh_interval");

    public static readonly FieldTable HttpSd = Of("refresh_interval url");

    public static readonly FieldTable Tributary = Of(
        "backfill cost exports federate jobs query remote_write rules storage web"
    );

    public static readonly FieldTable Rules = Of("grace max_catch_up");

    public static readonly FieldTable Storage = Of("retention attached");

    public static readonly FieldTable Attached = Of("name container folder prefix refresh_interval");

    public static readonly FieldTable Retention = Of("time size");

    public static readonly FieldTable Query = Of("max_memory");

    public static readonly FieldTable Federate = Of("metadata");

    public static readonly FieldTable Web = Of(
        "users bearer_tokens tls_server_config enable_admin_api enable_remote_write_receiver"
    );

    public static readonly FieldTable WebTls = Of("cert_file key_file");

    public static readonly FieldTable SecretFile = Of("file") with { HoldsSecrets = true };

    /// <summary>Whether a name that is none of them may be a secret in the wrong place, and is not shown.</summary>
    public bool HoldsSecrets { get; init; }

    /// <summary>The fields of this kind and further ones behind them.</summary>
    public FieldTable With(IEnumerable<string> further) => Of([.. Ordered, .. further]);

    /// <summary>Fields by their names, with white space between them.</summary>
    public static FieldTable Of(params IEnumerable<string> names)
    {
        var ordered = names
            .SelectMany(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
            .ToArray();
        return new FieldTable(ordered, ordered.ToHashSet(StringComparer.Ordinal));
    }
}
