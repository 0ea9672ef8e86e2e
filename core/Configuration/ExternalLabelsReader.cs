using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>Reads the external labels of another server's configuration, whatever else there is in it.</summary>
internal static class ExternalLabelsReader
{
    /// <summary>The labels under <c>global</c>; null when the text is no configuration.</summary>
    public static LabelSet? Read(string text)
    {
        var errors = new ErrorList("");
        if (YamlTree.Read(text, errors) is not YamlMapping root || errors.Any)
        {
            return null;
        }
        var global = root.Find("global")?.Value as YamlMapping;
        var labels = global?.Find("external_labels")?.Value as YamlMapping;
        return LabelSet.Of(
            (labels?.Entries ?? [])
                .Where(entry => entry.Value is YamlScalar { Value.Length: > 0 })
                .Select(entry => new Label(entry.Key, ((YamlScalar)entry.Value).Value))
        );
    }
}
