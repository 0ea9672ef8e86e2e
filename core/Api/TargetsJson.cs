using System.Text.Json;

namespace Tributary.Api;

/// <summary>The data of <c>/api/v1/targets</c> and <c>/api/v1/scrape_pools</c>.</summary>
/// <remarks>See <see href="https://prometheus.io/docs/prometheus/latest/querying/api/#targets"/>.</remarks>
public static class TargetsJson
{
    /// <summary>Writes the targets, by the names of their jobs.</summary>
    /// <param name="json">The output, where the data goes.</param>
    /// <param name="targets">All targets.</param>
    /// <param name="pools">The jobs with what relabelling dropped.</param>
    /// <param name="query">What to list.</param>
    public static void Write(
        Utf8JsonWriter json,
        IReadOnlyList<TargetStatus> targets,
        IReadOnlyList<ScrapePoolStatus> pools,
        TargetsQuery query
    )
    {
        json.WriteStartObject();
        json.WriteStartArray("activeTargets"u8);
        if (query.Shows("active"))
        {
            foreach (var target in targets.OrderBy(target => target.ScrapePool, StringComparer.Ordinal))
            {
                if (query.Takes(target.ScrapePool))
                {
                    WriteTarget(json, target, query.GlobalUrl);
                }
            }
        }
        json.WriteEndArray();
        var showsDropped = query.Shows("dropped");
        json.WriteStartArray("droppedTargets"u8);
        if (showsDropped)
        {
            WriteDropped(json, pools, query);
        }
        json.WriteEndArray();
        if (showsDropped)
        {
            WriteDroppedCounts(json, targets, pools);
        }
        else
        {
            json.WriteNull("droppedTargetCounts"u8);
        }
        json.WriteEndObject();
    }

    /// <summary>Writes the names of the jobs.</summary>
    /// <param name="json">The output, where the data goes.</param>
    /// <param name="names">The names, in any order, each at least once.</param>
    public static void WritePools(Utf8JsonWriter json, IEnumerable<string> names)
    {
        json.WriteStartObject();
        json.WriteStartArray("scrapePools"u8);
        foreach (var name in names.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal))
        {
            json.WriteStringValue(name);
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTarget(Utf8JsonWriter json, TargetStatus target, GlobalUrl? globalUrl)
    {
        json.WriteStartObject();
        LabelsJson.Write(json, "discoveredLabels", target.DiscoveredLabels);
        LabelsJson.Write(json, "labels", target.Labels);
        json.WriteString("scrapePool"u8, target.ScrapePool);
        json.WriteString("scrapeUrl"u8, target.ScrapeUrl);
        json.WriteString("globalUrl"u8, globalUrl is null ? target.ScrapeUrl : globalUrl.Of(target.ScrapeUrl));
        json.WriteString("lastError"u8, target.Report?.Error ?? "");
        json.WriteString("lastScrape"u8, TimeJson.Format(target.LastScrapeMs));
        json.WriteNumber("lastScrapeDuration"u8, target.Report?.DurationSeconds ?? 0);
        json.WriteString("health"u8, target.Health);
        json.WriteString("scrapeInterval"u8, target.Interval);
        json.WriteString("scrapeTimeout"u8, target.Timeout);
        if (target.Note.Length > 0)
        {
            json.WriteString("note"u8, target.Note);
        }
        json.WriteEndObject();
    }

    private static void WriteDropped(Utf8JsonWriter json, IReadOnlyList<ScrapePoolStatus> pools, TargetsQuery query)
    {
        foreach (var pool in pools.OrderBy(pool => pool.Name, StringComparer.Ordinal))
        {
            foreach (var target in query.Takes(pool.Name) ? pool.Dropped : [])
            {
                json.WriteStartObject();
                LabelsJson.Write(json, "discoveredLabels", target.DiscoveredLabels);
                json.WriteString("scrapePool"u8, pool.Name);
                json.WriteEndObject();
            }
        }
    }

    /// <summary>Every job with the count of its dropped targets, whatever jobs are listed, as in Prometheus.</summary>
    private static void WriteDroppedCounts(
        Utf8JsonWriter json,
        IReadOnlyList<TargetStatus> targets,
        IReadOnlyList<ScrapePoolStatus> pools
    )
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var target in targets)
        {
            counts[target.ScrapePool] = 0;
        }
        foreach (var pool in pools)
        {
            counts[pool.Name] = pool.DroppedCount;
        }
        json.WriteStartObject("droppedTargetCounts"u8);
        foreach (var (pool, count) in counts)
        {
            json.WriteNumber(pool, count);
        }
        json.WriteEndObject();
    }
}

/// <summary>What <c>/api/v1/targets</c> is asked for.</summary>
/// <param name="State"><c>active</c>, <c>dropped</c> or <c>any</c>; empty is <c>any</c>, another text selects nothing.</param>
/// <param name="ScrapePool">The only job to list; empty lists all.</param>
/// <param name="GlobalUrl">How people outside reach targets; null leaves their URLs as they are.</param>
public sealed record TargetsQuery(string State = "", string ScrapePool = "", GlobalUrl? GlobalUrl = null)
{
    internal bool Shows(string kind) =>
        State.Length == 0
        || State.Equals("any", StringComparison.OrdinalIgnoreCase)
        || State.Equals(kind, StringComparison.OrdinalIgnoreCase);

    internal bool Takes(string scrapePool) =>
        ScrapePool.Length == 0 || string.Equals(ScrapePool, scrapePool, StringComparison.Ordinal);
}
