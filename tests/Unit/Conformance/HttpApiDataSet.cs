using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Tributary.Exposition;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Storage.AppendLog;
using Tributary.Tests.Unit.Storage.Compaction;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>The data set behind the recorded exchanges of <c>http-api</c>, in a head, and in a store.</summary>
internal static class HttpApiDataSet
{
    /// <summary>Both files of the data set in a head.</summary>
    public static RecentHead Load()
    {
        var head = new RecentHead();
        head.Append(Columns(Samples()));
        return head;
    }

    /// <summary>The same in a store: the older windows in blocks, the last one in the log.</summary>
    public static async Task<StoreReader> StoreAsync()
    {
        var place = new CompactionPlace();
        var writer = place.NewWriter();
        var windows = Samples().GroupBy(sample => Window.Of(sample.TimestampMs)).OrderBy(group => group.Key).ToList();
        foreach (var window in windows)
        {
            var tickMs = window.Key.StartMs;
            foreach (var some in window.Chunk(4000))
            {
                var batch = LogBatches.Of("data", tickMs++, Columns(some), LogBatches.Columns());
                await writer.AppendAsync([batch], CompactionPlace.Token);
            }
        }
        foreach (var window in windows.SkipLast(1))
        {
            await place.CompactLogAsync(window.Key);
        }
        var manifest = place.Manifest;
        return new StoreReader(
            manifest.Blobs,
            manifest.Tables,
            null,
            new StoreReaderOptions(),
            manifest.Time,
            manifest.NewUlid
        );
    }

    private static List<(LabelSet Series, long TimestampMs, double Value)> Samples()
    {
        var samples = new List<(LabelSet Series, long TimestampMs, double Value)>();
        ReadOpenMetrics(samples);
        foreach (var series in ConformanceData.Lines("http-api/dataset-stale.jsonl"))
        {
            ReadSeries(series, samples);
        }
        samples.Sort((a, b) => a.TimestampMs.CompareTo(b.TimestampMs));
        return samples;
    }

    private static SampleColumns Columns(IReadOnlyList<(LabelSet Series, long TimestampMs, double Value)> samples) =>
        LogBatches.Columns([.. samples]);

    /// <summary>Lines of <c>series value seconds</c>; the text of a series is a selector of exactly that series.</summary>
    private static void ReadOpenMetrics(List<(LabelSet, long, double)> samples)
    {
        using var file = File.OpenRead(ConformanceData.PathOf("http-api/dataset.om.gz"));
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        var known = new Dictionary<string, LabelSet>(StringComparer.Ordinal);
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }
            var atTime = line.LastIndexOf(' ');
            var atValue = line.LastIndexOf(' ', atTime - 1);
            var text = line[..atValue];
            if (!known.TryGetValue(text, out var series))
            {
                var matchers = SelectorParser.Parse(text).Matchers;
                series = LabelSet.Of(matchers.Select(matcher => new Label(matcher.Name, matcher.Value)));
                known.Add(text, series);
            }
            var seconds = decimal.Parse(line.AsSpan(atTime + 1), CultureInfo.InvariantCulture);
            Assert.True(NumberText.TryParseValue(Encoding.UTF8.GetBytes(line[(atValue + 1)..atTime]), out var value));
            samples.Add((series, (long)(seconds * 1000), value));
        }
    }

    private static void ReadSeries(JsonElement line, List<(LabelSet, long, double)> samples)
    {
        var series = LabelSet.Of(
            line.GetProperty("labels")
                .EnumerateObject()
                .Select(label => new Label(label.Name, label.Value.GetString()!))
        );
        foreach (var sample in line.GetProperty("samples").EnumerateArray())
        {
            // The only text is "stale".
            var value = sample[1].ValueKind is JsonValueKind.String ? StaleMarker.Value : sample[1].GetDouble();
            samples.Add((series, sample[0].GetInt64(), value));
        }
    }
}
