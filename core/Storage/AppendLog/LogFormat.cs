namespace Tributary.Storage.AppendLog;

/// <summary>The constants of a log file; docs/formats/log.md is the page.</summary>
internal static class LogFormat
{
    /// <summary>Version of the format, behind the magic.</summary>
    public const byte Version = 1;

    /// <summary>Bytes of magic and version.</summary>
    public const int PreambleBytes = 5;

    /// <summary>Bytes of a frame before its body: length, CRC-32C.</summary>
    public const int FrameBytes = 8;

    /// <summary>The longest body of a frame; a longer length is corrupt.</summary>
    public const int MaxBodyBytes = 4 * 1024 * 1024 - 1024;

    /// <summary>Positions in one samples record: bounds its size below <see cref="MaxBodyBytes"/>.</summary>
    public const int MaxPositions = 128 * 1024;

    /// <summary>Raw bytes of symbols and series after which a labels record ends.</summary>
    public const int LabelsRecordBytes = 1024 * 1024;

    /// <summary>Bytes after which a record of histograms ends; one more fits, whatever it is.</summary>
    public const int HistogramsRecordBytes = 1024 * 1024;

    /// <summary>Deltas begin anew after so much tick time.</summary>
    public const long RestartMs = 5 * 60 * 1000;

    /// <summary>A file is left after so many appends (the service's limit is 50,000).</summary>
    public const int MaxAppends = 40_000;

    /// <summary>A file is left after so many bytes.</summary>
    public const long MaxFileBytes = 64 * 1024 * 1024;

    /// <summary>The first bytes of every log file.</summary>
    public static ReadOnlySpan<byte> Magic => "TLOG"u8;
}
