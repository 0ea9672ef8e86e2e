using System.Globalization;
using Tributary.Configuration;
using Tributary.Configuration.Relabel;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.HttpClients;
using Tributary.Model;
using Tributary.Patterns;
using Tributary.Scraping;
using Tributary.Storage.Ledger;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Model;

namespace Tributary.Tests.EndToEnd;

/// <summary>Debian's Prometheus as a source: all modes give its series and its bits, and a past range is whole.</summary>
public sealed class PulledPrometheusTests
{
    private const string Everything = "{__name__=~\".+\",__name__!~\"native.*\"}";
    private const int HistorySeries = 100;
    private const long StepMs = 15_000;

    private static readonly double[] Odd =
    [
        0,
        -0.0,
        double.NaN,
        double.PositiveInfinity,
        double.NegativeInfinity,
        double.Epsilon,
        double.MaxValue,
        0.1,
        1e21,
        1e-7,
        123456789.12345679,
    ];

    private static readonly LabelSet Native = LabelSet.Of("__name__", "native_seconds", "job", "history");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true, "cluster: c1, region: r1")]
    [InlineData(false, "cluster: c1, region: r1")]
    [InlineData(true, "instance: outer, kind: own")]
    [InlineData(false, "instance: outer, kind: own")]
    [InlineData(true, "")]
    [InlineData(false, "")]
    public async Task AllModes_GiveTheSeriesOfFederate_AndTheSameBits(bool honorLabels, string external)
    {
        using var folder = new TemporaryFolder();
        await using var source = await StartAsync(folder, external);
        var untilMs = await WriteHistoryAsync(source, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 240_000);
        var collected = new Dictionary<PullMode, Collected>();
        foreach (var mode in new[] { PullMode.RemoteRead, PullMode.Range, PullMode.Federate })
        {
            collected[mode] = await CollectAsync(
                Target(source.Authority, mode, honorLabels, Everything),
                untilMs + 1000
            );
        }
        var federated = Samples(collected[PullMode.Federate].Batch.Scraped);
        var ranged = Samples(collected[PullMode.Range].Batch.Scraped);
        var read = Samples(collected[PullMode.RemoteRead].Batch.Scraped);

        Assert.Equal(HistorySeries - 1, federated.Count);
        Assert.True(ranged.Count >= 3 * federated.Count, $"{ranged.Count} samples");
        AssertSame(ranged, read);
        // Its text has no zero below zero.
        var differences = federated
            .Where(one => one.Value != ranged.GetValueOrDefault(one.Key, -1))
            .Where(one =>
                one.Value != 0 || ranged.GetValueOrDefault(one.Key, -1) != BitConverter.DoubleToInt64Bits(-0.0)
            )
            .Take(5);
        Assert.Empty(differences);
        // Series that ended before stay out of a scrape, and are pulled as far as they reach.
        Assert.Empty(federated.Keys.Select(key => key.Series).Except(ranged.Keys.Select(key => key.Series)));
    }

    [Theory]
    [InlineData(PullMode.Range)]
    [InlineData(PullMode.RemoteRead)]
    public async Task APastRange_IsWhatTheSourceHas_BitForBit(PullMode mode)
    {
        using var folder = new TemporaryFolder();
        await using var source = await StartAsync(folder, "cluster: c1");
        var nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var fromMs = (nowMs / StepMs * StepMs) - 30 * 60_000;
        var untilMs = await WriteHistoryAsync(source, fromMs);
        var collector = Collector();
        var target = Target(source.Authority, mode, true, Everything);
        target = target with { Labels = LabelSet.Empty, Config = target.Config with { MetricRelabelConfigs = [] } };
        var state = collector.CreateState();
        var pulled = await collector.PullRangeAsync(
            target,
            state,
            new SourceMemory(target.Source),
            new TimeRange(fromMs - 1, untilMs),
            1_000_000,
            Token
        );
        var samples = await source.SamplesOfAsync(Everything, fromMs - 1, untilMs);

        Assert.Equal(("", "", untilMs), (pulled.Error, pulled.Unfillable, pulled.ReachedMs));
        var theirs = samples.ToDictionary(
            one =>
                (
                    Series: LabelSet.Of([.. one.Key.Series.Labels.ToArray(), new Label("cluster", "c1")]),
                    one.Key.TimestampMs
                ),
            one => BitConverter.DoubleToInt64Bits(Normal(PrometheusServer.Number(one.Value)))
        );
        Assert.True(theirs.Count > HistorySeries * 100, $"{theirs.Count} samples");
        AssertSame(theirs, Samples(pulled.Samples));
        Assert.Equal(mode is PullMode.RemoteRead ? 1 : 0, pulled.Markers.Count);
    }

    [Fact]
    public async Task NativeHistograms_AreReadRemotelyBitForBit_AndRefusedByQueries()
    {
        using var folder = new TemporaryFolder();
        await using var source = await StartAsync(folder, "", "--enable-feature=native-histograms");
        var untilMs = await WriteHistoryAsync(source, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 60_000);
        var first = Histograms.Integers(0, 1, 2, 3);
        var second = Histograms.Integers(0, 2, 3, 4);
        var write = new RemoteWriter();
        write.Add(Native, [new HistogramSample(untilMs - 20_000, first), new HistogramSample(untilMs - 5000, second)]);
        await write.SendAsync(source.Http, Token);
        var target = Target(source.Authority, PullMode.Auto, true, "{__name__=~\"native.*\"}") with
        {
            NativeHistograms = new HistogramConfig { IsScraped = true },
        };
        var read = await CollectAsync(target, untilMs + 1000);
        var query = target with { Config = target.Config with { Source = new SourceConfig { Pull = PullMode.Range } } };
        var refused = await CollectAsync(query, untilMs + 1000);

        Assert.Equal(PullMode.RemoteRead, read.Memory.Pull.Mode);
        Assert.Equal<Histogram?>(
            new List<Histogram?> { first, second },
            read.Batch.Scraped.Histograms.ToArray().ToList()
        );
        Assert.Contains("native histograms", refused.Batch.Report.Error, StringComparison.Ordinal);
    }

    private static async Task<Collected> CollectAsync(Target target, long tickMs)
    {
        var collector = Collector();
        var state = collector.CreateState();
        state.MarkLoaded();
        var turn = new SourceTurn([target], state, new SourceMemory(target.Source), tickMs);
        var collected = await collector.CollectAsync(turn, Token);
        if (!collected.Batch.Report.Error.Contains("native", StringComparison.Ordinal))
        {
            Assert.Equal((Verdict.Complete, ""), (collected.Batch.Report.Verdict, collected.Batch.Report.Error));
        }
        return collected;
    }

    private static SourceCollector Collector()
    {
        var http = HttpClientFactory.Create(new ScrapeConfig { JobName = "x" }.Http, TimeProvider.System);
        return new SourceCollector(new Scraper(_ => http, TimeProvider.System, new SeriesTable(), new ScrapeLimits()));
    }

    private static Target Target(string authority, PullMode mode, bool honorLabels, string match) =>
        new()
        {
            Source = "fed/source/0",
            Config = new ScrapeConfig
            {
                JobName = "fed",
                HonorLabels = honorLabels,
                Source = new SourceConfig { Pull = mode },
                MetricRelabelConfigs =
                [
                    new RelabelConfig { SourceLabels = ["region"], TargetLabel = "zone" },
                    new RelabelConfig { Action = RelabelAction.LabelDrop, Regex = RePattern.Parse("dropped") },
                ],
            },
            Url = new Uri($"http://{authority}/federate?match[]={Uri.EscapeDataString(match)}"),
            Labels = LabelSet.Of("job", "fed", "instance", authority, "region", "ours"),
            Interval = TimeSpan.FromMinutes(4),
            Timeout = TimeSpan.FromSeconds(30),
            IsFederate = true,
        };

    private static Task<PrometheusServer> StartAsync(
        TemporaryFolder folder,
        string external,
        params string[] options
    ) =>
        PrometheusServer.StartAsync(
            folder.Folder("source"),
            _ => $"global:\n  external_labels: {{{external}}}\n",
            ["--web.enable-remote-write-receiver", .. options]
        );

    /// <summary>Writes series from a time up to now; the last but one ended in the middle.</summary>
    /// <returns>The time of the newest samples.</returns>
    private static async Task<long> WriteHistoryAsync(PrometheusServer source, long fromMs)
    {
        var nowMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var count = (int)((nowMs - fromMs) / StepMs);
        var write = new RemoteWriter();
        for (var i = 0; i < HistorySeries; i++)
        {
            var number = i.ToString(CultureInfo.InvariantCulture);
            var labels = LabelSet.Of(
                "__name__",
                $"metric_{i % 7}",
                "job",
                i % 3 == 0 ? "history" : "other",
                "number",
                number,
                "instance",
                i % 5 == 0 ? "" : $"host\"{number}\\\n",
                "region",
                i % 4 == 0 ? "own" : "",
                "dropped",
                "x"
            );
            var hasEnded = i == HistorySeries - 1;
            var samples = Enumerable
                .Range(0, hasEnded ? Math.Max(2, count / 2) : count)
                .Select(k => new Sample(fromMs + k * StepMs + i, i < 50 ? Odd[(k + i) % Odd.Length] : (k * i) + 0.1))
                .ToList();
            if (hasEnded)
            {
                samples.Add(new Sample(samples[^1].TimestampMs + StepMs, StaleMarker.Value));
            }
            write.Add(labels, samples);
        }
        await write.SendAsync(source.Http, Token);
        return fromMs + (count - 1) * StepMs + HistorySeries;
    }

    private static Dictionary<(LabelSet Series, long TimestampMs), long> Samples(SampleColumns columns) =>
        Enumerable
            .Range(0, columns.Count)
            .ToDictionary(
                i => (columns.Series[i], columns.TimestampsMs.Span[i]),
                i => BitConverter.DoubleToInt64Bits(columns.Values.Span[i])
            );

    private static double Normal(double value) => double.IsNaN(value) ? StaleMarker.NormalNaN : value;

    private static void AssertSame(
        Dictionary<(LabelSet Series, long TimestampMs), long> expected,
        Dictionary<(LabelSet Series, long TimestampMs), long> actual
    )
    {
        var differences = expected
            .Keys.Union(actual.Keys)
            .Where(key => expected.GetValueOrDefault(key, -1) != actual.GetValueOrDefault(key, -1))
            .Select(key =>
                FormattableString.Invariant(
                    $"{key.Series} {key.TimestampMs}: {expected.GetValueOrDefault(key, -1):x} {actual.GetValueOrDefault(key, -1):x}"
                )
            )
            .ToList();
        Assert.True(differences.Count == 0, $"{differences.Count}: {string.Join('\n', differences.Take(10))}");
    }
}
