using System.Globalization;
using System.Text;
using Tributary.Model;

namespace Tributary.Tests.EndToEnd.Sources;

/// <summary>
/// Three sources: a text one with counters, special values and classic histograms; a protobuf one with native histograms of
/// every kind but custom buckets; and one with samples of the past. In phase 1 series have vanished, counters have begun
/// anew, and buckets have changed.
/// </summary>
internal sealed class MixedSources : IAsyncDisposable
{
    private static readonly double[] Special =
    [
        0,
        -0.0,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        1e-310,
        double.MaxValue,
        0.1 + 0.2,
    ];

    private readonly OldSamples old = OldSamples.Make(5, TimeSpan.FromHours(13), TimeSpan.FromMinutes(140));
    private FakeSource? text;
    private FakeSource? native;
    private FakeSource? past;
    private int texts;
    private int natives;
    private int pasts;

    /// <summary>0, then 1.</summary>
    public int Phase { get; set; }

    /// <summary>How often each was asked, the least.</summary>
    public int Answers => Math.Min(Math.Min(texts, natives), pasts);

    /// <summary>How often the text and the protobuf one were asked, the least.</summary>
    public int LiveAnswers => Math.Min(texts, natives);

    public static async Task<MixedSources> StartAsync()
    {
        var sources = new MixedSources();
        sources.text = await FakeSource.StartAsync(_ => sources.Text());
        sources.native = await FakeSource.StartAsync(_ => sources.Native(), ProtobufBody.Type);
        sources.past = await FakeSource.StartAsync(_ =>
        {
            sources.pasts++;
            return sources.old.Body;
        });
        return sources;
    }

    /// <summary>A configuration for Tributary with all of them.</summary>
    public string Config() =>
        $$"""
            global: {scrape_interval: 300ms, scrape_timeout: 300ms, external_labels: {replica: a} }
            storage: {tsdb: {out_of_order_time_window: 2d} }
            scrape_configs:
            - job_name: text
              static_configs: [{targets: ['{{text!.Authority}}'], labels: {zone: "é\"\\"} }]
            - job_name: native
              scrape_native_histograms: true
              static_configs: [{targets: ['{{native!.Authority}}']}]
            - job_name: old
              metrics_path: /federate
              honor_labels: true
              static_configs: [{targets: ['{{past!.Authority}}']}]
            """;

    /// <summary>A configuration for Prometheus, which takes no samples of the past.</summary>
    public string ConfigOfPrometheus() =>
        $$"""
            global: {scrape_interval: 300ms, scrape_timeout: 300ms}
            scrape_configs:
            - job_name: text
              static_configs: [{targets: ['{{text!.Authority}}']}]
            - job_name: native
              static_configs: [{targets: ['{{native!.Authority}}']}]
            """;

    public async ValueTask DisposeAsync()
    {
        foreach (var source in (FakeSource?[])[text, native, past])
        {
            await (source?.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }

    private string Text()
    {
        var count = ++texts;
        var body = new StringBuilder("# TYPE events_total counter\n");
        for (var n = 0; n < 20; n++)
        {
            if (Phase == 0 || n % 3 > 0)
            {
                body.Append(CultureInfo.InvariantCulture, $"events_total{{n=\"{n}\"}} {count * n}\n");
            }
        }
        body.Append("# TYPE special gauge\n");
        for (var n = 0; n < Special.Length; n++)
        {
            var value = Special[(n + count) % Special.Length];
            body.Append(CultureInfo.InvariantCulture, $"special{{n=\"{n}\"}} {Number(value)}\n");
        }
        body.Append("# TYPE size_bytes histogram\n");
        foreach (var bound in (string[])["1", "2.5", "+Inf"])
        {
            body.Append(CultureInfo.InvariantCulture, $"size_bytes_bucket{{le=\"{bound}\"}} {count}\n");
        }
        body.Append(CultureInfo.InvariantCulture, $"size_bytes_sum {count * 1.5}\nsize_bytes_count {count}\n");
        return body.ToString();
    }

    private byte[] Native()
    {
        var count = ++natives;
        var since = Phase == 0 ? count : count % 10;
        var growing = Layout(3, [-3, 0, 1, 2, 7, 8], [1]);
        var changed = Phase == 0 ? growing : Layout(2, [-1, 0, 3, 40], []);
        var histograms = new List<(string, Histogram)>
        {
            ("growing", Integers(growing, since)),
            ("layout", Integers(changed, count)),
            ("more buckets", Integers(Layout(0, [.. Enumerable.Range(0, Math.Min(count, 20))], [-2, 3]), count)),
            ("nothing", Histogram.OfIntegers(Layout(8, [], []), 0, 0, 0, [])),
        };
        if (Phase == 0)
        {
            histograms.Add(("vanishing", Integers(growing, count)));
        }
        var body = new ProtobufBody()
            .AddCounters("requests_total", ("a", count), ("b", since))
            .AddGauges("temperature", ("a", count / 3.0))
            .AddHistograms("request_seconds", histograms)
            .AddHistograms("queue_length", ("gauge", Integers(growing, 100 - count).With(CounterResetHint.Gauge)));
        return body.AddHistograms("weight", ("float", Floats(growing, since))).Bytes;
    }

    private static HistogramLayout Layout(int schema, int[] positive, int[] negative) =>
        HistogramLayout.OfIndexes(schema, 0.001, positive, negative, []);

    private static Histogram Integers(HistogramLayout layout, int count)
    {
        var buckets = Enumerable.Range(1, layout.BucketCount).Select(i => (long)(count * i)).ToArray();
        return Histogram.OfIntegers(layout, (ulong)(buckets.Sum() + count), (ulong)count, count * 1.25, buckets);
    }

    private static Histogram Floats(HistogramLayout layout, int count)
    {
        var buckets = Enumerable.Range(1, layout.BucketCount).Select(i => count * i / 4.0).ToArray();
        return Histogram.OfFloats(layout, buckets.Sum() + (count / 8.0), count / 8.0, count / 3.0, buckets);
    }

    private static string Number(double value) =>
        double.IsNaN(value) ? "NaN"
        : double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
