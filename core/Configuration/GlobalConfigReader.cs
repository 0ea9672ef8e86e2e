using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the section <c>global</c>.</summary>
internal static class GlobalConfigReader
{
    /// <summary>The section of a file, or the defaults when there is none.</summary>
    public static GlobalConfig Read(Section root)
    {
        var defaults = new GlobalConfig();
        if (root.Child("global", FieldTable.Global) is not { } section)
        {
            return defaults;
        }
        var interval = section.Duration("scrape_interval") ?? defaults.ScrapeInterval;
        var timeout = section.Duration("scrape_timeout");
        if (timeout > interval)
        {
            ScrapeTimes.RefuseTooLong(section, timeout.Value, interval);
        }
        var (validation, escaping) = NameSchemeReader.ReadGlobal(section);
        UnservedScrapeFields.ReadFile(section, "query_log_file", "queries are not logged to a file");
        var offset = section.Duration("rule_query_offset");
        return new GlobalConfig
        {
            ScrapeInterval = interval,
            ScrapeTimeout = timeout ?? (defaults.ScrapeTimeout < interval ? defaults.ScrapeTimeout : interval),
            EvaluationInterval = section.Duration("evaluation_interval") ?? defaults.EvaluationInterval,
            RuleQueryOffset = offset ?? TimeSpan.Zero,
            ScrapeProtocols = ScrapeProtocolReader.ReadList(section),
            Limits = ScrapeLimitsReader.Read(section, defaults.Limits),
            NameValidation = validation,
            NameEscaping = escaping,
            ExtraScrapeMetrics = section.Flag("extra_scrape_metrics", false),
            ExternalLabels = LabelReader.Read(
                section,
                "external_labels",
                value => EnvironmentText.Expand(value, root.Errors.Variable),
                validation == Relabel.NameValidationScheme.Legacy
            ),
            NativeHistograms = HistogramConfigReader.Read(section, defaults.NativeHistograms),
            Unserved = UnservedScrapeFields.Read(section, defaults.Unserved),
        };
    }
}
