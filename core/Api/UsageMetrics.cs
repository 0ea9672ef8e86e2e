using Tributary.Costs;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Api;

/// <summary>What this process has used, by job: what the ledger of costs keeps.</summary>
internal static class UsageMetrics
{
    private const string OperationsName = "tributary_job_store_operations_total";
    private const string BytesName = "tributary_job_store_bytes_total";
    private const string InvocationsName = "tributary_job_invocations_total";
    private const string TimeName = "tributary_job_billed_byte_seconds_total";
    private const string SentName = "tributary_job_sent_bytes_total";
    private const string JobLabel = "job";
    private const double BytesPerGb = 1L << 30;

    /// <summary>Writes the families.</summary>
    public static void Write(MetricsWriter text, IReadOnlyDictionary<Payer, Usage>? usages)
    {
        if (usages is null)
        {
            return;
        }
        var jobs = usages
            .GroupBy(pair => pair.Key.Job, StringComparer.Ordinal)
            .OrderBy(job => job.Key, StringComparer.Ordinal)
            .Select(job => (Job: job.Key, Usage: Usage.Sum(job.Select(pair => pair.Value))))
            .ToList();
        text.WriteFamily(OperationsName, "counter", "Requests to the store, by the job that they are for.");
        foreach (var (job, usage) in jobs)
        {
            foreach (var operation in OperationCounts.Classes)
            {
                if (usage.Operations.MillionthsOf(operation) != 0)
                {
                    text.WriteSample(
                        OperationsName,
                        usage.Operations[operation],
                        new Label(JobLabel, job),
                        new Label("class", OwnMetrics.NameOf(operation))
                    );
                }
            }
        }
        text.WriteFamily(BytesName, "counter", "Bytes of blobs that were read and written, by job.");
        foreach (var (job, usage) in jobs)
        {
            text.WriteSample(BytesName, usage.BytesRead, new Label(JobLabel, job), new Label("direction", "read"));
            text.WriteSample(
                BytesName,
                usage.BytesWritten,
                new Label(JobLabel, job),
                new Label("direction", "written")
            );
        }
        ByJob(SentName, "Bytes of answers and messages to others, by job.", usage => usage.BytesSent);
        ByJob(InvocationsName, "Invocations of functions that are over, by job.", usage => usage.Invocations);
        ByJob(
            TimeName,
            "Memory times time that the Functions host bills for them, as far as this process can tell; 2^30 are a GB-second.",
            usage => Usage.GbSeconds(usage.OnDemandMbMs + usage.AlwaysReadyMbMs) * BytesPerGb
        );

        void ByJob(string name, string help, Func<Usage, double> value)
        {
            text.WriteFamily(name, "counter", help);
            foreach (var (job, usage) in jobs)
            {
                text.WriteSample(name, value(usage), new Label(JobLabel, job));
            }
        }
    }
}
