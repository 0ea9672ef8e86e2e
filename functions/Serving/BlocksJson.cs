using System.Text.Json;
using Tributary.Api;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Storage.Blocks;
using Tributary.Storage.Manifest;

namespace Tributary.Functions.Serving;

/// <summary>What <c>tributary blocks … --json</c> prints.</summary>
internal static class BlocksJson
{
    /// <summary>One block.</summary>
    public static void Write(Utf8JsonWriter json, BlockInspection found)
    {
        json.WriteStartObject();
        json.WriteString("ulid"u8, found.Ulid.ToString());
        json.WritePropertyName("row"u8);
        if (found.Row is { } row)
        {
            BlocksStatus.Write(json, row);
        }
        else
        {
            json.WriteNullValue();
        }
        json.WritePropertyName("meta"u8);
        if (found.Meta is { } meta)
        {
            json.WriteRawValue(BlockMetaJson.Write(meta));
        }
        else
        {
            json.WriteNullValue();
        }
        json.WriteStartArray("files"u8);
        foreach (var (path, size) in found.Files)
        {
            json.WriteStartObject();
            json.WriteString("path"u8, path);
            json.WriteNumber("bytes"u8, size);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (found.Problem is { } problem)
        {
            json.WriteString("problem"u8, problem);
        }
        json.WriteEndObject();
    }

    /// <summary>What a verification found.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<BlockVerdict> verdicts)
    {
        json.WriteStartArray();
        foreach (var verdict in verdicts)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, verdict.Name);
            WriteTexts(json, "problems", verdict.Problems);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>What a compaction did.</summary>
    public static void Write(Utf8JsonWriter json, CompactResult result)
    {
        json.WriteStartObject();
        json.WriteBoolean("isElsewhere"u8, result.IsElsewhere);
        json.WriteStartArray("made"u8);
        foreach (var block in result.Made)
        {
            json.WriteStartObject();
            json.WriteString("ulid"u8, block.Ulid.ToString());
            json.WriteNumber("level"u8, block.Level);
            json.WriteNumber("minTime"u8, block.MinTimeMs);
            json.WriteNumber("maxTime"u8, block.MaxTimeMs);
            json.WriteNumber("numSeries"u8, block.Series);
            json.WriteNumber("numSamples"u8, block.Samples);
            WriteUlids(json, "parents", block.Parents);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteNumber("logBlocks"u8, result.LogBlocks);
        json.WriteNumber("merges"u8, result.Merges);
        json.WriteNumber("refused"u8, result.Refused);
        json.WriteBoolean("isUnfinished"u8, result.IsUnfinished);
        json.WriteNumber("removedBlocks"u8, result.RemovedBlocks);
        json.WriteNumber("removedLogFiles"u8, result.RemovedLogFiles);
        WriteTexts(json, "problems", result.Problems);
        json.WriteEndObject();
    }

    /// <summary>What became of blocks that were to be imported.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ImportedBlock> blocks)
    {
        json.WriteStartArray();
        foreach (var block in blocks)
        {
            json.WriteStartObject();
            json.WriteString("source"u8, block.Source.ToString());
            json.WriteString(
                "outcome"u8,
                block.Outcome switch
                {
                    ImportOutcome.Imported => "imported",
                    ImportOutcome.AlreadyThere => "alreadyThere",
                    _ => "refused",
                }
            );
            if (block.Block is { } ulid)
            {
                json.WriteString("block"u8, ulid.ToString());
                json.WriteNumber("minTime"u8, block.MinTimeMs);
                json.WriteNumber("maxTime"u8, block.MaxTimeMs);
                json.WriteNumber("numSeries"u8, block.Series);
                json.WriteNumber("numSamples"u8, block.Samples);
            }
            else
            {
                json.WriteString("reason"u8, block.Reason);
            }
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>What a rebuild makes, or made.</summary>
    public static void Write(Utf8JsonWriter json, RebuildPreview plan, RebuildResult? result)
    {
        json.WriteStartObject();
        json.WriteBoolean("isDryRun"u8, result is null);
        if (result is not null)
        {
            json.WriteString("partition"u8, result.Partition);
        }
        WriteUlids(json, "blocks", plan.Kept);
        WriteUlids(json, "leftOut", plan.LeftOut);
        WriteUlids(json, "incomplete", plan.Incomplete);
        WriteTexts(json, "damaged", plan.Damaged);
        json.WriteEndObject();
    }

    /// <summary>What a garbage collection removed, or would remove.</summary>
    public static void Write(Utf8JsonWriter json, GarbageResult named, SweepResult unnamed, bool isDryRun)
    {
        json.WriteStartObject();
        json.WriteBoolean("isDryRun"u8, isDryRun);
        json.WriteNumber("abandonedBlocks"u8, named.AbandonedBlocks);
        json.WriteNumber("blocks"u8, named.Blocks);
        json.WriteNumber("logFiles"u8, named.LogFiles);
        json.WriteNumber("deletes"u8, named.Deletes + unnamed.Deletes);
        json.WriteNumber("unnamedFolders"u8, unnamed.Blocks);
        WriteUlids(json, "unknownBlocks", unnamed.UnknownBlocks);
        WriteTexts(json, "problems", named.Problems);
        json.WriteEndObject();
    }

    private static void WriteUlids(Utf8JsonWriter json, string name, IEnumerable<Ulid> ulids) =>
        WriteTexts(json, name, ulids.Select(ulid => ulid.ToString()));

    private static void WriteTexts(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    }
}
