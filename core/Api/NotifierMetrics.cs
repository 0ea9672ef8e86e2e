using Tributary.Alerting;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>The figures of alerts to Alertmanagers, under Prometheus' own names.</summary>
internal static class NotifierMetrics
{
    private const string Prefix = "prometheus_notifications_";

    public static void Write(MetricsWriter text, IReadOnlyList<AlertmanagerFigures>? all)
    {
        if (all is null)
        {
            return;
        }
        One("alertmanagers_discovered", "Alertmanagers to which alerts are sent.", all.Count);
        One("queue_capacity", "The most alerts that wait for one Alertmanager.", Outbox.Capacity);
        if (all.Count == 0)
        {
            return;
        }
        Each("queue_length", "gauge", "Alerts that wait.", one => one.Queued);
        Each("sent_total", "counter", "Alerts that were sent.", one => one.Sent);
        Each("errors_total", "counter", "Alerts in requests that failed.", one => one.Errors);
        Each("dropped_total", "counter", "Alerts that will not be sent: refused, or no room.", one => one.Dropped);
        const string requests = "tributary_notifications_requests_total";
        text.WriteFamily(requests, "counter", "Requests that an Alertmanager answered well.");
        WriteEach(requests, one => one.Requests);
        const string seconds = "tributary_notifications_request_seconds_total";
        text.WriteFamily(seconds, "counter", "What these requests took together.");
        WriteEach(seconds, one => one.Seconds);

        void One(string name, string help, double value)
        {
            text.WriteFamily(Prefix + name, "gauge", help);
            text.WriteSample(Prefix + name, value);
        }

        void Each(string name, string type, string help, Func<AlertmanagerFigures, double> value)
        {
            text.WriteFamily(Prefix + name, type, help);
            WriteEach(Prefix + name, value);
        }

        void WriteEach(string name, Func<AlertmanagerFigures, double> value)
        {
            // Two items of the configuration may have found the same one.
            foreach (var same in all.GroupBy(one => one.Url, StringComparer.Ordinal))
            {
                text.WriteSample(name, same.Sum(value), new Label("alertmanager", same.Key));
            }
        }
    }
}
