using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Scrapes every recorded body with the real scraper, and judges what is stored by what Prometheus stored.</summary>
public sealed class ExpositionConformanceTests
{
    [Theory]
    [InlineData("exposition/scrape-2.42.jsonl")]
    [InlineData("exposition/scrape-2.42-large.jsonl.gz")]
    public async Task Scrape_RecordedBody_StoresWhatPrometheusStored(string file)
    {
        var passed = 0;
        var problems = new List<string>();
        foreach (var item in Lines(file))
        {
            var id = item.GetProperty("id").GetString()!;
            if (item.TryGetProperty("artefact", out _))
            {
                continue;
            }
            if (await JudgeAsync(item, id) is { } problem)
            {
                problems.Add($"{id}: {problem}");
            }
            else
            {
                passed++;
            }
        }
        ConformanceData.Report(file, passed, problems);
    }

    private static IEnumerable<JsonElement> Lines(string file)
    {
        if (!file.EndsWith(".gz", StringComparison.Ordinal))
        {
            return ConformanceData.Lines(file);
        }
        var path = ConformanceData.PathOf(file);
        if (!File.Exists(path))
        {
            return [];
        }
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n').Where(line => line.Length > 0).Select(Parse)];
    }

    private static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private static async Task<(Batch Batch, IReadOnlyList<MetricMetadata> Metadata)> ScrapeAsync(
        JsonElement item,
        string id
    )
    {
        var path = id.Split('/')[0] switch
        {
            "openmetrics" => $"exposition/{id}/metrics",
            "content-type" => "exposition/content-type/body",
            _ => $"exposition/{id}",
        };
        var body = await File.ReadAllBytesAsync(ConformanceData.PathOf(path), TestContext.Current.CancellationToken);
        var ages = TimeSpan.FromDays(365 * 60);
        var source = new ScriptedSource(new ScrapeLimits { MaxAge = ages, MaxAhead = ages })
        {
            Answer = () => ScriptedSource.Bytes(body, item.GetProperty("content_type").GetString()),
        };
        return (await source.ScrapeAsync(), source.State.Metadata);
    }

    private static async Task<string?> JudgeAsync(JsonElement item, string id)
    {
        var (batch, metadata) = await ScrapeAsync(item, id);
        var health = (item.TryGetProperty("v3_health", out var v3) ? v3 : item.GetProperty("health")).GetString();
        var found = batch.Report.Verdict is Verdict.Failed ? "down" : "up";
        if (!string.Equals(found, health, StringComparison.Ordinal))
        {
            return $"{found} instead of {health}: {batch.Report.Error}";
        }
        // What 2.42 refused it did not store, so there is nothing to compare with.
        return health is "down" || item.GetProperty("health").GetString() is "down"
            ? null
            : Differ("samples", ExpectedSamples(item), Samples(batch.Scraped))
                ?? Differ("metadata", ExpectedMetadata(item), metadata.Select(Describe));
    }

    private static string? Differ(string what, IEnumerable<string> expected, IEnumerable<string> found)
    {
        var wanted = expected.Order(StringComparer.Ordinal).ToArray();
        var got = found.Order(StringComparer.Ordinal).ToArray();
        return wanted.SequenceEqual(got)
            ? null
            : $"{what}: missing [{string.Join("; ", wanted.Except(got).Take(3))}], unexpected [{string.Join("; ", got.Except(wanted).Take(3))}]";
    }

    private static IEnumerable<string> ExpectedSamples(JsonElement item)
    {
        foreach (var series in item.GetProperty("series").EnumerateArray())
        {
            var labels = series.TryGetProperty("labels_v3", out var v3) ? v3 : series.GetProperty("labels");
            var name = Describe(
                labels.EnumerateObject().Select(label => (label.Name, Value: label.Value.GetString() ?? ""))
            );
            foreach (var sample in series.GetProperty("samples").EnumerateArray())
            {
                var at =
                    sample[0].ValueKind is JsonValueKind.Null
                        ? "scrape"
                        : Math.Round(sample[0].GetDouble() * 1000).ToString(CultureInfo.InvariantCulture);
                yield return $"{name} {Value(sample[1].GetString()!)} @{at}";
            }
        }
    }

    private static double Value(string text) =>
        text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        };

    private static IEnumerable<string> Samples(SampleColumns columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var exposed = columns.Series[i].Labels.ToArray().Where(label => label.Name is not ("job" or "instance"));
            var name = Describe(exposed.Select(label => (label.Name, label.Value)));
            var ms = columns.TimestampsMs.Span[i];
            var at = ms == ScriptedSource.StartMs ? "scrape" : ms.ToString(CultureInfo.InvariantCulture);
            yield return $"{name} {columns.Values.Span[i]} @{at}";
        }
    }

    private static string Describe(IEnumerable<(string Name, string Value)> labels)
    {
        var text = new StringBuilder();
        foreach (var (name, value) in labels.OrderBy(label => label.Name, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"{name}={value},");
        }
        return text.ToString();
    }

    private static IEnumerable<string> ExpectedMetadata(JsonElement item) =>
        item.GetProperty("metadata")
            .EnumerateArray()
            .Select(family =>
                Describe(
                    new MetricMetadata(
                        family.GetProperty("metric").GetString()!,
                        family.GetProperty("type").GetString()!,
                        family.GetProperty("help").GetString()!,
                        family.GetProperty("unit").GetString()!
                    )
                )
            );

    private static string Describe(MetricMetadata family) =>
        $"{family.Family}|{family.Type}|{family.Help}|{family.Unit}";
}
