using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>JSON files as the host reads them: with comments, names without regard to case.</summary>
internal static class Json
{
    private static readonly JsonDocumentOptions Lenient = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    public static JsonObject Object(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllText(file), null, Lenient) as JsonObject
                ?? throw new HostException($"{file} is not a JSON object");
        }
        catch (JsonException exception)
        {
            throw new HostException($"{file}: {exception.Message}");
        }
    }

    public static JsonNode? At(JsonObject root, params string[] path)
    {
        JsonNode? at = root;
        foreach (var name in path)
        {
            at = at is JsonObject inside && KeyOf(inside, name) is { } key ? inside[key] : null;
        }
        return at;
    }

    public static string? KeyOf(JsonObject of, string name) =>
        of.Select(property => property.Key)
            .FirstOrDefault(key => string.Equals(key, name, StringComparison.OrdinalIgnoreCase));
}
