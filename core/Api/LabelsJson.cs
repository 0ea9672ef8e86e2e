using System.Text.Json;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>Labels as an object of names and values.</summary>
internal static class LabelsJson
{
    /// <summary>Writes a property.</summary>
    public static void Write(Utf8JsonWriter json, string property, LabelSet labels)
    {
        json.WritePropertyName(property);
        Write(json, labels);
    }

    /// <summary>Writes a value.</summary>
    public static void Write(Utf8JsonWriter json, LabelSet labels)
    {
        json.WriteStartObject();
        foreach (var label in labels.Labels)
        {
            json.WriteString(label.Name, label.Value);
        }
        json.WriteEndObject();
    }
}
