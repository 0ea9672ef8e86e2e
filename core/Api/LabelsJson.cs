using System.Buffers;
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
    /// <remarks>
    /// A label's text holds its value between quotes, with <c>\\</c>, <c>\"</c> and <c>\n</c> escaped as JSON does it, so that
    /// it is copied.
    /// </remarks>
    public static void Write(Utf8JsonWriter json, LabelSet labels)
    {
        const int stackBytes = 4096;
        var length = 2;
        foreach (var label in labels.Labels)
        {
            length += label.Text.Length + 4;
        }
        byte[]? rented = null;
        var text = length <= stackBytes ? stackalloc byte[length] : rented = ArrayPool<byte>.Shared.Rent(length);
        if (TryRender(labels.Labels, text, out var written))
        {
            json.WriteRawValue(text[..written], skipInputValidation: true);
        }
        else
        {
            WriteEscaped(json, labels);
        }
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    private static bool TryRender(ReadOnlySpan<Label> labels, Span<byte> target, out int written)
    {
        written = 0;
        target[written++] = (byte)'{';
        foreach (var label in labels)
        {
            if (!label.IsPlain)
            {
                return false;
            }
            var text = label.Text;
            // The name is ASCII.
            var equals = label.Name.Length;
            if (written > 1)
            {
                target[written++] = (byte)',';
            }
            target[written++] = (byte)'"';
            text[..equals].CopyTo(target[written..]);
            written += equals;
            target[written++] = (byte)'"';
            target[written++] = (byte)':';
            text[(equals + 1)..].CopyTo(target[written..]);
            written += text.Length - equals - 1;
        }
        target[written++] = (byte)'}';
        return true;
    }

    private static void WriteEscaped(Utf8JsonWriter json, LabelSet labels)
    {
        json.WriteStartObject();
        foreach (var label in labels.Labels)
        {
            json.WriteString(label.Name, label.Value);
        }
        json.WriteEndObject();
    }
}
