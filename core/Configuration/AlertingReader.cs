using System.Globalization;
using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;
using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the section <c>alerting</c>; <see cref="Upstream.UpstreamSections"/> has told what is wrong with it.</summary>
internal static class AlertingReader
{
    private static readonly AlertmanagerConfig Defaults = new() { Discovery = new ScrapeConfig { JobName = "" } };

    /// <summary>The section of a file, or one without Alertmanagers when there is none.</summary>
    public static AlertingConfig Read(Section root, NameValidationScheme scheme)
    {
        if (root.Field("alerting") is not YamlMapping mapping)
        {
            return new AlertingConfig();
        }
        // What is wrong is among the errors already, in other words.
        var section = new Section(mapping, "alerting", root.Errors.Aside());
        return new AlertingConfig
        {
            AlertRelabelConfigs = RelabelReader.Read(section, "alert_relabel_configs", scheme),
            Alertmanagers =
            [
                .. section
                    .List("alertmanagers")
                    .OfType<YamlMapping>()
                    .Select((item, index) => ReadItem(new Section(item, "", section.Errors), index + 1, scheme)),
            ],
        };
    }

    private static AlertmanagerConfig ReadItem(Section section, int number, NameValidationScheme scheme)
    {
        var job = new ScrapeConfig { JobName = number.ToString(CultureInfo.InvariantCulture) };
        return new AlertmanagerConfig
        {
            Timeout = section.Duration("timeout") ?? Defaults.Timeout,
            PathPrefix = section.Text("path_prefix") ?? "",
            Scheme = section.TextOr("scheme", Defaults.Scheme) ?? "",
            Http = HttpClientReader.Read(section),
            RelabelConfigs = RelabelReader.Read(section, "relabel_configs", scheme),
            AlertRelabelConfigs = RelabelReader.Read(section, "alert_relabel_configs", scheme),
            Discovery = DiscoveryReader.ReadInto(job, section),
        };
    }
}
