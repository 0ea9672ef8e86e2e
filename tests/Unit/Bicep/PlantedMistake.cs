using System.Globalization;
using System.Text.Json;

namespace Tributary.Tests.Unit.Bicep;

/// <summary>A mistake in one of the project's files, and what the checker has to say of it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="File">The file that it is made in.</param>
/// <param name="Text">That file's text with the mistake.</param>
/// <param name="Place">FILE:LINE:COLUMN of the finding.</param>
/// <param name="Says">What it has to say there.</param>
/// <param name="Problem">Why it cannot be made: the file has changed; else null.</param>
internal sealed record PlantedMistake(
    string Name,
    string File,
    string Text,
    string Place,
    string Says,
    string? Problem = null
)
{
    private static readonly Lazy<IReadOnlyList<PlantedMistake>> Read = new(ReadAll);

    /// <summary>Those of <c>planted-mistakes.json</c>.</summary>
    public static IReadOnlyList<PlantedMistake> All => Read.Value;

    private static List<PlantedMistake> ReadAll()
    {
        var list = JsonElement.Parse(TextOf("tests/Unit/Bicep/planted-mistakes.json"));
        return [.. list.EnumerateArray().Select(One)];
    }

    private static PlantedMistake One(JsonElement json)
    {
        var name = json.GetProperty("name").GetString()!;
        var file = json.GetProperty("file").GetString()!;
        var text = TextOf(file);
        var replaced = json.GetProperty("replace").GetString()!;
        var at = text.IndexOf(replaced, StringComparison.Ordinal);
        if (at < 0 || text.IndexOf(replaced, at + 1, StringComparison.Ordinal) >= 0)
        {
            return new PlantedMistake(name, file, text, file, "", $"{file} has not exactly once: {replaced}");
        }
        var mistaken = string.Concat(
            text.AsSpan(0, at),
            json.GetProperty("with").GetString(),
            text.AsSpan(at + replaced.Length)
        );
        var isElsewhere = json.TryGetProperty("in", out var other);
        var found = isElsewhere ? other.GetString()! : file;
        var wanted = json.GetProperty("at").GetString()!;
        var place = isElsewhere ? PlaceOf(TextOf(found), wanted, 0) : PlaceOf(mistaken, wanted, at);
        var problem = place is null ? $"{found} has no place for the finding: {wanted}" : null;
        return new PlantedMistake(
            name,
            file,
            mistaken,
            $"{found}:{place}",
            json.GetProperty("says").GetString()!,
            problem
        );
    }

    /// <summary>The place of a text, looked for behind the mistake first.</summary>
    private static string? PlaceOf(string text, string wanted, int from)
    {
        var behind = text.IndexOf(wanted, from, StringComparison.Ordinal);
        var offset = behind < 0 ? text.IndexOf(wanted, StringComparison.Ordinal) : behind;
        if (offset < 0)
        {
            return null;
        }
        var before = text.AsSpan(0, offset);
        var line = before.Count('\n') + 1;
        return string.Create(CultureInfo.InvariantCulture, $"{line}:{offset - before.LastIndexOf('\n')}");
    }

    private static string TextOf(string file) => System.IO.File.ReadAllText(Path.Combine(Repository.Root, file));
}
