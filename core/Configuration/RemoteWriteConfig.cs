using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;

namespace Tributary.Configuration;

/// <summary>One destination of <c>remote_write</c>.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#remote_write</remarks>
/// <param name="Name">The name; when the file gives none, one that follows from the address.</param>
/// <param name="Url">Where samples are sent; it may hold credentials, so it is never shown whole.</param>
public sealed record RemoteWriteConfig(string Name, Uri Url)
{
    /// <summary>
    /// What its cursor is called: it follows from the name, or else from the address, so that no other setting makes a new
    /// destination of it.
    /// </summary>
    public string Key { get; init; } = Name;

    /// <summary>The limit of one request.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Further headers of every request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>What becomes of series, behind the external labels.</summary>
    public IReadOnlyList<RelabelConfig> RelabelConfigs { get; init; } = [];

    /// <summary>Whether native histograms are sent.</summary>
    public bool SendNativeHistograms { get; init; }

    /// <summary>Whether the message of 2.0 is spoken, as long as the destination takes it.</summary>
    public bool UsesVersion2 { get; init; }

    /// <summary>Requests at once, their sizes, and pauses between tries.</summary>
    public WriteQueueConfig Queue { get; init; } = new();

    /// <summary>What is told of metric families.</summary>
    public WriteMetadataConfig Metadata { get; init; } = new();

    /// <summary>How the destination is asked.</summary>
    public HttpClientConfig Http { get; init; } = HttpClientConfig.Default;
}

/// <summary>The section <c>queue_config</c>.</summary>
public sealed record WriteQueueConfig
{
    /// <summary>Samples that one shard holds at most while they are sent.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>The most requests at once.</summary>
    public int MaxShards { get; init; } = 50;

    /// <summary>So many requests at once also when few would do.</summary>
    public int MinShards { get; init; } = 1;

    /// <summary>The most samples of a request.</summary>
    public int MaxSamplesPerSend { get; init; } = 2_000;

    /// <summary>How long samples wait at most for others to be sent with.</summary>
    public TimeSpan BatchSendDeadline { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The first pause before a request is tried again.</summary>
    public TimeSpan MinBackoff { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>The longest pause; each is twice the one before.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether a request is tried again after 429 (too many requests).</summary>
    public bool RetryOnTooMany { get; init; }

    /// <summary>Older samples are not sent; null sends all.</summary>
    public TimeSpan? SampleAgeLimit { get; init; }
}

/// <summary>The section <c>metadata_config</c>.</summary>
public sealed record WriteMetadataConfig
{
    /// <summary>Whether metadata is sent. With the message of 2.0 it comes with the series.</summary>
    public bool IsSent { get; init; } = true;

    /// <summary>How often.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The most families of a request.</summary>
    public int MaxPerSend { get; init; } = 2_000;
}
