using System.Text.Json;
using Tributary.Functions.CommandLine;

namespace Tributary.Functions.Diagnosis;

/// <summary>Reads app settings: a list of <c>{"name", "value"}</c> as <c>az</c> prints it, or the <c>Values</c> of a <c>local.settings.json</c>.</summary>
internal static class AppSettingsFile
{
    private const string StandardInput = "-";
    private const int MaxChars = 1 << 20;

    /// <summary>The settings by name.</summary>
    /// <param name="file">A path, or <c>-</c>.</param>
    /// <param name="input">What <c>-</c> reads.</param>
    /// <exception cref="CommandException">It cannot be read.</exception>
    public static async Task<IReadOnlyDictionary<string, string>> ReadAsync(string file, TextReader input)
    {
        try
        {
            if (file == StandardInput)
            {
                return Parse(await ReadAsync(input));
            }
            using var reader = new StreamReader(file);
            return Parse(await ReadAsync(reader));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--app-settings: '{file}' cannot be read: {exception.Message}", ExitCode.Usage);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw CommandException.Usage(
                "--app-settings: this is neither what `az functionapp config appsettings list --name APP --resource-group "
                    + "GROUP` prints, nor a local.settings.json."
            );
        }
    }

    private static async Task<string> ReadAsync(TextReader reader)
    {
        var buffer = new char[MaxChars];
        var count = await reader.ReadBlockAsync(buffer);
        return count < MaxChars
            ? new string(buffer, 0, count)
            : throw CommandException.Usage($"--app-settings: it has {MaxChars} characters or more.");
    }

    private static Dictionary<string, string> Parse(string text)
    {
        var settings = new Dictionary<string, string>(StringComparer.Ordinal);
        using var document = JsonDocument.Parse(
            text,
            new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }
        );
        if (document.RootElement.ValueKind is JsonValueKind.Array)
        {
            foreach (var item in document.RootElement.EnumerateArray())
            {
                if (!item.TryGetProperty("name"u8, out var name) || !item.TryGetProperty("value"u8, out var value))
                {
                    throw new JsonException("a setting without name or value");
                }
                settings[name.GetString() ?? ""] = value.GetString() ?? "";
            }
            return settings;
        }
        if (!document.RootElement.TryGetProperty("Values"u8, out var values))
        {
            throw new JsonException("no settings");
        }
        foreach (var value in values.EnumerateObject())
        {
            settings[value.Name] = value.Value.GetString() ?? "";
        }
        return settings;
    }
}
