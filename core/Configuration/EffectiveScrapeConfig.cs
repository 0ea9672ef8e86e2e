using System.Globalization;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>Jobs and <c>global</c> as <c>/api/v1/status/config</c> shows them: Prometheus' order, defaults filled in.</summary>
internal static class EffectiveScrapeConfig
{
    private static readonly RelabelConfig DefaultRule = new();

    /// <summary>The section <c>global</c>.</summary>
    /// <param name="global">What is in effect.</param>
    /// <param name="queryLogFile">The path as it is written; null without one.</param>
    public static YamlMapping OfGlobal(GlobalConfig global, string? queryLogFile)
    {
        var output = new YamlBuilder()
            .Add("scrape_interval", DurationText.Format(global.ScrapeInterval))
            .Add("scrape_timeout", DurationText.Format(global.ScrapeTimeout))
            .AddList("scrape_protocols", [.. (global.ScrapeProtocols ?? []).Select(ScrapeProtocolReader.NameOf)])
            .Add("evaluation_interval", DurationText.Format(global.EvaluationInterval))
            .Add(
                "rule_query_offset",
                global.RuleQueryOffset == TimeSpan.Zero ? null : DurationText.Format(global.RuleQueryOffset)
            )
            .Add("query_log_file", queryLogFile)
            .Add("scrape_failure_log_file", global.Unserved.ScrapeFailureLogFile);
        AddLabels(output, "external_labels", global.ExternalLabels);
        AddLimits(output, global.Limits);
        AddDroppedTargets(output, global.Limits);
        output
            .Add("metric_name_validation_scheme", NameSchemeReader.NameOf(global.NameValidation))
            .Add("metric_name_escaping_scheme", NameSchemeReader.NameOf(global.NameEscaping))
            .Add("scrape_native_histograms", global.NativeHistograms.IsScraped);
        AddIfTrue(output, "convert_classic_histograms_to_nhcb", global.NativeHistograms.ConvertsClassic);
        AddIfTrue(output, "always_scrape_classic_histograms", global.NativeHistograms.AlwaysScrapesClassic);
        return output.Add("extra_scrape_metrics", global.ExtraScrapeMetrics).Build();
    }

    /// <summary>A job.</summary>
    /// <param name="job">What is in effect.</param>
    /// <param name="section">The job as it is written.</param>
    /// <param name="unserved">What is written and not served.</param>
    public static YamlMapping OfJob(ScrapeConfig job, Section section, UnservedScrapeFields unserved)
    {
        var output = new YamlBuilder().Add("job_name", job.JobName);
        AddIfTrue(output, "honor_labels", job.HonorLabels);
        output.Add("honor_timestamps", job.HonorTimestamps);
        output.Add("track_timestamps_staleness", job.TrackTimestampsStaleness ?? false);
        AddParams(output, job, section);
        output
            .Add("scrape_interval", DurationText.Format(job.ScrapeInterval))
            .Add("scrape_timeout", DurationText.Format(job.ScrapeTimeout))
            .AddList("scrape_protocols", [.. job.ScrapeProtocols.Select(ScrapeProtocolReader.NameOf)])
            .Add("fallback_scrape_protocol", section.NonEmptyText("fallback_scrape_protocol"))
            .Add("scrape_native_histograms", job.NativeHistograms.IsScraped)
            .Add("always_scrape_classic_histograms", job.NativeHistograms.AlwaysScrapesClassic)
            .Add("convert_classic_histograms_to_nhcb", job.NativeHistograms.ConvertsClassic)
            .Add("scrape_failure_log_file", unserved.ScrapeFailureLogFile)
            .Add("metrics_path", job.MetricsPath.Length == 0 ? null : Redaction.OfText(job.MetricsPath))
            .Add("scheme", job.Scheme.Length == 0 ? null : Redaction.OfText(job.Scheme))
            .Add("enable_compression", job.EnableCompression);
        AddLimits(output, job.Limits);
        AddNativeLimits(output, job.NativeHistograms);
        AddDroppedTargets(output, job.Limits);
        output
            .Add("metric_name_validation_scheme", NameSchemeReader.NameOf(job.NameValidation))
            .Add("metric_name_escaping_scheme", NameSchemeReader.NameOf(job.NameEscaping))
            .Add("extra_scrape_metrics", job.ExtraScrapeMetrics);
        EffectiveHttp.Add(output, section, job.Http.FollowRedirects, job.Http.EnableHttp2);
        output
            .AddList("relabel_configs", [.. job.RelabelConfigs.Select(OfRule)])
            .AddList("metric_relabel_configs", [.. job.MetricRelabelConfigs.Select(OfRule)]);
        EffectiveDiscovery.Add(output, job, section);
        return output.Build();
    }

    /// <summary>A field with labels, left out when there are none.</summary>
    public static void AddLabels(YamlBuilder output, string field, LabelSet labels)
    {
        if (labels.Labels.Length == 0)
        {
            return;
        }
        var entries = new YamlBuilder();
        foreach (var label in labels.Labels)
        {
            entries.Add(label.Name, label.Value);
        }
        output.Add(field, entries.Build());
    }

    private static void AddParams(YamlBuilder output, ScrapeConfig job, Section section)
    {
        if (job.Params.Count == 0)
        {
            return;
        }
        var entries = new YamlBuilder();
        foreach (var (name, values) in job.Params.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            entries.Add(
                CredentialText.HideKey(name),
                Redaction.OfField(name, YamlBuilder.List(values.Select(YamlBuilder.Scalar)), section.Errors)
            );
        }
        output.Add("params", entries.Build());
    }

    private static void AddLimits(YamlBuilder output, ScrapeConfigLimits limits) =>
        output
            .Add("body_size_limit", limits.BodySizeLimit == 0 ? null : ByteSizeText.Format(limits.BodySizeLimit))
            .AddCount("sample_limit", (ulong)limits.SampleLimit)
            .AddCount("target_limit", (ulong)limits.TargetLimit)
            .AddCount("label_limit", (ulong)limits.LabelLimit)
            .AddCount("label_name_length_limit", (ulong)limits.LabelNameLengthLimit)
            .AddCount("label_value_length_limit", (ulong)limits.LabelValueLengthLimit);

    private static void AddNativeLimits(YamlBuilder output, HistogramConfig histograms)
    {
        output.AddCount("native_histogram_bucket_limit", histograms.BucketLimit);
        if (histograms.MinBucketFactor != 0)
        {
            var factor = histograms.MinBucketFactor.ToString("R", CultureInfo.InvariantCulture);
            output.Add("native_histogram_min_bucket_factor", new YamlScalar(factor, IsPlain: true, default));
        }
    }

    private static void AddDroppedTargets(YamlBuilder output, ScrapeConfigLimits limits) =>
        output.AddCount("keep_dropped_targets", (ulong)limits.KeepDroppedTargets);

    private static void AddIfTrue(YamlBuilder output, string field, bool value)
    {
        if (value)
        {
            output.Add(field, true);
        }
    }

    /// <summary>A relabel rule.</summary>
    public static YamlMapping OfRule(RelabelConfig rule)
    {
        // Prometheus leaves out what was not written, and shows the default where it was.
        var isDefault = ReferenceEquals(rule.Regex, DefaultRule.Regex);
        return new YamlBuilder()
            .AddList("source_labels", rule.SourceLabels)
            .Add("separator", rule.Separator)
            .Add("regex", isDefault ? null : rule.Regex.Text)
            .AddCount("modulus", rule.Modulus)
            .Add("target_label", rule.TargetLabel.Length == 0 ? null : rule.TargetLabel)
            .Add("replacement", Redaction.IsSecretParameter(rule.TargetLabel) ? "<secret>" : rule.Replacement)
            .Add("action", RelabelReader.NameOf(rule.Action))
            .Build();
    }
}
