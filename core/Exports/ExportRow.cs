using System.Globalization;
using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>What the tables say of one run.</summary>
/// <param name="Export">The export.</param>
/// <param name="TimeMs">The scheduled time, milliseconds since the epoch.</param>
public sealed record ExportRow(string Export, long TimeMs)
{
    private const string Prefix = "run-";
    private const int MaxErrorChars = 1000;

    /// <summary>How it stands.</summary>
    public ExportState State { get; init; }

    /// <summary>Who runs it, or ran it last.</summary>
    public string Owner { get; init; } = "";

    /// <summary>How often it failed.</summary>
    public int Failures { get; init; }

    /// <summary>Why it failed last, without secrets.</summary>
    public string Error { get; init; } = "";

    /// <summary>Where the output is, without secrets.</summary>
    public string Output { get; init; } = "";

    /// <summary>Where the manifest is.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>Rows of the output.</summary>
    public long Rows { get; init; }

    /// <summary>Its length.</summary>
    public long Bytes { get; init; }

    /// <summary>Its SHA-256, hexadecimal.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>The same for the same gaps; empty without any.</summary>
    public string GapKey { get; init; } = "";

    /// <summary>When it was written last, by the store's clock.</summary>
    public DateTimeOffset Written { get; init; }

    /// <summary>Whether there is an output.</summary>
    public bool IsFinished => State is ExportState.Complete or ExportState.Incomplete;

    /// <summary>Another one with every write.</summary>
    internal string Change { get; init; } = "";

    /// <summary>The row's ETag; null as long as there is none.</summary>
    internal string? ETag { get; init; }

    /// <summary>The row's key; keys have the order of times.</summary>
    internal static string KeyOf(long timeMs) =>
        string.Create(CultureInfo.InvariantCulture, $"{Prefix}{Math.Clamp(timeMs, 0, 999_999_999_999_999):D15}");

    internal Dictionary<string, object> Encode() =>
        new(StringComparer.Ordinal)
        {
            ["time"] = TimeMs,
            ["state"] = State.ToString(),
            ["owner"] = Owner,
            ["failures"] = (long)Failures,
            ["error"] = Error.Length <= MaxErrorChars ? Error : Error[..MaxErrorChars],
            ["output"] = Output,
            ["manifest"] = Manifest,
            ["rows"] = Rows,
            ["bytes"] = Bytes,
            ["sha256"] = Sha256,
            ["gaps"] = GapKey,
            ["change"] = Change,
        };

    /// <summary>Reads a row; one that is not understood counts as one that failed, and is run again.</summary>
    internal static ExportRow Decode(string export, TableRow row)
    {
        var timeMs = long.TryParse(row.Row.AsSpan(Prefix.Length), CultureInfo.InvariantCulture, out var ms) ? ms : 0;
        return new ExportRow(export, timeMs)
        {
            State = Enum.TryParse<ExportState>(Text("state"), out var state) ? state : ExportState.Failed,
            Owner = Text("owner"),
            Failures = (int)Math.Clamp(Number("failures"), 0, int.MaxValue),
            Error = Text("error"),
            Output = Text("output"),
            Manifest = Text("manifest"),
            Rows = Number("rows"),
            Bytes = Number("bytes"),
            Sha256 = Text("sha256"),
            GapKey = Text("gaps"),
            Change = Text("change"),
            Written = row.Timestamp,
            ETag = row.ETag,
        };

        string Text(string name) => row.Properties.TryGetValue(name, out var value) ? value as string ?? "" : "";
        long Number(string name) =>
            row.Properties.TryGetValue(name, out var value) && value is long number ? number : 0;
    }
}

/// <summary>How a run stands.</summary>
public enum ExportState
{
    /// <summary>It failed, or was stopped; it is tried again.</summary>
    Failed,

    /// <summary>A process works on it, or was killed while it did.</summary>
    Running,

    /// <summary>There is an output, and something was missing.</summary>
    Incomplete,

    /// <summary>There is an output with everything.</summary>
    Complete,
}
