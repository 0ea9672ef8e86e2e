using System.Globalization;
using System.Text.Json;
using Tributary.Model;

namespace Tributary.Api;

/// <summary>The answer of <c>/api/v1/targets</c>.</summary>
/// <remarks>See <see href="https://prometheus.io/docs/prometheus/latest/querying/api/#targets"/>.</remarks>
public static class TargetsJson
{
    private const string NeverScraped = "0001-01-01T00:00:00Z";

    /// <summary>Writes the whole answer.</summary>
    /// <param name="json">The output, at the root.</param>
    /// <param name="targets">All targets.</param>
    /// <param name="state"><c>active</c>, <c>dropped</c> or <c>any</c>; null is <c>any</c>, another text selects nothing.</param>
    /// <param name="scrapePool">The only job to list; null or empty lists all.</param>
    public static void Write(
        Utf8JsonWriter json,
        IReadOnlyList<TargetStatus> targets,
        string? state,
        string? scrapePool = null
    )
    {
        var isAny = string.IsNullOrEmpty(state) || string.Equals(state, "any", StringComparison.OrdinalIgnoreCase);
        json.WriteStartObject();
        json.WriteString("status"u8, "success"u8);
        json.WriteStartObject("data"u8);
        json.WriteStartArray("activeTargets"u8);
        if (isAny || string.Equals(state, "active", StringComparison.OrdinalIgnoreCase))
        {
            foreach (var target in targets.Where(target => IsIn(target, scrapePool)))
            {
                WriteTarget(json, target);
            }
        }
        json.WriteEndArray();
        json.WriteStartArray("droppedTargets"u8);
        json.WriteEndArray();
        if (isAny || string.Equals(state, "dropped", StringComparison.OrdinalIgnoreCase))
        {
            WriteDroppedCounts(json, targets.Where(target => IsIn(target, scrapePool)));
        }
        else
        {
            json.WriteNull("droppedTargetCounts"u8);
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static bool IsIn(TargetStatus target, string? scrapePool) =>
        string.IsNullOrEmpty(scrapePool) || string.Equals(target.ScrapePool, scrapePool, StringComparison.Ordinal);

    private static void WriteTarget(Utf8JsonWriter json, TargetStatus target)
    {
        json.WriteStartObject();
        WriteLabels(json, "discoveredLabels", target.DiscoveredLabels);
        WriteLabels(json, "labels", target.Labels);
        json.WriteString("scrapePool"u8, target.ScrapePool);
        json.WriteString("scrapeUrl"u8, target.ScrapeUrl);
        json.WriteString("globalUrl"u8, target.ScrapeUrl);
        json.WriteString("lastError"u8, target.Report?.Error ?? "");
        json.WriteString("lastScrape"u8, Rfc3339(target.LastScrapeMs));
        json.WriteNumber("lastScrapeDuration"u8, target.Report?.DurationSeconds ?? 0);
        json.WriteString("health"u8, target.Health);
        json.WriteString("scrapeInterval"u8, target.Interval);
        json.WriteString("scrapeTimeout"u8, target.Timeout);
        json.WriteEndObject();
    }

    private static void WriteLabels(Utf8JsonWriter json, string property, LabelSet labels)
    {
        json.WriteStartObject(property);
        foreach (var label in labels.Labels)
        {
            json.WriteString(label.Name, label.Value);
        }
        json.WriteEndObject();
    }

    /// <summary>Every job with the count of its dropped targets; nothing drops targets yet.</summary>
    private static void WriteDroppedCounts(Utf8JsonWriter json, IEnumerable<TargetStatus> targets)
    {
        json.WriteStartObject("droppedTargetCounts"u8);
        foreach (var pool in targets.Select(target => target.ScrapePool).Distinct(StringComparer.Ordinal))
        {
            json.WriteNumber(pool, 0);
        }
        json.WriteEndObject();
    }

    /// <summary>As Go prints times: no zeros at the end of the fraction.</summary>
    private static string Rfc3339(long? timestampMs) =>
        timestampMs is { } ms
            ? DateTimeOffset
                .FromUnixTimeMilliseconds(ms)
                .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture)
            : NeverScraped;
}
