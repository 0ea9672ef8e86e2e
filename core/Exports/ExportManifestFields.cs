using System.Globalization;
using System.Text.Json;

namespace Tributary.Exports;

/// <summary>The fields of a manifest; unknown ones are passed over.</summary>
internal sealed class ExportManifestFields(JsonElement root)
{
    /// <summary>The version.</summary>
    public long Version => Number(root, "version");

    /// <summary>Reads them.</summary>
    /// <exception cref="KeyNotFoundException">One is missing.</exception>
    /// <exception cref="FormatException">One is no time.</exception>
    public ExportManifest Read() =>
        new()
        {
            Export = Text(root, "export"),
            TimeMs = Time(root, "time"),
            IsComplete = root.GetProperty("complete").GetBoolean(),
            Query = root.TryGetProperty("query", out var query) ? query.GetString() ?? "" : "",
            Match = root.TryGetProperty("match", out _) ? Texts("match") : [],
            StartMs = Time(root, "start"),
            EndMs = Time(root, "end"),
            StepMs = Number(root, "stepMs"),
            Format = Text(root, "format"),
            Compression = Text(root, "compression"),
            Output = Text(root, "output"),
            Series = Number(root, "series"),
            Rows = Number(root, "rows"),
            LeftOut = Number(root, "histogramsLeftOut"),
            Bytes = Number(root, "bytes"),
            Sha256 = Text(root, "sha256"),
            Files = root.TryGetProperty("files", out var files)
                ?
                [
                    .. files
                        .EnumerateArray()
                        .Select(f => new ExportedFile(Text(f, "path"), Number(f, "bytes"), Text(f, "sha256"))),
                ]
                : [],
            Sources =
            [
                .. root.GetProperty("sources")
                    .EnumerateArray()
                    .Select(source => new ExportedSource(
                        Text(source, "source"),
                        source.GetProperty("watermark").ValueKind is JsonValueKind.Null ? 0 : Time(source, "watermark")
                    )),
            ],
            Gaps =
            [
                .. root.GetProperty("gaps")
                    .EnumerateArray()
                    .Select(gap => new ExportGap(
                        Text(gap, "source"),
                        Time(gap, "from"),
                        Time(gap, "to"),
                        Text(gap, "state") == "open",
                        Text(gap, "reason")
                    )),
            ],
            NotListed = root.TryGetProperty("notListed", out var others) ? others.GetInt64() : 0,
            Warnings = Texts("warnings"),
        };

    private List<string> Texts(string name) =>
        [.. root.GetProperty(name).EnumerateArray().Select(text => text.GetString() ?? "")];

    private static string Text(JsonElement parent, string name) => parent.GetProperty(name).GetString() ?? "";

    private static long Number(JsonElement parent, string name) => parent.GetProperty(name).GetInt64();

    private static long Time(JsonElement parent, string name) =>
        DateTimeOffset
            .Parse(Text(parent, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal)
            .ToUnixTimeMilliseconds();
}
