using Tributary.Exposition;
using Tributary.Model;
using Tributary.RemoteWrite.Sending;

namespace Tributary.Api;

/// <summary>What was sent to destinations of remote write, as metrics, by Prometheus' names where it has them.</summary>
internal static class RemoteWriteMetrics
{
    private const string Upstream = "prometheus_remote_storage_";
    private const double MsPerSecond = 1000;

    /// <summary>Writes the families.</summary>
    public static void Write(MetricsWriter text, IReadOnlyList<DestinationFigures> all)
    {
        if (all.Count == 0)
        {
            return;
        }
        var writer = new Writer(text, all);
        writer.Counter(Upstream + "samples_total", "Samples sent.", one => one.Samples);
        writer.Counter(Upstream + "histograms_total", "Native histograms sent.", one => one.Histograms);
        writer.Counter(Upstream + "metadata_total", "Metadata entries sent.", one => one.Metadata);
        writer.Counter(Upstream + "samples_failed_total", "Samples refused for ever.", one => one.SamplesFailed);
        writer.Counter(
            Upstream + "histograms_failed_total",
            "Native histograms refused for ever.",
            one => one.HistogramsFailed
        );
        writer.Counter(Upstream + "metadata_failed_total", "Metadata entries not taken.", one => one.MetadataFailed);
        writer.Counter(Upstream + "samples_retried_total", "Samples sent again.", one => one.Retried);
        WriteDropped(text, all);
        writer.Counter(Upstream + "bytes_total", "Bytes sent, compressed.", one => one.Bytes);
        writer.Gauge(
            Upstream + "queue_highest_sent_timestamp_seconds",
            "The newest timestamp sent.",
            one => one.HighestSentMs / MsPerSecond
        );
        writer.Gauge(Upstream + "shards", "Requests at once in the last round.", one => one.Shards);
        writer.Gauge(
            "tributary_remote_write_pending_log_bytes",
            "Bytes of the log that the destination has still to take.",
            one => one.PendingBytes
        );
        writer.Counter(
            "tributary_remote_write_lost_log_files_total",
            "Log files that were deleted before the destination had taken them.",
            one => one.LostFiles
        );
        writer.Gauge(
            "tributary_remote_write_sending",
            "Whether this process is the one that sends.",
            one => one.IsSender ? 1 : 0
        );
    }

    private static void WriteDropped(MetricsWriter text, IReadOnlyList<DestinationFigures> all)
    {
        const string Name = Upstream + "samples_dropped_total";
        text.WriteFamily(Name, "counter", "Samples not sent, by reason.");
        foreach (var one in all)
        {
            foreach (
                var (reason, value) in (ReadOnlySpan<(string, long)>)
                    [
                        ("dropped_series", one.DroppedByRules),
                        ("too_old", one.DroppedAsOld),
                        ("native_histogram", one.DroppedHistograms),
                    ]
            )
            {
                text.WriteSample(Name, value, [.. LabelsOf(one), new Label("reason", reason)]);
            }
        }
    }

    private static Label[] LabelsOf(DestinationFigures one) =>
        [new Label("remote_name", one.Name), new Label("url", one.Url)];

    private sealed class Writer(MetricsWriter text, IReadOnlyList<DestinationFigures> all)
    {
        public void Counter(string name, string help, Func<DestinationFigures, double> value) =>
            Write("counter", name, help, value);

        public void Gauge(string name, string help, Func<DestinationFigures, double> value) =>
            Write("gauge", name, help, value);

        private void Write(string type, string name, string help, Func<DestinationFigures, double> value)
        {
            text.WriteFamily(name, type, help);
            foreach (var one in all)
            {
                text.WriteSample(name, value(one), LabelsOf(one));
            }
        }
    }
}
