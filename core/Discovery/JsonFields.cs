using System.Text.Json;

namespace Tributary.Discovery;

/// <summary>Reads fields of JSON objects, as Go reads them: what is absent or null is nothing, and another type is an error.</summary>
/// <remarks>The error is an <see cref="InvalidOperationException"/> or a <see cref="FormatException"/>: see <see cref="Read{T}"/>.</remarks>
internal static class JsonFields
{
    /// <summary>Reads a text that must be JSON of a certain shape.</summary>
    /// <exception cref="DiscoveryException">It is not.</exception>
    public static T Read<T>(ApiAnswer answer, string what, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(answer.Body);
            return read(document.RootElement);
        }
        catch (JsonException exception)
        {
            var line = exception.LineNumber + 1;
            throw answer.Fail($"the answer is no valid JSON (line {line}) instead of {what}", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or FormatException)
        {
            // Of a wrong type, out of range, or no Unicode.
            throw answer.Fail($"the answer is JSON, but not {what} as its API describes it", exception);
        }
    }

    /// <summary>A field; null where it is absent or null.</summary>
    public static JsonElement? Child(this JsonElement parent, string name) =>
        parent.TryGetProperty(name, out var value) && value.ValueKind is not JsonValueKind.Null ? value : null;

    /// <summary>A field of a field.</summary>
    public static JsonElement? Child(this JsonElement? parent, string name) => parent?.Child(name);

    /// <summary>A field that is a text; null where it is absent.</summary>
    public static string? OptionalText(this JsonElement parent, string name) => parent.Child(name)?.GetString();

    /// <summary>A field that is a text; empty where it is absent.</summary>
    public static string Text(this JsonElement parent, string name) => parent.OptionalText(name) ?? "";

    /// <summary>A field of a field that is a text; empty where one of them is absent.</summary>
    public static string Text(this JsonElement? parent, string name) => parent?.Text(name) ?? "";

    /// <summary>A field that is a whole number; null where it is absent.</summary>
    public static int? Number(this JsonElement parent, string name) => parent.Child(name)?.GetInt32();

    /// <summary>A field that is true or false; null where it is absent.</summary>
    public static bool? Flag(this JsonElement parent, string name) => parent.Child(name)?.GetBoolean();

    /// <summary>What is in a field that is a list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement parent, string name) =>
        parent.Child(name)?.EnumerateArray() ?? Enumerable.Empty<JsonElement>();

    /// <summary>What is in a field of a field that is a list.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement? parent, string name) => parent?.Items(name) ?? [];

    /// <summary>What is in a field that is a list of texts.</summary>
    public static IEnumerable<string> Texts(this JsonElement parent, string name) =>
        parent.Items(name).Select(item => item.GetString() ?? "");

    /// <summary>What is in a field that is an object of texts.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Map(this JsonElement parent, string name) =>
        parent.Child(name) is { } map
            ? [.. map.EnumerateObject().Select(entry => KeyValuePair.Create(entry.Name, entry.Value.GetString() ?? ""))]
            : [];
}
