using System.Globalization;
using System.Text.Json;
using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Stores;

namespace Tributary.Api;

/// <summary>What <c>/api/v1/status/cost</c> and <c>tributary cost</c> say.</summary>
/// <param name="FromMs">Since when is counted, milliseconds since the epoch; null when nothing is known.</param>
/// <param name="UntilMs">Until when.</param>
/// <param name="Processes">Processes that counted.</param>
/// <param name="Now">A month as it goes on; null when nothing is known.</param>
/// <param name="Changed">A month with another interval or other series; null when nobody asked.</param>
/// <param name="Problems">What is left out.</param>
public sealed record CostStatus(
    long? FromMs,
    long? UntilMs,
    int Processes,
    CostReport? Now,
    CostReport? Changed,
    IReadOnlyList<string> Problems
)
{
    /// <summary>Sources that an answer names.</summary>
    public const int MaxSources = 1000;

    /// <summary>The status of what was measured.</summary>
    /// <param name="history">What was used.</param>
    /// <param name="settings">The prices.</param>
    /// <param name="storedBytes">What lies in the store.</param>
    /// <param name="change">What would be changed, or null.</param>
    public static CostStatus Of(CostHistory history, CostSettings settings, long storedBytes, CostChange? change)
    {
        if (history.FromMs is null)
        {
            return new CostStatus(null, null, 0, null, null, history.Problems);
        }
        var (totals, intervals) = (history.Totals(), history.Intervals());
        var now = CostReport.Of(totals, history.Days, intervals, storedBytes, settings);
        CostReport? changed = null;
        if (change is not null)
        {
            var then = change.Of(totals, intervals, storedBytes);
            changed = CostReport.Of(then.Totals, history.Days, then.Intervals, then.StoredBytes, settings);
        }
        return new CostStatus(history.FromMs, history.UntilMs, history.Processes, now, changed, history.Problems);
    }

    /// <summary>The name of an item in answers.</summary>
    public static string NameOf(CostItem item) =>
        item switch
        {
            CostItem.BlobWrites => "blob_writes",
            CostItem.BlobLists => "blob_lists",
            CostItem.BlobReads => "blob_reads",
            CostItem.BlobOthers => "blob_others",
            CostItem.TableOperations => "table_operations",
            CostItem.BlobStorage => "blob_gb",
            CostItem.TableStorage => "table_gb",
            CostItem.Executions => "executions",
            CostItem.OnDemand => "on_demand_gb_seconds",
            CostItem.AlwaysReady => "always_ready_gb_seconds",
            CostItem.Baseline => "baseline_gb_seconds",
            CostItem.Egress => "egress_gb",
            _ => "log_gb",
        };

    /// <summary>Writes the object.</summary>
    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        if (Now is not null)
        {
            json.WriteString("from"u8, TimeJson.Format(FromMs!.Value));
            json.WriteString("until"u8, TimeJson.Format(UntilMs!.Value));
            json.WriteNumber("days"u8, Math.Round(Now.Days, 6));
            json.WriteNumber("processes"u8, Processes);
            json.WriteString("currency"u8, Now.Prices.Currency);
            json.WriteString("pricesAsOf"u8, Now.Prices.AsOf.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WritePropertyName("month"u8);
            Write(json, Now);
        }
        if (Changed is not null)
        {
            json.WritePropertyName("changedMonth"u8);
            Write(json, Changed);
        }
        json.WriteStartArray("problems"u8);
        foreach (var problem in Problems)
        {
            json.WriteStringValue(problem);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CostReport report)
    {
        json.WriteStartObject();
        json.WriteNumber("cost"u8, Money(report.Total.Amount));
        json.WriteStartArray("items"u8);
        foreach (var line in report.Total.Lines)
        {
            json.WriteStartObject();
            json.WriteString("item"u8, NameOf(line.Item));
            json.WriteNumber("quantity"u8, Math.Round(line.Quantity, 6));
            json.WriteNumber("free"u8, Math.Round(line.Free, 6));
            json.WriteNumber("cost"u8, Money(line.Amount));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("jobs"u8);
        foreach (var job in report.Jobs)
        {
            json.WriteStartObject();
            json.WriteString("job"u8, job.Job);
            json.WriteNumber("cost"u8, Money(job.Estimate.Amount));
            Write(json, "used"u8, job.Usage);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("sources"u8);
        foreach (var source in report.Sources.Take(MaxSources))
        {
            json.WriteStartObject();
            json.WriteString("source"u8, source.Source);
            json.WriteNumber("cost"u8, Money(source.Estimate.Amount));
            json.WriteNumber("series"u8, source.Series);
            json.WriteNumber("intervalSeconds"u8, Math.Round(source.Interval?.TotalSeconds ?? 0, 1));
            Write(json, "own"u8, source.Own);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>What was used in the time that was measured.</summary>
    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> name, Usage usage)
    {
        json.WriteStartObject(name);
        json.WriteStartObject("operations"u8);
        foreach (var operation in OperationCounts.Classes)
        {
            if (usage.Operations.MillionthsOf(operation) != 0)
            {
                json.WriteNumber(OwnMetrics.NameOf(operation), usage.Operations[operation]);
            }
        }
        json.WriteEndObject();
        Number("bytesRead", usage.BytesRead);
        Number("bytesWritten", usage.BytesWritten);
        Number("bytesSent", usage.BytesSent);
        Number("bytesReceived", usage.BytesReceived);
        Number("samples", usage.Samples);
        Number("ticks", usage.Ticks);
        Number("storedBytes", usage.StoredBytes);
        Number("invocations", usage.Invocations);
        Number("onDemandMbMs", usage.OnDemandMbMs);
        Number("alwaysReadyMbMs", usage.AlwaysReadyMbMs);
        Number("baselineMbMs", usage.BaselineMbMs);
        Number("logBytes", usage.LogBytes);
        json.WriteEndObject();

        void Number(string field, long value)
        {
            if (value != 0)
            {
                json.WriteNumber(field, value);
            }
        }
    }

    private static double Money(double amount) => Math.Round(amount, 6);
}
