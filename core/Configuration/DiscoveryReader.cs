using Tributary.Configuration.Http;
using Tributary.Configuration.Upstream;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the ways in which a job finds its targets.</summary>
internal static class DiscoveryReader
{
    public const string StaticKind = "static_configs";
    public const string FileKind = "file_sd_configs";
    public const string HttpKind = "http_sd_configs";

    private static readonly TimeSpan DefaultFileRefresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan DefaultHttpRefresh = TimeSpan.FromMinutes(1);

    private static readonly FieldTable HttpFields = FieldTable.HttpSd.With([HttpClientReader.Fields]);

    /// <summary>Whether a field of a job is a way to find targets.</summary>
    public static bool IsKind(string field) =>
        field is StaticKind || field.EndsWith("_sd_configs", StringComparison.Ordinal);

    /// <summary>A job with its ways to find targets; what is wrong with them is among the errors.</summary>
    public static ScrapeConfig ReadInto(ScrapeConfig job, Section section)
    {
        UpstreamDiscovery.Check(section);
        return job with
        {
            StaticConfigs = ReadStatic(section, job),
            FileSdConfigs = ReadFiles(section),
            HttpSdConfigs = ReadHttp(section),
            KubernetesSdConfigs = ServiceDiscoveryReader.ReadKubernetes(section),
            DnsSdConfigs = ServiceDiscoveryReader.ReadDns(section),
            AzureSdConfigs = ServiceDiscoveryReader.ReadAzure(section),
        };
    }

    /// <summary>Whether a text is a path whose only <c>*</c> stand in its last segment.</summary>
    public static bool HasStarsOnlyAtTheEnd(string pattern)
    {
        var star = pattern.IndexOf('*');
        return star < 0 || !pattern.AsSpan(star).Contains('/');
    }

    private static List<StaticConfig> ReadStatic(Section section, ScrapeConfig job)
    {
        var configs = new List<StaticConfig>();
        foreach (var node in section.List(StaticKind))
        {
            if (section.Item(node, StaticKind, FieldTable.Static) is not { } group)
            {
                continue;
            }
            // Relabel rules may make anything of an address and of the labels that steer a scrape.
            var isFinal = job.RelabelConfigs.Count == 0;
            var targets = group.Texts("targets");
            var labels = LabelReader.Read(group, "labels", value => value);
            if (isFinal)
            {
                ScrapeTimes.CheckLabels(group, labels, job.ScrapeInterval, job.ScrapeTimeout);
                foreach (var (address, at) in targets)
                {
                    CheckAddress(group, address, at);
                }
            }
            configs.Add(new StaticConfig([.. targets.Select(target => target.Text)], labels));
        }
        return configs;
    }

    /// <summary>What looks like a URL is an error, as in Prometheus; any other address only makes its target unusable.</summary>
    private static void CheckAddress(Section group, string address, YamlMark at)
    {
        if (TargetAddress.ProblemOf(address) is not { } problem)
        {
            return;
        }
        if (address.Contains('/', StringComparison.Ordinal))
        {
            group.Refuse(at, $"targets: {problem}");
        }
        else
        {
            group.Warn(at, $"targets: {problem}; until then it is not scraped");
        }
    }

    private static List<FileSdConfig> ReadFiles(Section section)
    {
        var configs = new List<FileSdConfig>();
        foreach (var node in section.List(FileKind))
        {
            if (section.Item(node, FileKind, FieldTable.FileSd) is not { } item)
            {
                continue;
            }
            var files = item.Texts("files");
            if (files.Count == 0)
            {
                item.Refuse(item.Field("files")?.At ?? item.At, "files is missing; it needs at least one path");
            }
            foreach (var (path, at) in files)
            {
                if (!IsFilePattern(path))
                {
                    item.Refuse(
                        at,
                        $"files: {Words.Quote(path)} must end in .json, .yml or .yaml, and have * only in the last segment"
                    );
                }
                else if (FileGlob.ProblemOf(path) is { } problem)
                {
                    item.Warn(at, $"files: {Words.Quote(path)} {problem}, so it matches no file");
                }
            }
            configs.Add(
                new FileSdConfig(
                    [.. files.Select(file => item.Errors.PathOf(file.Text))],
                    item.Duration("refresh_interval") ?? DefaultFileRefresh
                )
            );
        }
        return configs;
    }

    private static bool IsFilePattern(string path)
    {
        var dot = path.LastIndexOf('.');
        return dot >= 0
            && path[(dot + 1)..] is "json" or "yml" or "yaml" or "JSON" or "YML" or "YAML"
            && HasStarsOnlyAtTheEnd(path);
    }

    private static List<HttpSdConfig> ReadHttp(Section section)
    {
        var configs = new List<HttpSdConfig>();
        foreach (var node in section.List(HttpKind))
        {
            if (section.Item(node, HttpKind, HttpFields) is not { } item)
            {
                continue;
            }
            var refresh = item.Duration("refresh_interval") ?? DefaultHttpRefresh;
            var http = HttpClientReader.Read(item);
            if (ReadUrl(item) is { } url)
            {
                configs.Add(new HttpSdConfig(url, refresh, http));
            }
        }
        return configs;
    }

    private static Uri? ReadUrl(Section item)
    {
        var text = item.NonEmptyText("url");
        if (text is null)
        {
            item.Refuse(item.Field("url")?.At ?? item.At, "url is missing");
            return null;
        }
        if (
            Uri.TryCreate(text, UriKind.Absolute, out var url)
            && url.Scheme is "http" or "https"
            && url.Host.Length > 0
        )
        {
            return url;
        }
        item.Refuse(item.Field("url")!.At, "url must begin with http:// or https:// and have a host");
        return null;
    }
}
