using Tributary.Configuration.Yaml;

namespace Tributary.Configuration;

/// <summary>Reads the formats that a source is asked for.</summary>
internal static class ScrapeProtocolReader
{
    private const string ListField = "scrape_protocols";
    private const string FallbackField = "fallback_scrape_protocol";

    private static readonly (string Name, ScrapeProtocol Protocol)[] Names =
    [
        ("PrometheusProto", ScrapeProtocol.PrometheusProto),
        ("PrometheusText0.0.4", ScrapeProtocol.PrometheusText0_0_4),
        ("PrometheusText1.0.0", ScrapeProtocol.PrometheusText1_0_0),
        ("OpenMetricsText0.0.1", ScrapeProtocol.OpenMetricsText0_0_1),
        ("OpenMetricsText1.0.0", ScrapeProtocol.OpenMetricsText1_0_0),
    ];

    /// <summary>A format as it is written.</summary>
    public static string NameOf(ScrapeProtocol protocol) => Names.First(pair => pair.Protocol == protocol).Name;

    /// <summary>The formats as they are written, null when absent.</summary>
    public static IReadOnlyList<ScrapeProtocol>? ReadList(Section section)
    {
        if (section.Field(ListField) is not { } node)
        {
            return null;
        }
        if (node is YamlSequence { Items.Count: 0 })
        {
            section.Refuse(node.At, $"{ListField} cannot be empty; name a format, or leave the field out");
        }
        var protocols = new List<ScrapeProtocol>();
        foreach (var (text, at) in section.Texts(ListField))
        {
            if (Find(section, text, at, ListField) is not { } protocol)
            {
                continue;
            }
            if (protocols.Contains(protocol))
            {
                section.Refuse(at, $"{ListField}: {NameOf(protocol)} is given twice");
                continue;
            }
            protocols.Add(protocol);
        }
        return protocols;
    }

    /// <summary>The format of answers that do not say theirs, as it is written; null when absent.</summary>
    public static ScrapeProtocol? ReadFallback(Section section)
    {
        if (section.NonEmptyText(FallbackField) is not { } text)
        {
            return null;
        }
        return Find(section, text, section.Field(FallbackField)!.At, FallbackField);
    }

    private static ScrapeProtocol? Find(Section section, string text, YamlMark at, string field)
    {
        foreach (var (name, protocol) in Names)
        {
            if (string.Equals(name, text, StringComparison.Ordinal))
            {
                return protocol;
            }
        }
        var near = Words.Nearest(text, Names.Select(pair => pair.Name));
        var hint = near is null
            ? "it must be one of " + string.Join(", ", Names.Select(pair => pair.Name))
            : $"did you mean {near}?";
        section.Refuse(at, $"{field}: {Words.Quote(text)} is not known; {hint}");
        return null;
    }
}
