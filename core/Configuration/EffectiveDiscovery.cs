using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>The ways in which a job finds targets, as <c>/api/v1/status/config</c> shows them: by name.</summary>
internal static class EffectiveDiscovery
{
    /// <summary>Adds all lists of a job.</summary>
    /// <param name="output">Gets them.</param>
    /// <param name="job">What is in effect.</param>
    /// <param name="section">The job as it is written.</param>
    public static void Add(YamlBuilder output, ScrapeConfig job, Section section)
    {
        var names = section
            .Mapping.Entries.Select(entry => entry.Key)
            .Where(DiscoveryReader.IsKind)
            .Order(StringComparer.Ordinal);
        foreach (var name in names)
        {
            switch (name)
            {
                case DiscoveryReader.StaticKind:
                    output.AddList(name, [.. job.StaticConfigs.Select(OfStatic)]);
                    break;
                case DiscoveryReader.FileKind:
                    output.AddList(name, [.. job.FileSdConfigs.Select(OfFiles)]);
                    break;
                case DiscoveryReader.HttpKind:
                    output.AddList(name, Of(section, name, job.HttpSdConfigs, OfHttp));
                    break;
                case ServiceDiscoveryReader.KubernetesKind:
                    output.AddList(
                        name,
                        Of(section, name, job.KubernetesSdConfigs, EffectiveServiceDiscovery.OfKubernetes)
                    );
                    break;
                case ServiceDiscoveryReader.DnsKind:
                    output.AddList(name, Of(section, name, job.DnsSdConfigs, EffectiveServiceDiscovery.OfDns));
                    break;
                case ServiceDiscoveryReader.AzureKind:
                    output.AddList(name, Of(section, name, job.AzureSdConfigs, EffectiveServiceDiscovery.OfAzure));
                    break;
                default:
                    if (section.Field(name) is { } node)
                    {
                        output.Add(name, Redaction.OfField(name, node, section.Errors));
                    }
                    break;
            }
        }
    }

    private static YamlMapping OfStatic(StaticConfig config)
    {
        var output = new YamlBuilder().Add(
            "targets",
            YamlBuilder.List(config.Targets.Select(target => YamlBuilder.Scalar(CredentialText.HideAddress(target))))
        );
        EffectiveScrapeConfig.AddLabels(output, "labels", Redaction.OfLabels(config.Labels));
        return output.Build();
    }

    private static YamlMapping OfFiles(FileSdConfig config) =>
        new YamlBuilder()
            .AddList("files", config.Files)
            .Add("refresh_interval", DurationText.Format(config.RefreshInterval))
            .Build();

    private static YamlMapping OfHttp(HttpSdConfig config, Section written)
    {
        var output = new YamlBuilder();
        EffectiveHttp.Add(output, written, config.Http.FollowRedirects, config.Http.EnableHttp2);
        output.Add("refresh_interval", DurationText.Format(config.RefreshInterval));
        output.Add("url", Redaction.OfText(config.Url.OriginalString));
        return output.Build();
    }

    /// <summary>The items of a list, with what is in effect beside what is written.</summary>
    private static List<YamlMapping> Of<T>(
        Section section,
        string name,
        IReadOnlyList<T> configs,
        Func<T, Section, YamlMapping> show
    )
    {
        var shown = new List<YamlMapping>();
        // Where an item was refused, the whole configuration is: the two lists go together.
        foreach (var (node, config) in section.List(name).Zip(configs))
        {
            if (node is YamlMapping mapping)
            {
                shown.Add(show(config, new Section(mapping, "", section.Errors)));
            }
        }
        return shown;
    }
}
