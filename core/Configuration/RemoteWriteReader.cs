using System.Security.Cryptography;
using System.Text;
using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads <c>remote_write</c>, whose fields are checked elsewhere, and <c>tributary.remote_write</c>.</summary>
internal static class RemoteWriteReader
{
    /// <summary>Log files that a destination has not taken are kept for so long.</summary>
    public static readonly TimeSpan DefaultMaxAge = TimeSpan.FromHours(24);

    private const string Field = "remote_write";
    private const string NotSent = "is checked, but not served: nothing is sent to this destination";
    private const int KeyDigits = 32;
    private const int NameDigits = 6;

    private static readonly FieldTable OurFields = FieldTable.Of("max_age");

    /// <summary>The destinations that are served; of the others there is a warning.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="scheme">Which names metrics and labels may have.</param>
    public static IReadOnlyList<RemoteWriteConfig> ReadAll(Section root, NameValidationScheme scheme)
    {
        var configs = new List<RemoteWriteConfig>();
        var sections = (root.Field(Field) as YamlSequence)?.Items.OfType<YamlMapping>() ?? [];
        var addresses = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var section in sections.Select(item => new Section(item, Field, root.Errors)))
        {
            if (section.NonEmptyText("url") is not { } address || !WarnOf(section))
            {
                continue;
            }
            if (!Uri.TryCreate(address, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                section.Warn(
                    section.Field("url")!.At,
                    "url does not begin with http:// or https://: nothing is sent to this destination"
                );
                continue;
            }
            var name = section.NonEmptyText("name");
            var count = addresses[url.OriginalString] = addresses.GetValueOrDefault(url.OriginalString) + 1;
            var hash = HashOf(name is null ? $"url\n{url.OriginalString}\n{count}" : $"name\n{name}");
            configs.Add(Read(section, new RemoteWriteConfig(name ?? hash[..NameDigits], url) { Key = hash }, scheme));
        }
        return configs;
    }

    /// <summary>How long log files wait for destinations.</summary>
    public static TimeSpan ReadMaxAge(Section root) =>
        root.Field("tributary") is YamlMapping tributary
        && new Section(tributary, "tributary", root.Errors).Child(Field, OurFields) is { } section
            ? section.Duration("max_age") ?? DefaultMaxAge
            : DefaultMaxAge;

    private static RemoteWriteConfig Read(Section section, RemoteWriteConfig config, NameValidationScheme scheme) =>
        config with
        {
            Timeout = section.Duration("remote_timeout") ?? config.Timeout,
            Headers = section
                .Map("headers")
                .GroupBy(entry => entry.Key, StringComparer.OrdinalIgnoreCase)
                .ToDictionary(
                    group => group.Key,
                    group => section.TextOf(group.Last().Value, "headers") ?? "",
                    StringComparer.OrdinalIgnoreCase
                ),
            RelabelConfigs = RelabelReader.Read(section, "write_relabel_configs", scheme),
            SendNativeHistograms = section.Flag("send_native_histograms", false),
            UsesVersion2 = section.Text("protobuf_message") is "io.prometheus.write.v2.Request",
            Queue = Below(section, "queue_config") is { } queue ? ReadQueue(queue) : config.Queue,
            Metadata = Below(section, "metadata_config") is { } metadata ? ReadMetadata(metadata) : config.Metadata,
            Http = HttpClientReader.Read(section, HttpClientConfig.Default with { EnableHttp2 = false }) with
            {
                AzureAd = AzureAdReader.Read(section),
            },
        };

    private static WriteQueueConfig ReadQueue(Section section)
    {
        var defaults = new WriteQueueConfig();
        var most = Number(section, "max_shards", defaults.MaxShards);
        return new WriteQueueConfig
        {
            Capacity = Number(section, "capacity", defaults.Capacity),
            MaxShards = most,
            MinShards = Math.Min(most, Number(section, "min_shards", defaults.MinShards)),
            MaxSamplesPerSend = Number(section, "max_samples_per_send", defaults.MaxSamplesPerSend),
            BatchSendDeadline = section.Duration("batch_send_deadline") ?? defaults.BatchSendDeadline,
            MinBackoff = RemoteSections.DurationOf(section, "min_backoff", defaults.MinBackoff),
            MaxBackoff = RemoteSections.DurationOf(section, "max_backoff", defaults.MaxBackoff),
            RetryOnTooMany = section.Flag("retry_on_http_429", false),
            SampleAgeLimit = section.Duration("sample_age_limit"),
        };
    }

    private static WriteMetadataConfig ReadMetadata(Section section)
    {
        var defaults = new WriteMetadataConfig();
        return new WriteMetadataConfig
        {
            IsSent = section.Flag("send", true),
            Interval = section.Duration("send_interval") ?? defaults.Interval,
            MaxPerSend = Number(section, "max_samples_per_send", defaults.MaxPerSend),
        };
    }

    private static Section? Below(Section section, string field) =>
        section.Field(field) is YamlMapping mapping ? new Section(mapping, section.Below(field), section.Errors) : null;

    private static int Number(Section section, string field, int otherwise) =>
        section.Integer(field) is { } number and > 0 ? (int)Math.Min(number, int.MaxValue) : otherwise;

    /// <summary>Warns of what is not served. False: without it nothing can be sent.</summary>
    private static bool WarnOf(Section section)
    {
        foreach (var field in (ReadOnlySpan<string>)["sigv4", "google_iam"])
        {
            if (section.Field(field) is { } node)
            {
                section.Warn(node.At, $"{field} {NotSent}");
                return false;
            }
        }
        if (section.Flag("send_exemplars", false))
        {
            section.Warn(section.Field("send_exemplars")!.At, "send_exemplars is not served: no exemplars are kept");
        }
        if (section.Flag("round_robin_dns", false))
        {
            section.Warn(
                section.Field("round_robin_dns")!.At,
                "round_robin_dns is not served: connections go to the addresses in the resolver's order"
            );
        }
        return true;
    }

    private static string HashOf(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..KeyDigits];
}
