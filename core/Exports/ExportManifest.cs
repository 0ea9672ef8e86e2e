using System.Text.Encodings.Web;
using System.Text.Json;

namespace Tributary.Exports;

/// <summary>What lies beside an output and says what is in it; docs/exports.md. The same run gives the same bytes.</summary>
public sealed record ExportManifest
{
    /// <summary>The only version.</summary>
    public const int Version = 1;

    /// <summary>What the name of the manifest has behind that of the output.</summary>
    public const string Suffix = ".manifest.json";

    /// <summary>Bytes of the largest manifest that is read.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The export.</summary>
    public required string Export { get; init; }

    /// <summary>The scheduled time, milliseconds since the epoch.</summary>
    public required long TimeMs { get; init; }

    /// <summary>Whether everything was there that belongs into it.</summary>
    public bool IsComplete { get; init; }

    /// <summary>The query; empty for raw samples.</summary>
    public string Query { get; init; } = "";

    /// <summary>The selectors of raw samples.</summary>
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>All moments are later than this; milliseconds since the epoch.</summary>
    public long StartMs { get; init; }

    /// <summary>And not later than this.</summary>
    public long EndMs { get; init; }

    /// <summary>From one moment to the next, milliseconds; 0 where there is one, or for raw samples.</summary>
    public long StepMs { get; init; }

    /// <summary>The format as the configuration names it.</summary>
    public string Format { get; init; } = "";

    /// <summary>The compression as the configuration names it.</summary>
    public string Compression { get; init; } = "";

    /// <summary>Where the output is, without secrets.</summary>
    public string Output { get; init; } = "";

    /// <summary>Series of the output.</summary>
    public long Series { get; init; }

    /// <summary>Rows of the output, which are samples.</summary>
    public long Rows { get; init; }

    /// <summary>Native histograms that the format has no form for.</summary>
    public long LeftOut { get; init; }

    /// <summary>Its length.</summary>
    public long Bytes { get; init; }

    /// <summary>Its SHA-256, hexadecimal; of several files that of their list as <c>sha256sum</c> prints it.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The files of an output that is a folder.</summary>
    public IReadOnlyList<ExportedFile> Files { get; init; } = [];

    /// <summary>How far each source was that the output touches, at the most up to the end.</summary>
    public IReadOnlyList<ExportedSource> Sources { get; init; } = [];

    /// <summary>What is missing of the sources.</summary>
    public IReadOnlyList<ExportGap> Gaps { get; init; } = [];

    /// <summary>Sources and gaps that are not listed, because there are too many.</summary>
    public long NotListed { get; init; }

    /// <summary>What else may be wrong, for people.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>Whether another manifest is of the same run of the same definition.</summary>
    public bool HasSameDefinition(ExportManifest other) =>
        string.Equals(Export, other.Export, StringComparison.Ordinal)
        && (TimeMs, StartMs, EndMs, StepMs) == (other.TimeMs, other.StartMs, other.EndMs, other.StepMs)
        && string.Equals(Query, other.Query, StringComparison.Ordinal)
        && Match.SequenceEqual(other.Match, StringComparer.Ordinal)
        && string.Equals(Format, other.Format, StringComparison.Ordinal)
        && string.Equals(Compression, other.Compression, StringComparison.Ordinal);

    /// <summary>The file.</summary>
    public byte[] ToBytes()
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Layout))
        {
            Write(json);
        }
        bytes.WriteByte((byte)'\n');
        return bytes.ToArray();
    }

    /// <summary>Reads a file; null when it is no manifest.</summary>
    public static ExportManifest? Read(ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            var fields = new ExportManifestFields(document.RootElement);
            return fields.Version == Version ? fields.Read() : null;
        }
        catch (Exception exception)
            when (exception is JsonException or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            return null;
        }
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("version"u8, Version);
        json.WriteString("export"u8, Export);
        json.WriteString("time"u8, TimeText.Of(TimeMs));
        json.WriteBoolean("complete"u8, IsComplete);
        if (Query.Length > 0)
        {
            json.WriteString("query"u8, Query);
        }
        else
        {
            WriteTexts(json, "match"u8, Match);
        }
        json.WriteString("start"u8, TimeText.Of(StartMs));
        json.WriteString("end"u8, TimeText.Of(EndMs));
        json.WriteNumber("stepMs"u8, StepMs);
        json.WriteString("format"u8, Format);
        json.WriteString("compression"u8, Compression);
        json.WriteString("output"u8, Output);
        json.WriteNumber("series"u8, Series);
        json.WriteNumber("rows"u8, Rows);
        json.WriteNumber("histogramsLeftOut"u8, LeftOut);
        json.WriteNumber("bytes"u8, Bytes);
        json.WriteString("sha256"u8, Sha256);
        if (Files.Count > 0)
        {
            WriteFiles(json);
        }
        WriteSources(json);
        WriteTexts(json, "warnings"u8, Warnings);
        json.WriteEndObject();
    }

    private void WriteFiles(Utf8JsonWriter json)
    {
        json.WriteStartArray("files"u8);
        foreach (var file in Files)
        {
            json.WriteStartObject();
            json.WriteString("path"u8, file.Path);
            json.WriteNumber("bytes"u8, file.Bytes);
            json.WriteString("sha256"u8, file.Sha256);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private void WriteSources(Utf8JsonWriter json)
    {
        json.WriteStartArray("sources"u8);
        foreach (var source in Sources)
        {
            json.WriteStartObject();
            json.WriteString("source"u8, source.Source);
            if (source.WatermarkMs > 0)
            {
                json.WriteString("watermark"u8, TimeText.Of(source.WatermarkMs));
            }
            else
            {
                json.WriteNull("watermark"u8);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("gaps"u8);
        foreach (var gap in Gaps)
        {
            json.WriteStartObject();
            json.WriteString("source"u8, gap.Source);
            json.WriteString("from"u8, TimeText.Of(gap.FromMs));
            json.WriteString("to"u8, TimeText.Of(gap.ToMs));
            json.WriteString("state"u8, gap.IsOpen ? "open"u8 : "givenUp"u8);
            json.WriteString("reason"u8, gap.Reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (NotListed > 0)
        {
            json.WriteNumber("notListed"u8, NotListed);
        }
    }

    private static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    }
}

/// <summary>A file of an output.</summary>
/// <param name="Path">Its path below the output.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Hexadecimal.</param>
public sealed record ExportedFile(string Path, long Bytes, string Sha256);

/// <summary>How far a source was.</summary>
/// <param name="Source">The source.</param>
/// <param name="WatermarkMs">Up to here everything was there; milliseconds since the epoch, 0 when nothing is known to be.</param>
public sealed record ExportedSource(string Source, long WatermarkMs);

/// <summary>What is missing of a source.</summary>
/// <param name="Source">The source.</param>
/// <param name="FromMs">Later than this; milliseconds since the epoch.</param>
/// <param name="ToMs">And not later than this.</param>
/// <param name="IsOpen">Whether it may still come.</param>
/// <param name="Reason">Why, without secrets.</param>
public sealed record ExportGap(string Source, long FromMs, long ToMs, bool IsOpen, string Reason);
