using System.Text.Json;
using Tributary.Storage.Attached;

namespace Tributary.Api;

/// <summary>What <c>/api/v1/status/blocks</c> says of an attached container.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="List">Its blocks.</param>
public sealed record AttachedStatus(string Name, AttachedList List)
{
    /// <summary>Writes the object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, Name);
        if (List.ReadAt is { } readAt)
        {
            json.WriteString("readAt"u8, readAt.UtcDateTime);
        }
        if (List.Problem.Length > 0)
        {
            json.WriteString("problem"u8, List.Problem);
        }
        json.WriteStartArray("blocks"u8);
        foreach (var block in List.Blocks)
        {
            Write(json, block);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AttachedBlock block)
    {
        json.WriteStartObject();
        json.WriteString("ulid"u8, block.Ulid.ToString());
        json.WriteString(
            "state"u8,
            block.IsLive ? "live"u8
                : block.IsDamaged ? "damaged"u8
                : "ignored"u8
        );
        if (block.Reason.Length > 0)
        {
            json.WriteString("reason"u8, block.Reason);
        }
        if (block.Meta is { } meta)
        {
            json.WriteNumber("level"u8, meta.Level);
            json.WriteNumber("minTime"u8, meta.MinTimeMs);
            json.WriteNumber("maxTime"u8, meta.MaxTimeMs);
            json.WriteNumber("numSeries"u8, meta.Statistics.Series);
            json.WriteNumber("numSamples"u8, meta.Statistics.Samples);
            json.WriteNumber("numChunks"u8, meta.Statistics.Chunks);
        }
        json.WriteNumber("bytes"u8, block.Bytes);
        json.WriteStartObject("labels"u8);
        foreach (var label in block.Labels.Labels)
        {
            json.WriteString(label.Name, label.Value);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
