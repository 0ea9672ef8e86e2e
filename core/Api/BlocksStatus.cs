using System.Text.Json;
using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Api;

/// <summary>What <c>/api/v1/status/blocks</c> and <c>tributary blocks ls</c> say.</summary>
public sealed record BlocksStatus
{
    /// <summary>How many commits there were.</summary>
    public long Commit { get; init; }

    /// <summary>The blocks in whatever state, by range.</summary>
    public IReadOnlyList<BlockRow> Blocks { get; init; } = [];

    /// <summary>The windows of the log with files that are in no block, by time.</summary>
    public IReadOnlyList<OpenWindow> Windows { get; init; } = [];

    /// <summary>Rows of the manifest that cannot be read.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>The containers of others, with their blocks.</summary>
    public IReadOnlyList<AttachedStatus> Attached { get; init; } = [];

    /// <summary>A state as people read it.</summary>
    public static string NameOf(BlockState state) =>
        state switch
        {
            BlockState.Pending => "pending",
            BlockState.Live => "live",
            BlockState.Deleted => "deleted",
            _ => "quarantined",
        };

    /// <summary>Writes the object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("commit"u8, Commit);
        json.WriteStartArray("blocks"u8);
        foreach (var row in Blocks)
        {
            Write(json, row);
        }
        json.WriteEndArray();
        json.WriteStartArray("uncompactedWindows"u8);
        foreach (var (window, files, bytes) in Windows)
        {
            json.WriteStartObject();
            json.WriteNumber("minTime"u8, window.StartMs);
            json.WriteNumber("maxTime"u8, window.EndMs);
            json.WriteNumber("files"u8, files);
            json.WriteNumber("bytes"u8, bytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("problems"u8);
        foreach (var problem in Problems)
        {
            json.WriteStringValue(problem);
        }
        json.WriteEndArray();
        if (Attached.Count > 0)
        {
            json.WriteStartArray("attached"u8);
            foreach (var container in Attached)
            {
                container.Write(json);
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    }

    /// <summary>Writes the blocks that count as Prometheus lists its own.</summary>
    public void WriteAsPrometheus(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("blocks"u8);
        foreach (var row in Blocks)
        {
            if (row.State is not BlockState.Live)
            {
                continue;
            }
            var block = row.Block;
            json.WriteStartObject();
            json.WriteString("ulid"u8, block.Ulid.ToString());
            json.WriteNumber("minTime"u8, block.MinTimeMs);
            json.WriteNumber("maxTime"u8, block.MaxTimeMs);
            json.WriteStartObject("stats"u8);
            json.WriteNumber("numSamples"u8, block.Samples);
            json.WriteNumber("numSeries"u8, block.Series);
            json.WriteNumber("numChunks"u8, block.Chunks);
            json.WriteEndObject();
            json.WriteStartObject("compaction"u8);
            json.WriteNumber("level"u8, block.Level);
            Write(json, "sources", block.Sources);
            json.WriteEndObject();
            json.WriteNumber("version"u8, 1);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a block.</summary>
    public static void Write(Utf8JsonWriter json, BlockRow row)
    {
        var block = row.Block;
        json.WriteStartObject();
        json.WriteString("ulid"u8, block.Ulid.ToString());
        json.WriteString("state"u8, NameOf(row.State));
        if (row.Reason.Length > 0)
        {
            json.WriteString("reason"u8, row.Reason);
        }
        json.WriteString("since"u8, row.Since.UtcDateTime);
        json.WriteNumber("level"u8, block.Level);
        json.WriteNumber("minTime"u8, block.MinTimeMs);
        json.WriteNumber("maxTime"u8, block.MaxTimeMs);
        json.WriteNumber("numSeries"u8, block.Series);
        json.WriteNumber("numSamples"u8, block.Samples);
        json.WriteNumber("numChunks"u8, block.Chunks);
        json.WriteNumber("bytes"u8, block.Bytes);
        json.WriteNumber("number"u8, block.Number);
        Write(json, "sources", block.Sources);
        Write(json, "parents", block.Parents);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<Ulid> blocks)
    {
        json.WriteStartArray(name);
        foreach (var block in blocks)
        {
            json.WriteStringValue(block.ToString());
        }
        json.WriteEndArray();
    }
}

/// <summary>A window of the log with files that are in no block.</summary>
/// <param name="Window">The window.</param>
/// <param name="Files">Such files.</param>
/// <param name="Bytes">Their bytes.</param>
public readonly record struct OpenWindow(Window Window, int Files, long Bytes);
