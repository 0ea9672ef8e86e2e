using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Tributary.Binary;

namespace Tributary.Storage.Blocks;

/// <summary><see cref="BlockMeta"/> ↔ <c>meta.json</c>, version 1. What Prometheus and Thanos write is read too.</summary>
/// <remarks>
/// Files of ours carry a checksum of their content, because nothing else would see a flipped digit: the CRC-32C of the
/// file as it would be without the checksum.
/// </remarks>
public static class BlockMetaJson
{
    /// <summary>Bytes of the largest file that is read.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>What <see cref="BlockMeta.Source"/> is in blocks of ours; they all carry a checksum.</summary>
    public const string OwnSource = "tributary";

    private static readonly JsonWriterOptions Layout = new()
    {
        Indented = true,
        IndentCharacter = '\t',
        IndentSize = 1,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The file.</summary>
    public static byte[] Write(BlockMeta meta) => Render(meta, Crc32C.Compute(Render(meta, null)));

    /// <summary>Reads a file.</summary>
    /// <exception cref="CorruptDataException">It is none, of another version, or was changed.</exception>
    public static BlockMeta Read(ReadOnlyMemory<byte> json, string blob)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 32 });
            var fields = new BlockMetaFields(document.RootElement, blob);
            var meta = fields.Read();
            var isChecked = fields.Checksum is not null || meta.Source == OwnSource;
            if (isChecked && fields.Checksum != Crc32C.Compute(Render(meta, null)))
            {
                throw new CorruptDataException(blob, 0, "the checksum of meta.json is wrong or missing");
            }
            return meta;
        }
        catch (JsonException e)
        {
            throw new CorruptDataException(blob, OffsetOf(json.Span, e), "this is no JSON", e);
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new CorruptDataException(blob, 0, $"a field of meta.json has another type: {e.Message}", e);
        }
    }

    private static long OffsetOf(ReadOnlySpan<byte> json, JsonException e)
    {
        var start = 0;
        for (var line = e.LineNumber ?? 0; line > 0; line--)
        {
            var end = json[start..].IndexOf((byte)'\n');
            if (end < 0)
            {
                break;
            }
            start += end + 1;
        }
        return start + (e.BytePositionInLine ?? 0);
    }

    private static byte[] Render(BlockMeta meta, uint? checksum)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Layout))
        {
            json.WriteStartObject();
            json.WriteString("ulid", meta.Ulid.ToString());
            json.WriteNumber("minTime", meta.MinTimeMs);
            json.WriteNumber("maxTime", meta.MaxTimeMs);
            WriteStatistics(json, meta.Statistics);
            WriteCompaction(json, meta);
            json.WriteNumber("version", 1);
            WriteThanos(json, meta, checksum);
            json.WriteEndObject();
        }
        return bytes.ToArray();
    }

    private static void WriteStatistics(Utf8JsonWriter json, BlockStatistics statistics)
    {
        json.WriteStartObject("stats");
        WriteCount(json, "numSamples", statistics.Samples);
        WriteCount(json, "numFloatSamples", statistics.FloatSamples);
        WriteCount(json, "numHistogramSamples", statistics.HistogramSamples);
        WriteCount(json, "numSeries", statistics.Series);
        WriteCount(json, "numChunks", statistics.Chunks);
        WriteCount(json, "numTombstones", statistics.Tombstones);
        json.WriteEndObject();
    }

    private static void WriteCount(Utf8JsonWriter json, string name, long count)
    {
        if (count != 0)
        {
            json.WriteNumber(name, count);
        }
    }

    private static void WriteCompaction(Utf8JsonWriter json, BlockMeta meta)
    {
        json.WriteStartObject("compaction");
        json.WriteNumber("level", meta.Level);
        json.WriteStartArray("sources");
        foreach (var source in meta.Sources)
        {
            json.WriteStringValue(source.ToString());
        }
        json.WriteEndArray();
        if (meta.Parents.Count > 0)
        {
            json.WriteStartArray("parents");
            foreach (var parent in meta.Parents)
            {
                json.WriteStartObject();
                json.WriteString("ulid", parent.Ulid.ToString());
                json.WriteNumber("minTime", parent.MinTimeMs);
                json.WriteNumber("maxTime", parent.MaxTimeMs);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    private static void WriteThanos(Utf8JsonWriter json, BlockMeta meta, uint? checksum)
    {
        json.WriteStartObject("thanos");
        json.WriteNumber("version", 1);
        json.WriteStartObject("labels");
        foreach (var (name, value) in meta.Labels)
        {
            json.WriteString(name, value);
        }
        json.WriteEndObject();
        json.WriteStartObject("downsample");
        json.WriteNumber("resolution", meta.ResolutionMs);
        json.WriteEndObject();
        json.WriteString("source", meta.Source);
        json.WriteStartArray("files");
        foreach (var file in meta.Files)
        {
            json.WriteStartObject();
            json.WriteString("rel_path", file.Path);
            WriteCount(json, "size_bytes", file.SizeBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("index_stats");
        WriteCount(json, "series_max_size", meta.LargestSeriesBytes);
        WriteCount(json, "chunk_max_size", meta.LargestChunkBytes);
        json.WriteEndObject();
        json.WriteStartObject("extensions");
        json.WriteStartObject("tributary");
        json.WriteNumber("commit", meta.CommitNumber);
        json.WriteStartArray("log_files");
        foreach (var file in meta.LogFiles)
        {
            json.WriteStartObject();
            json.WriteString("name", file.Name);
            json.WriteNumber("size_bytes", file.SizeBytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (checksum is { } sum)
        {
            json.WriteString("checksum", sum.ToString("x8", CultureInfo.InvariantCulture));
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
