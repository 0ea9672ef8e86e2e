using Tributary.Configuration;

namespace Tributary.Tests.Unit.Configuration;

/// <summary>What is valid and not served: a named warning, and an effect that is known.</summary>
public sealed class ConfigWarningTests
{
    [Theory]
    [InlineData("global: {query_log_file: q}", "1:10: global: query_log_file is not served yet")]
    [InlineData("global: {scrape_failure_log_file: q}", "1:10: global: scrape_failure_log_file is not served yet")]
    [InlineData("rule_files: [a.yml]", "1:14: rule_files: \"a.yml\" matches no file")]
    [InlineData(
        "alerting: {alertmanagers: [{consul_sd_configs: [{}]}]}",
        "alerting: alertmanagers: consul_sd_configs is checked, but not served yet: it finds nothing"
    )]
    [InlineData(
        "alerting: {alertmanagers: [{sigv4: {region: a}}]}",
        "alerting: alertmanagers: sigv4 is checked, but not served: alerts are sent without it"
    )]
    [InlineData(
        "remote_write: [{url: 'http://h', sigv4: {}}]",
        "remote_write: sigv4 is checked, but not served: nothing is sent to this destination"
    )]
    [InlineData(
        "remote_write: [{url: 'http://h', google_iam: {credentials_file: f}}]",
        "remote_write: google_iam is checked, but not served: nothing is sent to this destination"
    )]
    [InlineData("remote_write: [{url: h}]", "remote_write: url does not begin with http:// or https://")]
    [InlineData(
        "remote_write: [{url: 'http://h', send_exemplars: true}]",
        "remote_write: send_exemplars is not served"
    )]
    [InlineData("remote_write: [{url: 'http://h', round_robin_dns: true}]", "round_robin_dns is not served")]
    [InlineData(
        "storage: {tsdb: {retention: {percentage: 10}}}",
        "1:30: storage: tsdb: retention: percentage is not served"
    )]
    [InlineData("storage: {exemplars: {max_exemplars: 1}}", "storage: exemplars is checked, but not served yet")]
    public void Read_UnservedSection_IsAWarning(string text, string warning) => AssertWarning(text + "\n", warning);

    [Theory]
    [InlineData(
        "file_sd_configs: [{files: ['a[.json']}]",
        "job \"a\": file_sd_configs: files: \"a[.json\" has a [ without its ], so it matches no file"
    )]
    [InlineData("consul_sd_configs: [{server: h}]", "job \"a\": consul_sd_configs is checked, but not served yet")]
    [InlineData(
        "metrics_path: /federate\n  honor_labels: true",
        "3:17: job \"a\": metrics_path is /federate, and params has no match[]: the source will answer without a series"
    )]
    [InlineData("metrics_path: /p/federate\n  honor_labels: true\n  params: {'match[]': []}", "params has no match[]")]
    [InlineData(
        "authorization: {credentials: 'x${env:SECRET}'}",
        "3:32: job \"a\": authorization: credentials: ${env:NAME} is only filled in where it is the whole value"
    )]
    public void Read_FieldOfAJobThatIsNotAsItLooks_IsAWarning(string field, string warning) =>
        AssertWarning($"scrape_configs:\n- job_name: a\n  {field}\n", warning);

    [Fact]
    public void Read_SecondDocument_IsAWarning() =>
        AssertWarning("global: {}\n---\nglobal: {bad: }\n", "2:1: a second YAML document begins here; it is ignored");

    [Theory]
    [InlineData(
        "u:secret@h:9090",
        "the address has credentials in it; write only host:port; until then it is not scraped"
    )]
    [InlineData("''", "the address is empty; write host:port; until then it is not scraped")]
    [InlineData("h:port", "\"h:port\" is not a valid address; write host:port; until then it is not scraped")]
    [InlineData("a b", "\"a b\" is not a valid address; write host:port; until then it is not scraped")]
    [InlineData("$HOST:1", "\"$HOST:1\" is not a valid address; write host:port; until then it is not scraped")]
    public void Read_UnusableAddress_IsAWarning(string address, string warning) =>
        AssertWarning(
            $"scrape_configs:\n- job_name: a\n  static_configs:\n  - targets: [{address}]\n",
            $"4:15: job \"a\": static_configs: targets: {warning}"
        );

    [Theory]
    [InlineData("__scheme__: ftp", "__scheme__ \"ftp\" must be http or https")]
    [InlineData("__scrape_interval__: x", "__scrape_interval__ \"x\": not a valid duration; write for example 15s")]
    [InlineData("__scrape_timeout__: 0s", "__scrape_timeout__ \"0s\": must not be 0")]
    [InlineData("__scrape_timeout__: 2m", "scrape_timeout 2m is greater than scrape_interval 1m")]
    [InlineData("__scrape_interval__: 5s", "scrape_timeout 10s is greater than scrape_interval 5s")]
    public void Read_LabelThatSpoilsTheScrape_IsAWarning(string label, string warning) =>
        AssertWarning(
            $"scrape_configs:\n- job_name: a\n  static_configs:\n  - labels: {{{label}}}\n",
            $"job \"a\": static_configs: labels: {warning}"
        );

    [Fact]
    public void Read_OtherScheme_IsAWarning() =>
        AssertWarning(
            "scrape_configs:\n- job_name: a\n  scheme: ftp\n",
            "3:11: job \"a\": scheme \"ftp\" must be http or https: its targets cannot be scraped"
        );

    [Theory]
    [InlineData("global: {evaluation_interval: 15s, scrape_native_histograms: false}")]
    [InlineData("rule_files: []\nalerting:\nstorage:\nscrape_configs:\n")]
    [InlineData("global: {rule_query_offset: 1m}")]
    [InlineData("alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}")]
    [InlineData("storage: {tsdb: {out_of_order_time_window: 1h}}")]
    [InlineData("storage: {tsdb: {retention: {time: 1d, size: 1GB}}}")]
    [InlineData("tributary: {storage: {retention: {time: 1d, size: 1GB}}}")]
    [InlineData("scrape_configs: [{job_name: a, consul_sd_configs: []}]")]
    [InlineData("scrape_configs: [{job_name: a, kubernetes_sd_configs: [{role: pod}]}]")]
    [InlineData("scrape_configs: [{job_name: a, dns_sd_configs: [{names: [a]}]}]")]
    [InlineData(
        "scrape_configs: [{job_name: a, honor_labels: true, metrics_path: /federate, params: {'match[]': ['{a=\"b\"}']}}]"
    )]
    [InlineData(
        "scrape_configs: [{job_name: a, honor_labels: true, metrics_path: /federate, file_sd_configs: [{files: [a.yml]}]}]"
    )]
    public void Read_NothingUnserved_HasNoWarning(string text) => Assert.Empty(ConfigReader.Read(text, "f").Warnings);

    [Fact]
    public void Read_Protobuf_IsAskedForWhereSaidOrNeeded()
    {
        var jobs = ConfigReader
            .Read(
                """
                global: {scrape_protocols: [PrometheusProto, PrometheusText0.0.4]}
                scrape_configs:
                - job_name: a
                - job_name: b
                  scrape_protocols: [PrometheusProto]
                  fallback_scrape_protocol: PrometheusProto
                - job_name: c
                  scrape_protocols: [OpenMetricsText1.0.0]
                  fallback_scrape_protocol: PrometheusText1.0.0
                  scrape_native_histograms: true
                """,
                "f"
            )
            .ScrapeConfigs;
        Assert.Equal([ScrapeProtocol.PrometheusProto, ScrapeProtocol.PrometheusText0_0_4], jobs[0].ScrapeProtocols);
        Assert.Equal([ScrapeProtocol.PrometheusProto], jobs[1].ScrapeProtocols);
        Assert.Equal(ScrapeProtocol.PrometheusProto, jobs[1].FallbackScrapeProtocol);
        Assert.Equal([ScrapeProtocol.OpenMetricsText1_0_0], jobs[2].ScrapeProtocols);
        Assert.Equal(ScrapeProtocol.PrometheusText1_0_0, jobs[2].FallbackScrapeProtocol);
    }

    [Fact]
    public void Read_NativeHistograms_AreAskedForInProtobuf()
    {
        var jobs = ConfigReader
            .Read(
                """
                global: {scrape_native_histograms: true, always_scrape_classic_histograms: true}
                scrape_configs:
                - job_name: a
                  native_histogram_bucket_limit: 160
                  native_histogram_min_bucket_factor: 1.1
                - job_name: b
                  scrape_native_histograms: false
                """,
                "f"
            )
            .ScrapeConfigs;
        Assert.Equal(ScrapeConfig.NativeScrapeProtocols, jobs[0].ScrapeProtocols);
        Assert.Equal(
            new HistogramConfig
            {
                IsScraped = true,
                AlwaysScrapesClassic = true,
                BucketLimit = 160,
                MinBucketFactor = 1.1,
            },
            jobs[0].NativeHistograms
        );
        Assert.Equal(ScrapeConfig.DefaultScrapeProtocols, jobs[1].ScrapeProtocols);
        Assert.False(jobs[1].NativeHistograms.IsScraped);
    }

    [Theory]
    [InlineData("global: {}", 6 * 60)]
    [InlineData("storage: {tsdb: {out_of_order_time_window: 30m}}", 30)]
    [InlineData("storage: {tsdb: {out_of_order_time_window: 0s}}", 0)]
    [InlineData("storage: {tsdb: {}}", 6 * 60)]
    public void Read_TimeWindow_IsOursUnlessSaid(string text, int minutes) =>
        Assert.Equal(minutes, ConfigReader.Read(text, "f").OutOfOrderTimeWindow.TotalMinutes);

    [Theory]
    [InlineData("global: {}", 15, 0)]
    [InlineData("storage: {tsdb: {retention: {time: 30d}}}", 30, 0)]
    [InlineData("storage: {tsdb: {retention: {size: 2MB}}}", null, 2 << 20)]
    [InlineData("storage: {tsdb: {retention: {time: 0s, size: 2MB}}}", null, 2 << 20)]
    [InlineData("storage: {tsdb: {retention: {time: 0s}}}", 15, 0)]
    [InlineData("storage: {tsdb: {retention: {time: 3d, size: 2MB}}}", 3, 2 << 20)]
    [InlineData(
        "storage: {tsdb: {retention: {time: 3d}}}\ntributary: {storage: {retention: {time: 2d, size: 1KB}}}",
        2,
        1 << 10
    )]
    public void Read_Retention_IsPrometheusUnlessOursIsSaid(string text, int? days, int bytes)
    {
        var storage = ConfigReader.Read(text, "f").Storage;
        Assert.Equal(days, storage.RetentionTime?.TotalDays);
        Assert.Equal(bytes, storage.RetentionBytes ?? 0);
    }

    private static void AssertWarning(string text, string warning) =>
        Assert.Contains(
            warning,
            Assert.Single(ConfigReader.Read(text, "f").Warnings).ToString(),
            StringComparison.Ordinal
        );
}
