using System.Buffers;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Tests.Unit.Model;
using Tributary.Tests.Unit.Storage.Selection;

namespace Tributary.Tests.Unit.Scraping;

/// <summary>The markers of series whose last sample was a native histogram, from the scrape to the block.</summary>
public sealed class HistogramStalenessTests
{
    private const string Type =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Steps of bodies: <c>h</c> is a histogram of a series, <c>f</c> a float of it; a third series stands last.</summary>
    [Theory]
    [InlineData("h,", "histogram")]
    [InlineData("f,", "float")]
    [InlineData("f,h,", "histogram")]
    [InlineData("h,f,", "float")]
    [InlineData("h,h,", "histogram")]
    public async Task SeriesThatIsGone_GetsAMarkerOfItsLastKind(string steps, string kind)
    {
        var source = Source();
        var replayed = new ScriptedSource().Scraper.CreateState();
        Batch? batch = null;
        foreach (var step in steps.Split(','))
        {
            var body = Body(source, step);
            source.Answer = () => ScriptedSource.Bytes(body, Type);
            batch = await source.ScrapeAsync();
            Assert.Equal("", batch.Report.Error);
            replayed.Apply(Copy(batch));
        }
        Assert.Equal(1, batch!.Report.Markers);
        Assert.Equal(kind, KindOf(batch.Added, batch.Added.Count - 1));
        Assert.Equal(["a"], MarkersOf(batch));
        // What was marked is not marked again, and those who read the log know it, too.
        var again = Body(source, "");
        source.Answer = () => ScriptedSource.Bytes(again, Type);
        Assert.Empty(MarkersOf(await source.ScrapeAsync()));
        replayed.MarkLoaded();
        var tickMs = source.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.DoesNotContain("a", MarkersOf(replayed.MarkersForRemoval("s", tickMs)!));
    }

    [Fact]
    public async Task TargetThatLeaves_EndsItsHistogramsAsHistograms()
    {
        var source = Source();
        var body = Body(source, "h");
        source.Answer = () => ScriptedSource.Bytes(body, Type);
        await source.ScrapeAsync();
        var tickMs = source.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var removal = source.State.MarkersForRemoval("s", tickMs)!;
        var kinds = Enumerable
            .Range(0, removal.Added.Count)
            .ToDictionary(i => removal.Added.Series[i].MetricName, i => KindOf(removal.Added, i));
        Assert.Equal(("histogram", "float", "float"), (kinds["a"], kinds["z"], kinds["up"]));
        source.State.Apply(removal);
        Assert.Null(source.State.MarkersForRemoval("s", tickMs));
    }

    [Fact]
    public async Task Marker_IsAHistogramInLogHeadAndBlock()
    {
        var place = new SelectionPlace();
        var source = Source();
        var writer = place.Store.NewWriter();
        foreach (var step in new[] { "h", "h", "" })
        {
            var body = Body(source, step);
            source.Answer = () => ScriptedSource.Bytes(body, Type);
            await writer.AppendAsync([await source.ScrapeAsync()], Token);
        }
        var now = source.Time.GetUtcNow() - place.Store.Manifest.Time.GetUtcNow();
        place.Store.Manifest.Time.Advance(now);
        var selector = SelectorParser.Parse("a");
        var head = await place.HeadAsync();
        AssertEnds(Assert.Single(head.Select([selector], SelectionPlace.Always)));
        var nowMs = source.Time.GetUtcNow().ToUnixTimeMilliseconds();
        Assert.Empty(head.SelectLatest([selector], new TimeRange(nowMs - 300_000, nowMs)));
        using var reader = place.Reader();
        AssertEnds(Assert.Single((await reader.SelectAsync([selector], SelectionPlace.Always, Token)).Series));
        await place.Store.CompactLogAsync(Window.Of(ScriptedSource.StartMs));
        foreach (var file in await place.LogFilesAsync())
        {
            await place.Store.Manifest.Blobs.DeleteAsync(file.ToString(), null, Token);
        }
        AssertEnds(Assert.Single((await reader.SelectAsync([selector], SelectionPlace.Always, Token)).Series));

        static void AssertEnds(SelectedSeries series)
        {
            Assert.Empty(series.Samples);
            Assert.Equal([false, false, true], series.Histograms.Select(sample => sample.Value.IsStale));
        }
    }

    private static ScriptedSource Source()
    {
        var source = new ScriptedSource();
        source.Target = source.Target with
        {
            Config = source.Target.Config with
            {
                NativeHistograms = new HistogramConfig { IsScraped = true },
                TrackTimestampsStaleness = true,
            },
        };
        return source;
    }

    private static byte[] Body(ScriptedSource source, string step)
    {
        var atMs = source.Time.GetUtcNow().ToUnixTimeMilliseconds();
        var samples = new List<LatestSample>
        {
            new(LabelSet.Of("__name__", "y"), atMs, 1),
            new(LabelSet.Of("__name__", "z"), atMs, 1),
        };
        if (step.Length > 0)
        {
            var a = new LatestSample(LabelSet.Of("__name__", "a"), atMs, step == "h" ? StaleMarker.NormalNaN : 7);
            samples.Insert(0, step == "h" ? a with { Histogram = Histograms.Integers(2, 1, 2, 3) } : a);
        }
        var writer = new ProtobufFederationWriter(
            samples,
            new ExternalLabels(LabelSet.Empty, NameEscapingScheme.AllowUtf8)
        );
        var body = new ArrayBufferWriter<byte>();
        while (writer.WritePiece(body)) { }
        return body.WrittenSpan.ToArray();
    }

    private static IEnumerable<string> MarkersOf(Batch batch) =>
        Enumerable.Range(0, batch.Added.Count).Where(batch.Added.IsStale).Select(i => batch.Added.Series[i].MetricName);

    private static string KindOf(SampleColumns columns, int i) =>
        StaleMarker.IsStale(columns.Values.Span[i]) ? "float"
        : columns.Histograms.Length > 0 && columns.Histograms.Span[i] is { IsStale: true } ? "histogram"
        : "none";

    private static Batch Copy(Batch batch) => batch with { Scraped = Copy(batch.Scraped), Added = Copy(batch.Added) };

    private static SampleColumns Copy(SampleColumns columns) =>
        new(columns.Series, columns.TimestampsMs.ToArray(), columns.Values.ToArray())
        {
            Histograms = columns.Histograms.ToArray(),
        };
}
