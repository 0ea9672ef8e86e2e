using System.Text.RegularExpressions;
using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration.Upstream;

/// <summary>Checks the sections of a file that are not served, as Prometheus does when it starts, and warns of each.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/</remarks>
internal static partial class UpstreamSections
{
    private static readonly Schema Alerting = Schema.Of("alert_relabel_configs:other alertmanagers:other");

    private static readonly Schema Alertmanager = Schema
        .Of(
            """
            scheme path_prefix timeout:duration api_version=v2 relabel_configs:other alert_relabel_configs:other @http
            """,
            CheckAlertmanager
        )
        .With("sigv4", CloudAuthentication.SigV4)
        .WithOthers(UpstreamDiscovery.AllFields);

    private static readonly Schema Storage = Schema
        .Of("")
        .With(
            "tsdb",
            Schema
                .Of("out_of_order_time_window:duration stale_series_compaction_threshold:number")
                .With("chunk_encoding", Schema.Of("floats=|xor|xor2"))
                .With("retention", Schema.Of("time:duration size:size percentage:number", CheckRetention))
        )
        .With("exemplars", Schema.Of("max_exemplars:integer"));

    private static readonly Schema Tracing = Schema.Of(
        """
        client_type=http|grpc !endpoint sampling_fraction:number insecure:flag headers:map compression=|gzip
        timeout:duration @tls
        """,
        section => RemoteSections.CheckHeaders(section, "headers")
    );

    private static readonly Schema Runtime = Schema.Of("gogc:integer");

    private static readonly Schema Otlp = Schema.Of(
        """
        promote_all_resource_attributes:flag promote_resource_attributes:texts ignore_resource_attributes:texts
        translation_strategy=|NoTranslation|NoUTF8EscapingWithSuffixes|UnderscoreEscapingWithSuffixes|UnderscoreEscapingWithoutSuffixes
        keep_identifying_resource_attributes:flag convert_histograms_to_nhcb:flag promote_scope_metadata:flag
        label_name_underscore_sanitization:flag label_name_preserve_multiple_underscores:flag
        """,
        CheckAttributes
    );

    /// <summary>The names of fields that hold secrets.</summary>
    public static IEnumerable<string> Secrets => [.. Alertmanager.Secrets, .. RemoteSections.Secrets];

    /// <summary>Checks the sections of a whole file, apart from those that are served.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="scheme">Which names metrics and labels may have.</param>
    public static void Check(Section root, NameValidationScheme scheme)
    {
        CheckRuleFiles(root);
        CheckAlerting(root, scheme);
        CheckSection(root, "storage", Storage);
        CheckSection(root, "tracing", Tracing);
        CheckSection(root, "runtime", Runtime);
        CheckOtlp(root, scheme);
        RemoteSections.Check(root, scheme);
        Warn(root);
    }

    private static void Warn(Section root)
    {
        foreach (var field in (string[])["otlp", "remote_read", "tracing"])
        {
            WarnOf(root, field, "is checked, but not served yet");
        }
        WarnOf(root, "runtime", "is checked, but has no meaning here");
        if (root.Field("storage") is not YamlMapping)
        {
            return;
        }
        var storage = Section.Open(root.Field("storage")!, "storage", root.Errors)!;
        WarnOf(storage, "exemplars", "is checked, but not served yet");
        foreach (var entry in storage.Field("tsdb") is YamlMapping tsdb ? tsdb.Entries : [])
        {
            if (entry.Key is "retention")
            {
                WarnOfPercentage(storage, entry);
            }
            else if (entry.Key is not "out_of_order_time_window")
            {
                storage.Warn(entry.KeyAt, $"tsdb: {Words.Clean(entry.Key)} is checked, but not served yet");
            }
        }
    }

    private static void WarnOfPercentage(Section storage, YamlEntry retention)
    {
        if (retention.Value is YamlMapping mapping && mapping.Find("percentage") is { } percentage)
        {
            storage.Warn(percentage.KeyAt, "tsdb: retention: percentage is not served: a store has no size of its own");
        }
    }

    private static void WarnOf(Section section, string field, string problem)
    {
        if (
            section.Field(field)
            is { } node
                and not (YamlSequence { Items.Count: 0 } or YamlMapping { Entries.Count: 0 })
        )
        {
            section.Warn(node.At, $"{field} {problem}");
        }
    }

    private static Section? CheckSection(Section root, string field, Schema schema)
    {
        var section = root.Child(field, schema.Table);
        if (section is not null)
        {
            schema.CheckValues(section);
        }
        return section;
    }

    private static void CheckRuleFiles(Section root)
    {
        foreach (var (path, at) in root.Texts("rule_files"))
        {
            if (!PathPattern().IsMatch(path))
            {
                root.Refuse(at, $"rule_files: {Words.Quote(path)} may have one * only, in the name of the file");
            }
        }
    }

    private static void CheckAlerting(Section root, NameValidationScheme scheme)
    {
        if (CheckSection(root, "alerting", Alerting) is not { } alerting)
        {
            return;
        }
        RelabelReader.Read(alerting, "alert_relabel_configs", scheme);
        foreach (var node in alerting.List("alertmanagers"))
        {
            if (alerting.Item(node, "alertmanagers", Alertmanager.Table) is { } section)
            {
                Alertmanager.CheckValues(section);
                UpstreamDiscovery.CheckAll(section);
                WarnOf(section, "sigv4", "is checked, but not served: alerts are sent without it");
                RelabelReader.Read(section, "alert_relabel_configs", scheme);
                RelabelReader.Read(section, "relabel_configs", scheme);
            }
        }
    }

    private static void CheckAlertmanager(Section section)
    {
        HttpClientReader.CheckOneWay(section, "sigv4");
        if (section.List("relabel_configs").Count > 0)
        {
            return;
        }
        // Rules may cut a path off; without them, a target is an address.
        foreach (var group in section.List("static_configs").OfType<YamlMapping>())
        {
            foreach (var target in (group.Find("targets")?.Value as YamlSequence)?.Items.OfType<YamlScalar>() ?? [])
            {
                if (target.Text.Contains('/', StringComparison.Ordinal))
                {
                    var problem = "is not a host with a port; path and scheme have fields of their own";
                    section.Refuse(target.At, $"static_configs: targets: {Words.Quote(target.Text)} {problem}");
                }
            }
        }
    }

    private static void CheckRetention(Section section)
    {
        if (section.Text("size") is { } size && size.StartsWith('-'))
        {
            section.Refuse(section.Field("size")!.At, "size must not be negative");
        }
        if (section.Number("percentage") is not (null or >= 0 and <= 100))
        {
            section.Refuse(section.Field("percentage")!.At, "percentage must be between 0 and 100");
        }
    }

    private static void CheckOtlp(Section root, NameValidationScheme scheme)
    {
        var strategy = CheckSection(root, "otlp", Otlp)?.Text("translation_strategy");
        if (scheme == NameValidationScheme.Legacy && strategy is "NoTranslation" or "NoUTF8EscapingWithSuffixes")
        {
            var otlp = (YamlMapping)root.Field("otlp")!;
            var at = otlp.Find("translation_strategy")!.Value.At;
            root.Refuse(
                at,
                $"otlp: translation_strategy {strategy} does not go with metric_name_validation_scheme legacy"
            );
        }
    }

    private static void CheckAttributes(Section section)
    {
        var all = section.Flag("promote_all_resource_attributes", false);
        var (used, other) = all
            ? ("ignore_resource_attributes", "promote_resource_attributes")
            : ("promote_resource_attributes", "ignore_resource_attributes");
        if (section.List(other).Count > 0)
        {
            var with = all ? "goes without" : "needs";
            section.Refuse(section.Field(other)!.At, $"{other} {with} promote_all_resource_attributes: true");
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (text, at) in section.Texts(used))
        {
            var name = text.Trim();
            if (name.Length == 0)
            {
                section.Refuse(at, $"{used} has an empty item");
            }
            else if (!seen.Add(name))
            {
                section.Refuse(at, $"{used}: {Words.Quote(name)} is there twice");
            }
        }
    }

    [GeneratedRegex(@"^[^*]*(\*[^/]*)?\z", RegexOptions.NonBacktracking)]
    private static partial Regex PathPattern();
}
