using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the items of <c>scrape_configs</c>, of the configuration and of further files.</summary>
internal sealed class ScrapeConfigReader(GlobalConfig global)
{
    private static readonly FieldTable Fields = FieldTable.Scrape.With([
        HttpClientReader.Fields,
        .. UpstreamDiscovery.Fields,
    ]);

    private readonly Dictionary<string, (string File, int Line)> places = new(StringComparer.Ordinal);

    /// <summary>The jobs of a file; those that are too broken to be one are only among the errors.</summary>
    public List<ReadJob> ReadAll(Section root)
    {
        var jobs = new List<ReadJob>();
        var number = 0;
        foreach (var node in root.List("scrape_configs"))
        {
            if (Read(node, ++number, root.Errors) is { } job)
            {
                jobs.Add(job);
            }
        }
        return jobs;
    }

    private ReadJob? Read(YamlNode node, int number, ErrorList errors)
    {
        if (node is YamlScalar { IsNull: true })
        {
            errors.Add(node.At, $"scrape_configs: item {number} is empty");
            return null;
        }
        if (Section.Open(node, $"scrape_configs: item {number}", errors) is not { } unnamed)
        {
            return null;
        }
        var job = ReadName(unnamed);
        var section = job is null ? unnamed : Section.Open(node, $"job {Words.Quote(job)}", errors)!;
        section.CheckFields(Fields);
        var unserved = UnservedScrapeFields.Read(section, global.Unserved);
        var config = DiscoveryReader.ReadInto(ReadRules(ReadFields(section, job ?? ""), section), section);
        var effective = EffectiveScrapeConfig.OfJob(config, section, unserved);
        return new ReadJob(config with { EffectiveYaml = YamlText.Write(effective) }, effective, section);
    }

    private ScrapeConfig ReadFields(Section section, string job)
    {
        var (interval, timeout) = ReadTimes(section);
        var (validation, escaping) = NameSchemeReader.ReadJob(section, global);
        var histograms = HistogramConfigReader.Read(section, global.NativeHistograms);
        return new ScrapeConfig
        {
            JobName = job,
            ScrapeInterval = interval,
            ScrapeTimeout = timeout,
            MetricsPath = ReadPath(section),
            Scheme = ReadScheme(section),
            Params = ReadParams(section),
            HonorLabels = section.Flag("honor_labels", false),
            HonorTimestamps = section.FlagUnlessOff("honor_timestamps", true),
            TrackTimestampsStaleness = section.Field("track_timestamps_staleness") is null
                ? null
                : section.Flag("track_timestamps_staleness", false),
            EnableCompression = section.FlagUnlessOff("enable_compression", true),
            ScrapeProtocols =
                ScrapeProtocolReader.ReadList(section)
                ?? global.ScrapeProtocols
                ?? (histograms.IsScraped ? ScrapeConfig.NativeScrapeProtocols : ScrapeConfig.DefaultScrapeProtocols),
            FallbackScrapeProtocol = ScrapeProtocolReader.ReadFallback(section),
            NativeHistograms = histograms,
            NameValidation = validation,
            NameEscaping = escaping,
            ExtraScrapeMetrics = section.Flag("extra_scrape_metrics", global.ExtraScrapeMetrics),
            Limits = ScrapeLimitsReader.Read(section, global.Limits),
            Http = HttpClientReader.Read(section),
        };
    }

    private static ScrapeConfig ReadRules(ScrapeConfig job, Section section) =>
        job with
        {
            RelabelConfigs = RelabelReader.Read(section, "relabel_configs", job.NameValidation),
            MetricRelabelConfigs = RelabelReader.Read(section, "metric_relabel_configs", job.NameValidation),
        };

    private string? ReadName(Section section)
    {
        var node = section.Field("job_name");
        var name = node is null ? "" : section.TextOf(node, "job_name");
        if (name is null)
        {
            return null;
        }
        var at = node?.At ?? section.At;
        if (name.Length == 0)
        {
            section.Refuse(at, "job_name is missing");
            return null;
        }
        var file = section.Errors.File;
        if (!places.TryAdd(name, (file, at.Line)))
        {
            var first = places[name];
            var isSame = string.Equals(first.File, file, StringComparison.Ordinal);
            var place = isSame ? $"line {first.Line}" : $"{first.File}:{first.Line}";
            section.Errors.Add(at, $"job_name {Words.Quote(name)} is used twice: here and in {place}");
        }
        return name;
    }

    private (TimeSpan Interval, TimeSpan Timeout) ReadTimes(Section section)
    {
        var interval = section.Duration("scrape_interval") ?? global.ScrapeInterval;
        if (section.Duration("scrape_timeout") is not { } timeout)
        {
            return (interval, global.ScrapeTimeout < interval ? global.ScrapeTimeout : interval);
        }
        if (timeout > interval)
        {
            ScrapeTimes.RefuseTooLong(section, timeout, interval);
        }
        return (interval, timeout);
    }

    private static string ReadPath(Section section)
    {
        var path = section.TextOr("metrics_path", "/metrics") ?? "";
        if (path.Contains('?'))
        {
            var problem = "metrics_path has a ? in it, which is part of the path; write parameters under params";
            section.Warn(section.Field("metrics_path")!.At, problem);
        }
        return path;
    }

    private static string ReadScheme(Section section)
    {
        var scheme = section.TextOr("scheme", "http") ?? "";
        if (!ScrapeTimes.IsHttp(scheme))
        {
            var at = section.Mapping.Find("scheme")!.Value.At;
            section.Warn(at, $"scheme {Words.Quote(scheme)} must be http or https: its targets cannot be scraped");
        }
        return scheme;
    }

    private static OrderedDictionary<string, IReadOnlyList<string>> ReadParams(Section section)
    {
        var all = new OrderedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var entry in section.Map("params"))
        {
            var field = $"params: {Words.Clean(entry.Key)}";
            if (entry.Value is YamlSequence list)
            {
                all.Add(entry.Key, [.. list.Items.Select(item => section.TextOf(item, field)).OfType<string>()]);
            }
            else if (entry.Value is YamlScalar { IsNull: true })
            {
                all.Add(entry.Key, []);
            }
            else
            {
                section.Refuse(entry.Value.At, $"{field} must be a list of texts, not {entry.Value.Kind}");
            }
        }
        return all;
    }
}

/// <summary>A job that was read.</summary>
/// <param name="Config">The job.</param>
/// <param name="Effective">The job as it is shown.</param>
/// <param name="Section">The job as it is written.</param>
internal sealed record ReadJob(ScrapeConfig Config, YamlMapping Effective, Section Section);
