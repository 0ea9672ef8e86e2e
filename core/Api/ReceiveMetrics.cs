using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>The figures of what others write to us by remote write.</summary>
internal static class ReceiveMetrics
{
    private const string Requests = "tributary_remote_write_received_requests_total";
    private const string Rejected = "tributary_remote_write_received_rejected_samples_total";

    public static void Write(MetricsWriter text, ReceiveTotals? received)
    {
        if (received is null)
        {
            return;
        }
        text.WriteFamily(
            Requests,
            "counter",
            "Requests of remote write: stored, refused (nothing of them is stored), or not known to be stored."
        );
        text.WriteSample(Requests, received.Requests, new Label("outcome", "stored"));
        text.WriteSample(Requests, received.Refused, new Label("outcome", "refused"));
        text.WriteSample(Requests, received.Failed, new Label("outcome", "failed"));
        Counter("tributary_remote_write_received_samples_total", "Float samples stored.", received.Samples);
        Counter("tributary_remote_write_received_histograms_total", "Native histograms stored.", received.Histograms);
        Counter(
            "tributary_remote_write_received_exemplars_total",
            "Exemplars received; none are stored.",
            received.Exemplars
        );
        Counter(
            "tributary_remote_write_received_bytes_total",
            "Bytes of messages received, decompressed.",
            received.Bytes
        );
        text.WriteFamily(Rejected, "counter", "Samples of requests that are not stored, by reason.");
        foreach (var (reason, samples) in received.Rejected)
        {
            text.WriteSample(Rejected, samples, new Label("reason", reason));
        }
        text.WriteFamily("tributary_remote_write_received_series", "gauge", "Series that senders wrote lately.");
        text.WriteSample("tributary_remote_write_received_series", received.Series);

        void Counter(string name, string help, double value)
        {
            text.WriteFamily(name, "counter", help);
            text.WriteSample(name, value);
        }
    }
}
