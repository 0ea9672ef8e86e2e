using System.Text.Json;
using Tributary.Exports;

namespace Tributary.Api;

/// <summary>What <c>/api/v1/status/exports</c> and <c>tributary export ls</c> say.</summary>
/// <param name="Exports">The exports with their last runs, in the order of the configuration.</param>
public sealed record ExportsStatus(IReadOnlyList<ExportStatus> Exports)
{
    /// <summary>Writes the object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("exports"u8);
        foreach (var (config, nextMs, runs) in Exports)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, config.Name);
            json.WriteString("schedule"u8, config.Schedule.Text);
            if (config.Query.Length > 0)
            {
                json.WriteString("query"u8, config.Query);
            }
            else
            {
                json.WriteStartArray("match"u8);
                foreach (var selector in config.Match)
                {
                    json.WriteStringValue(selector);
                }
                json.WriteEndArray();
            }
            json.WriteString("format"u8, ExportNames.Of(config.Format));
            json.WriteString("destination"u8, config.Destination.Shown(config.Destination.Template));
            if (nextMs is { } next)
            {
                json.WriteString("next"u8, TimeJson.Format(next));
            }
            json.WriteStartArray("runs"u8);
            foreach (var run in runs)
            {
                Write(json, run);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes a run.</summary>
    public static void Write(Utf8JsonWriter json, ExportRow run)
    {
        json.WriteStartObject();
        json.WriteString("time"u8, TimeJson.Format(run.TimeMs));
        json.WriteString("state"u8, StateOf(run.State));
        json.WriteString("written"u8, TimeJson.Format(run.Written.ToUnixTimeMilliseconds()));
        if (run.IsFinished)
        {
            json.WriteString("output"u8, run.Output);
            json.WriteString("manifest"u8, run.Manifest);
            json.WriteNumber("rows"u8, run.Rows);
            json.WriteNumber("bytes"u8, run.Bytes);
            json.WriteString("sha256"u8, run.Sha256);
        }
        if (run.Error.Length > 0)
        {
            json.WriteString("error"u8, run.Error);
        }
        json.WriteNumber("failures"u8, run.Failures);
        json.WriteEndObject();
    }

    /// <summary>A state as people and programs read it.</summary>
    public static string StateOf(ExportState state) =>
        state switch
        {
            ExportState.Complete => "complete",
            ExportState.Incomplete => "incomplete",
            ExportState.Running => "running",
            _ => "failed",
        };
}
