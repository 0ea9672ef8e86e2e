using System.Text.Json;
using Tributary.Configuration;
using Tributary.Storage.Ledger;

namespace Tributary.Api;

/// <summary>What is known of one source: its targets, how far it is, how it is collected, what is missing.</summary>
public sealed record SourceStatus
{
    /// <summary>What is remembered of it.</summary>
    public required SourceMemory Memory { get; init; }

    /// <summary>Its gaps.</summary>
    public required SourceGaps Gaps { get; init; }

    /// <summary>The job that it belongs to.</summary>
    public required string Job { get; init; }

    /// <summary>The addresses that are asked, the preferred first, without credentials.</summary>
    public required IReadOnlyList<string> Urls { get; init; }

    /// <summary>The interval as a Prometheus duration.</summary>
    public required string Interval { get; init; }

    /// <summary>What the configuration says of it.</summary>
    public required SourceConfig Config { get; init; }

    /// <summary>Whether it is another server's <c>/federate</c>: others are neither pulled nor split.</summary>
    public bool IsFederate { get; init; }

    /// <summary>Writes <c>/api/v1/status/sources</c>.</summary>
    /// <param name="json">Where the data goes.</param>
    /// <param name="sources">All sources.</param>
    /// <param name="problems">What is wrong with the ledger.</param>
    public static void Write(Utf8JsonWriter json, IEnumerable<SourceStatus> sources, IEnumerable<string> problems)
    {
        json.WriteStartObject();
        json.WriteStartArray("sources"u8);
        foreach (var source in sources)
        {
            source.Write(json);
        }
        json.WriteEndArray();
        json.WriteStartArray("problems"u8);
        foreach (var problem in problems)
        {
            json.WriteStringValue(problem);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("source"u8, Memory.Source);
        json.WriteString("scrapePool"u8, Job);
        json.WriteStartArray("targets"u8);
        foreach (var url in Urls)
        {
            json.WriteStringValue(url);
        }
        json.WriteEndArray();
        json.WriteString("scrapeInterval"u8, Interval);
        json.WriteString("watermark"u8, Time(SourceLedger.Watermark(Memory, Gaps)));
        json.WriteString("completeUntil"u8, Time(Memory.CompleteUntilMs));
        json.WriteString("lastTick"u8, Time(Memory.LastTickMs));
        json.WriteString(
            "lastVerdict"u8,
            Memory.LastTickMs == 0 ? "unknown" : Memory.LastVerdict.ToString().ToLowerInvariant()
        );
        json.WriteString("lastError"u8, Memory.LastError);
        LabelsJson.Write(json, "constantLabels", Memory.ConstantLabels);
        if (IsFederate)
        {
            WritePull(json);
            json.WriteStartObject("split"u8);
            json.WriteString("configured"u8, Config.Split.ToString().ToLowerInvariant());
            json.WriteNumber("parts"u8, Memory.Split.Cuts.Count + 1);
            json.WriteEndObject();
        }
        json.WriteString("replica"u8, Memory.Replica.Taken);
        json.WriteNumber("openGaps"u8, Gaps.OpenCount);
        json.WriteEndObject();
    }

    private void WritePull(Utf8JsonWriter json)
    {
        json.WriteStartObject("pull"u8);
        json.WriteString("configured"u8, NameOf(Config.Pull));
        json.WriteString("mode"u8, Memory.Pull.Mode is { } mode ? NameOf(mode) : "");
        json.WriteString("cursor"u8, Time(Memory.Pull.CursorMs));
        json.WriteStartObject("refused"u8);
        foreach (var refused in Memory.Pull.Refused)
        {
            json.WriteString(NameOf(refused.Mode), refused.Reason);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string NameOf(PullMode mode) =>
        mode is PullMode.RemoteRead ? "remote_read" : mode.ToString().ToLowerInvariant();

    private static string Time(long timestampMs) => TimeJson.Format(timestampMs == 0 ? null : timestampMs);
}
