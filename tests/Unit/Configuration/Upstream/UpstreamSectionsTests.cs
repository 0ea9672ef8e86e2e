using Tributary.Configuration.Relabel;
using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Tests.Unit.Configuration.Upstream;

/// <summary>Sections of a file that are checked and not served.</summary>
public sealed class UpstreamSectionsTests
{
    private const string Everything = """
        alerting:
          alert_relabel_configs: [{action: labeldrop, regex: a}]
          alertmanagers:
          - scheme: https
            path_prefix: /p
            timeout: 5s
            api_version: v2
            sigv4: {region: r, access_key: a, secret_key: s, role_arn: x, external_id: e}
            static_configs: [{targets: ['h:9093'], labels: {a: b}}]
            file_sd_configs: [{files: ['a/*.json'], refresh_interval: 1m}]
            http_sd_configs: [{url: 'http://h/sd'}]
            dns_sd_configs: [{names: [a]}]
          - static_configs: [{targets: ['h/path']}]
            relabel_configs: [{target_label: a, replacement: b}]
        rule_files: [a/*.yml, /b.yml]
        storage:
          tsdb:
            out_of_order_time_window: 30m
            stale_series_compaction_threshold: 0.5
            chunk_encoding: {floats: xor2}
            retention: {time: 15d, size: 512MB, percentage: 80.5}
          exemplars: {max_exemplars: -1}
        tracing: {client_type: http, endpoint: 'h:4317', sampling_fraction: 1.0, headers: {a: b}, compression: gzip}
        runtime: {gogc: 75}
        otlp: {promote_resource_attributes: [a, b], translation_strategy: NoTranslation}
        remote_write:
        - url: https://h/write
          name: a
          headers: {X-A: b}
          protobuf_message: io.prometheus.write.v2.Request
          queue_config: {capacity: 1, max_shards: 2, min_shards: 2, max_backoff: 30ms}
          metadata_config: {send: false, send_interval: 2m, max_samples_per_send: 500}
          google_iam: {credentials_file: f}
          write_relabel_configs: [{action: drop, source_labels: [a]}]
        - url: https://h/write
          azuread: {cloud: AzurePublic, sdk: {}}
        remote_read:
        - {url: 'https://h/read', name: a, required_matchers: {a: b}, chunked_read_limit: 100, read_recent: true}
        """;

    /// <summary>A file, and its errors with lines.</summary>
    public static TheoryData<string, string[]> Bad =>
        new()
        {
            {
                "alerting: {alertmanager: []}",
                ["1: alerting: unknown field \"alertmanager\"; did you mean alertmanagers?"]
            },
            {
                "alerting:\n  alertmanagers:\n  - api_version: v1\n  -\n  - url: a",
                [
                    "3: alerting: alertmanagers: api_version \"v1\" must be v2",
                    "4: alerting: alertmanagers has an empty item",
                    "5: alerting: alertmanagers: unknown field \"url\"",
                ]
            },
            {
                "alerting: {alertmanagers: [{static_configs: [{targets: ['http://h']}]}]}",
                [
                    "1: alerting: alertmanagers: static_configs: targets: \"http://h\" is not a host with a port; path and scheme have fields of their own",
                ]
            },
            {
                "alerting: {alertmanagers: [{file_sd_configs: [{files: [a.txt]}], dns_sd_configs: [{}]}]}",
                [
                    "1: alerting: alertmanagers: file_sd_configs: files: \"a.txt\" must end with .json, .yml or .yaml, and have a * only in the name of the file",
                    "1: alerting: alertmanagers: dns_sd_configs: names is missing",
                ]
            },
            {
                "alerting: {alertmanagers: [{basic_auth: {}, sigv4: {access_key: a, external_id: e}}]}",
                [
                    "1: alerting: alertmanagers: basic_auth and sigv4 exclude each other; keep one of them",
                    "1: alerting: alertmanagers: sigv4: access_key and secret_key go together",
                    "1: alerting: alertmanagers: sigv4: external_id needs role_arn beside it",
                ]
            },
            {
                "rule_files: [a/*/b.yml]",
                ["1: rule_files: \"a/*/b.yml\" may have one * only, in the name of the file"]
            },
            {
                "storage: {tsdb: {retention: {size: -1GB, percentage: 101, time: -1h}}}",
                [
                    "1: storage: tsdb: retention: size must not be negative",
                    "1: storage: tsdb: retention: percentage must be between 0 and 100",
                    "1: storage: tsdb: retention: time \"-1h\": not a valid duration; write for example 15s, 1m30s or 500ms",
                ]
            },
            {
                "storage: {tsdb: {chunk_encoding: {floats: XOR2}}}",
                ["1: storage: tsdb: chunk_encoding: floats \"XOR2\" must be xor or xor2"]
            },
            {
                "tracing: {client_type: udp, headers: {Authorization: a}}",
                [
                    "1: tracing: client_type \"udp\" must be http or grpc",
                    "1: tracing: endpoint is missing",
                    "1: tracing: headers: Authorization: this header is reserved and cannot be set",
                ]
            },
            { "runtime: {gogc: off}", ["1: runtime: gogc \"off\" must be a whole number"] },
            {
                "otlp: {ignore_resource_attributes: [a], promote_resource_attributes: [b, ' b ', '']}",
                [
                    "1: otlp: ignore_resource_attributes needs promote_all_resource_attributes: true",
                    "1: otlp: promote_resource_attributes: \"b\" is there twice",
                    "1: otlp: promote_resource_attributes has an empty item",
                ]
            },
            {
                "otlp: {promote_all_resource_attributes: true, promote_resource_attributes: [a]}",
                ["1: otlp: promote_resource_attributes goes without promote_all_resource_attributes: true"]
            },
            {
                "otlp: {translation_strategy: None}",
                [
                    "1: otlp: translation_strategy \"None\" must be NoTranslation, NoUTF8EscapingWithSuffixes, UnderscoreEscapingWithSuffixes or UnderscoreEscapingWithoutSuffixes",
                ]
            },
            {
                "remote_write:\n- name: a\n- {url: 'http://h', name: a}\n-",
                [
                    "2: remote_write: url is missing",
                    "3: remote_write: name \"a\" is used twice: here and in line 2",
                    "4: remote_write has an empty item",
                ]
            },
            {
                "remote_write: [{url: a, headers: {host: b}, protobuf_message: v2}]",
                [
                    "1: remote_write: headers: host: this header is reserved and cannot be set",
                    "1: remote_write: protobuf_message \"v2\" must be prometheus.WriteRequest or io.prometheus.write.v2.Request",
                ]
            },
            {
                "remote_write: [{url: a, sigv4: {}, azuread: {scope: '*'}}]",
                [
                    "1: remote_write: sigv4 and azuread exclude each other; keep one of them",
                    "1: remote_write: azuread: one of managed_identity, workload_identity, oauth, sdk, certificate is missing",
                    "1: remote_write: azuread: scope may have only letters, digits, spaces, and _ : / . -",
                ]
            },
            {
                "remote_write: [{url: a, azuread: {managed_identity: {client_id: b}, sdk: {}}}]",
                [
                    "1: remote_write: azuread: managed_identity and sdk exclude each other; keep one of them",
                    "1: remote_write: azuread: managed_identity: client_id \"b\" is not an identifier (a UUID)",
                ]
            },
            {
                "remote_write: [{url: a, queue_config: {capacity: 0, min_shards: 60, max_backoff: 0s}}]",
                [
                    "1: remote_write: queue_config: capacity must be above 0",
                    "1: remote_write: queue_config: min_shards 60 is above max_shards 50",
                    "1: remote_write: queue_config: max_backoff 0s is below min_backoff 30ms",
                ]
            },
            {
                "remote_read: [{url: a, required_matchers: {'': b}, basic_auth: {}, bearer_token: t}]",
                [
                    "1: remote_read: required_matchers: \"\" is not a valid label name: it is empty",
                    "1: remote_read: basic_auth and bearer_token exclude each other; keep one of them",
                ]
            },
        };

    [Fact]
    public void Everything_IsAcceptedWithAWarningForEachSection()
    {
        var errors = Check(Everything, NameValidationScheme.Utf8);
        errors.ThrowIfAny();
        string[] unserved =
        [
            "otlp",
            "remote_read",
            "storage: exemplars",
            "storage: tsdb: chunk_encoding",
            "storage: tsdb: stale_series_compaction_threshold",
            "tracing",
        ];
        string[] expected =
        [
            "alerting: alertmanagers: sigv4 is checked, but not served: alerts are sent without it",
            .. unserved.Select(section => $"{section} is checked, but not served yet"),
            "runtime is checked, but has no meaning here",
            "storage: tsdb: retention: percentage is not served: a store has no size of its own",
        ];
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            errors.Warnings.Select(warning => warning.Message).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("alerting:\nrule_files: []\nremote_write: []\nremote_read:\notlp: {}")]
    public void EmptySections_AreNothing(string text)
    {
        var errors = Check(text, NameValidationScheme.Utf8);
        errors.ThrowIfAny();
        Assert.Empty(errors.Warnings);
    }

    [Theory]
    [MemberData(nameof(Bad))]
    public void BadSections_AreErrors(string text, string[] expected)
    {
        var exception = Assert.Throws<ConfigException>(Check(text, NameValidationScheme.Utf8).ThrowIfAny);
        Assert.Equal(
            expected.Order(StringComparer.Ordinal),
            exception.Errors.Select(error => $"{error.Line}: {error.Message}").Order(StringComparer.Ordinal)
        );
    }

    [Fact]
    public void NamesOfOtlp_HaveToGoWithTheValidationOfNames()
    {
        var text = "otlp: {translation_strategy: NoTranslation}";
        var exception = Assert.Throws<ConfigException>(Check(text, NameValidationScheme.Legacy).ThrowIfAny);
        var expected = "otlp: translation_strategy NoTranslation does not go with metric_name_validation_scheme legacy";
        Assert.Equal(expected, Assert.Single(exception.Errors).Message);
    }

    private static ErrorList Check(string text, NameValidationScheme scheme)
    {
        var errors = new ErrorList("f");
        UpstreamSections.Check(Section.Open(YamlTree.Read(text, errors)!, "", errors)!, scheme);
        return errors;
    }
}
