using Tributary.Configuration;

namespace Tributary.Exports;

/// <summary>Formats and compressions as configuration and manifest name them.</summary>
internal static class ExportNames
{
    /// <summary>The format whose output is a folder.</summary>
    public const string Blocks = "prometheus-blocks";

    /// <summary>A format.</summary>
    public static string Of(ExportFormat format) =>
        format switch
        {
            ExportFormat.Csv => "csv",
            ExportFormat.Ndjson => "ndjson",
            ExportFormat.OpenMetrics => "openmetrics",
            _ => Blocks,
        };

    /// <summary>A compression.</summary>
    public static string OfCompression(bool isCompressed) => isCompressed ? "gzip" : "none";

    /// <summary>The content type that a web server is told.</summary>
    public static string ContentType(ExportConfig config) =>
        config.IsCompressed
            ? "application/gzip"
            : config.Format switch
            {
                ExportFormat.Csv => "text/csv; charset=utf-8; header=present",
                ExportFormat.Ndjson => "application/x-ndjson",
                ExportFormat.OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
                _ => "application/x-tar",
            };
}
