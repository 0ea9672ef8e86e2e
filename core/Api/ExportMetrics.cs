using Tributary.Exports;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>What this process exported, as metrics.</summary>
internal static class ExportMetrics
{
    private const string Runs = "tributary_export_runs_total";
    private const double MillisecondsPerSecond = 1000;

    /// <summary>Writes the families; none without exports.</summary>
    public static void Write(MetricsWriter text, IReadOnlyList<ExportTotals> exports)
    {
        if (exports.Count == 0)
        {
            return;
        }
        text.WriteFamily(Runs, "counter", "Runs of exports by this process, by what became of them.");
        foreach (var export in exports)
        {
            var name = new Label("export", export.Export);
            text.WriteSample(Runs, export.Complete, name, new Label("outcome", "complete"));
            text.WriteSample(Runs, export.Incomplete, name, new Label("outcome", "incomplete"));
            text.WriteSample(Runs, export.Failed, name, new Label("outcome", "failed"));
        }
        Each("tributary_export_rows_total", "counter", "Rows that this process exported.", one => one.Rows);
        Each("tributary_export_bytes_total", "counter", "Bytes of the outputs of this process.", one => one.Bytes);
        Each(
            "tributary_export_last_complete_timestamp_seconds",
            "gauge",
            "Scheduled time of the latest complete run by this process; 0 without one.",
            one => one.LastTimeMs / MillisecondsPerSecond
        );
        Each(
            "tributary_export_open_timestamp_seconds",
            "gauge",
            "Scheduled time of the oldest run that is still to be done, or to be completed; 0 when there is none.",
            one => one.OpenSinceMs / MillisecondsPerSecond
        );

        void Each(string name, string type, string help, Func<ExportTotals, double> value)
        {
            text.WriteFamily(name, type, help);
            foreach (var export in exports)
            {
                text.WriteSample(name, value(export), new Label("export", export.Export));
            }
        }
    }
}
