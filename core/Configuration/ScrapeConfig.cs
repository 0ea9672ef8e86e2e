using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;

namespace Tributary.Configuration;

/// <summary>A job: sources that are scraped alike.</summary>
public sealed record ScrapeConfig
{
    /// <summary>The unique name, and the default of the label <c>job</c>.</summary>
    public required string JobName { get; init; }

    /// <summary>The time between two scrapes; not zero.</summary>
    public TimeSpan ScrapeInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The limit of one scrape; not zero and not above <see cref="ScrapeInterval"/>.</summary>
    public TimeSpan ScrapeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The path of the URL, unescaped.</summary>
    public string MetricsPath { get; init; } = "/metrics";

    /// <summary><c>http</c> or <c>https</c>.</summary>
    public string Scheme { get; init; } = "http";

    /// <summary>The URL's parameters, in the order of the file.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Params { get; init; } =
        new OrderedDictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether a series' own label wins over the target's label of the same name.</summary>
    public bool HonorLabels { get; init; }

    /// <summary>Whether timestamps in the body count.</summary>
    public bool HonorTimestamps { get; init; } = true;

    /// <summary>Whether series with explicit timestamps get staleness markers; null leaves it to the kind of target.</summary>
    public bool? TrackTimestampsStaleness { get; init; }

    /// <summary>Whether answers may be compressed.</summary>
    public bool EnableCompression { get; init; } = true;

    /// <summary>The formats to ask for, the best first; not empty.</summary>
    public IReadOnlyList<ScrapeProtocol> ScrapeProtocols { get; init; } = DefaultScrapeProtocols;

    /// <summary>What an answer without a usable content type is read as; null fails the scrape.</summary>
    public ScrapeProtocol? FallbackScrapeProtocol { get; init; }

    /// <summary>Which names metrics and labels may have.</summary>
    public NameValidationScheme NameValidation { get; init; } = NameValidationScheme.Utf8;

    /// <summary>How names that are not legacy ones are to be written.</summary>
    public NameEscapingScheme NameEscaping { get; init; } = NameEscapingScheme.AllowUtf8;

    /// <summary>Whether report series about timeout, sample limit and body size are written, too.</summary>
    public bool ExtraScrapeMetrics { get; init; }

    /// <summary>What becomes of histograms.</summary>
    public HistogramConfig NativeHistograms { get; init; } = new();

    /// <summary>What a source may send.</summary>
    public ScrapeConfigLimits Limits { get; init; } = new();

    /// <summary>What <c>tributary.jobs</c> says of the job.</summary>
    public SourceConfig Source { get; init; } = SourceConfig.Default;

    /// <summary>How targets are asked.</summary>
    public HttpClientConfig Http { get; init; } = HttpClientConfig.Default;

    /// <summary>Rules over the labels of targets, before a scrape.</summary>
    public IReadOnlyList<RelabelConfig> RelabelConfigs { get; init; } = [];

    /// <summary>Rules over the labels of samples, after a scrape.</summary>
    public IReadOnlyList<RelabelConfig> MetricRelabelConfigs { get; init; } = [];

    /// <summary>Targets in the configuration.</summary>
    public IReadOnlyList<StaticConfig> StaticConfigs { get; init; } = [];

    /// <summary>Targets in files.</summary>
    public IReadOnlyList<FileSdConfig> FileSdConfigs { get; init; } = [];

    /// <summary>Targets from web servers.</summary>
    public IReadOnlyList<HttpSdConfig> HttpSdConfigs { get; init; } = [];

    /// <summary>Targets that Kubernetes knows of.</summary>
    public IReadOnlyList<KubernetesSdConfig> KubernetesSdConfigs { get; init; } = [];

    /// <summary>Targets that the DNS knows of.</summary>
    public IReadOnlyList<DnsSdConfig> DnsSdConfigs { get; init; } = [];

    /// <summary>Targets that Azure knows of.</summary>
    public IReadOnlyList<AzureSdConfig> AzureSdConfigs { get; init; } = [];

    /// <summary>The job as YAML with defaults filled in and secrets shown as <c>&lt;secret&gt;</c>.</summary>
    public string EffectiveYaml { get; init; } = "";

    /// <summary>What Prometheus asks for where nothing is said.</summary>
    public static IReadOnlyList<ScrapeProtocol> DefaultScrapeProtocols { get; } =
    [
        ScrapeProtocol.OpenMetricsText1_0_0,
        ScrapeProtocol.OpenMetricsText0_0_1,
        ScrapeProtocol.PrometheusText1_0_0,
        ScrapeProtocol.PrometheusText0_0_4,
    ];

    /// <summary>The same where native histograms are wanted: only protobuf has them.</summary>
    public static IReadOnlyList<ScrapeProtocol> NativeScrapeProtocols { get; } =
    [ScrapeProtocol.PrometheusProto, .. DefaultScrapeProtocols];
}

/// <summary>The limits of one job, as Prometheus has them; 0 is none.</summary>
public sealed record ScrapeConfigLimits
{
    /// <summary>Samples of a body after relabelling; more fail the scrape.</summary>
    public long SampleLimit { get; init; }

    /// <summary>Targets of the job after relabelling; more mark all of them as failed.</summary>
    public long TargetLimit { get; init; }

    /// <summary>Labels of a series after relabelling; more fail the scrape.</summary>
    public long LabelLimit { get; init; }

    /// <summary>Bytes of a label's name; more fail the scrape.</summary>
    public long LabelNameLengthLimit { get; init; }

    /// <summary>Bytes of a label's value; more fail the scrape.</summary>
    public long LabelValueLengthLimit { get; init; }

    /// <summary>Bytes of a body after decompression; more fail the scrape.</summary>
    public long BodySizeLimit { get; init; }

    /// <summary>Dropped targets whose labels are kept for the API.</summary>
    public long KeepDroppedTargets { get; init; }
}
