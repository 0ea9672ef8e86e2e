using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Configuration.Upstream;

/// <summary>Checks <c>remote_write</c> and <c>remote_read</c>.</summary>
internal static class RemoteSections
{
    private static readonly Schema Queue = Schema.Of(
        """
        capacity:integer max_shards:integer min_shards:integer max_samples_per_send:integer
        batch_send_deadline:duration min_backoff:duration max_backoff:duration retry_on_http_429:flag
        sample_age_limit:duration
        """,
        CheckQueue
    );

    private static readonly Schema Write = Schema
        .Of(
            """
            !url:url remote_timeout:duration headers:map write_relabel_configs:other name send_exemplars:flag
            send_native_histograms:flag round_robin_dns:flag failed_request_logging:flag
            protobuf_message=prometheus.WriteRequest|io.prometheus.write.v2.Request @http
            """,
            CheckWrite
        )
        .With("queue_config", Queue)
        .With("metadata_config", Schema.Of("send:flag send_interval:duration max_samples_per_send:integer"))
        .With("sigv4", CloudAuthentication.SigV4)
        .With("azuread", CloudAuthentication.AzureAd)
        .With("google_iam", Schema.Of("credentials_file"));

    private static readonly Schema Read = Schema.Of(
        """
        !url:url remote_timeout:duration chunked_read_limit:integer headers:map read_recent:flag name
        required_matchers:labels filter_external_labels:flag @http
        """,
        section => CheckHeaders(section, "headers")
    );

    /// <summary>The names of fields that hold secrets.</summary>
    public static IEnumerable<string> Secrets => Write.Secrets;

    /// <summary>Checks both sections of a file.</summary>
    public static void Check(Section root, NameValidationScheme scheme)
    {
        foreach (var section in CheckList(root, "remote_write", Write))
        {
            RelabelReader.Read(section, "write_relabel_configs", scheme);
        }
        CheckList(root, "remote_read", Read);
    }

    /// <summary>Reports headers that are not the user's to set.</summary>
    public static void CheckHeaders(Section section, string field)
    {
        foreach (var entry in section.Map(field))
        {
            HeaderReader.CheckReserved(section, entry, $"{field}: {Words.Clean(entry.Key)}");
        }
    }

    private static List<Section> CheckList(Section root, string field, Schema schema)
    {
        var sections = new List<Section>();
        var lineOfName = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var node in root.List(field))
        {
            if (root.Item(node, field, schema.Table) is not { } section)
            {
                continue;
            }
            schema.CheckValues(section);
            sections.Add(section);
            if (section.NonEmptyText("name") is { } name && !lineOfName.TryAdd(name, section.Field("name")!.At.Line))
            {
                var at = section.Field("name")!.At;
                section.Refuse(at, $"name {Words.Quote(name)} is used twice: here and in line {lineOfName[name]}");
            }
        }
        return sections;
    }

    private static void CheckWrite(Section section)
    {
        CheckHeaders(section, "headers");
        HttpClientReader.CheckOneWay(section, "sigv4", "azuread", "google_iam");
    }

    private static void CheckQueue(Section section)
    {
        CheckPositive(section, "capacity", 10_000);
        CheckPositive(section, "max_samples_per_send", 2_000);
        var most = CheckPositive(section, "max_shards", 50);
        var least = CheckPositive(section, "min_shards", 1);
        if (least > most && most > 0)
        {
            var at = (section.Field("min_shards") ?? section.Field("max_shards"))!.At;
            section.Refuse(at, $"min_shards {least} is above max_shards {most}");
        }
        var shortest = DurationOf(section, "min_backoff", TimeSpan.FromMilliseconds(30));
        var longest = DurationOf(section, "max_backoff", TimeSpan.FromSeconds(5));
        if (longest < shortest)
        {
            var at = (section.Field("max_backoff") ?? section.Field("min_backoff"))!.At;
            var (low, high) = (DurationText.Format(shortest), DurationText.Format(longest));
            section.Refuse(at, $"max_backoff {high} is below min_backoff {low}");
        }
    }

    private static long CheckPositive(Section section, string field, long otherwise)
    {
        var number = section.Integer(field) ?? otherwise;
        if (number <= 0)
        {
            section.Refuse(section.Field(field)!.At, $"{field} must be above 0");
        }
        return number;
    }

    /// <summary>Unlike elsewhere, 0 is no default here.</summary>
    public static TimeSpan DurationOf(Section section, string field, TimeSpan otherwise) =>
        section.Text(field) is { } text && DurationText.TryParse(text, out var duration, out _) ? duration : otherwise;
}
