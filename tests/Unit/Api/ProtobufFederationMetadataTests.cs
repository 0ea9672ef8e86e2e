using System.Buffers;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Tests.Unit.Model;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Api;

public sealed class ProtobufFederationMetadataTests
{
    private const string Type =
        "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited";

    private static readonly string[] Names = ["c_total", "g", "h", "s_count", "x"];

    [Theory]
    [InlineData(false, "c_total unknown|g unknown|h histogram|s_count unknown|x unknown")]
    [InlineData(true, "c_total counter Cs|g gauge Gs|h histogram Hs|s_count unknown Ss|x unknown")]
    public async Task Write_WithMetadata_HasTypesAndHelpTexts(bool hasMetadata, string expected)
    {
        var metadata = new FamilyMetadata([
            [
                new MetricMetadata("c_total", "counter", "Cs", ""),
                new MetricMetadata("g", "gauge", "Gs", ""),
                new MetricMetadata("h", "histogram", "Hs", ""),
                new MetricMetadata("s", "summary", "Ss", ""),
            ],
        ]);
        var samples = Names
            .Select(
                (name, i) =>
                    new LatestSample(LabelSet.Of("__name__", name), ScriptedSource.StartMs, i) with
                    {
                        Histogram = name == "h" ? Histograms.Integers(1, 2, 3) : null,
                    }
            )
            .ToList();
        var writer = new ProtobufFederationWriter(
            samples,
            new ExternalLabels(LabelSet.Empty),
            hasMetadata ? metadata : null
        );
        var body = new ArrayBufferWriter<byte>();
        while (writer.WritePiece(body)) { }
        var source = new ScriptedSource { Answer = () => ScriptedSource.Bytes(body.WrittenSpan.ToArray(), Type) };
        source.Target = source.Target with
        {
            Config = source.Target.Config with { NativeHistograms = new HistogramConfig { IsScraped = true } },
        };
        var batch = await source.ScrapeAsync();
        Assert.Equal("", batch.Report.Error);
        Assert.Equal(Names, Enumerable.Range(0, Names.Length).Select(i => batch.Scraped.Series[i].MetricName));
        Assert.Equal([0, 1, 3, 4], batch.Scraped.Values.ToArray().Where(double.IsFinite));
        Assert.NotNull(batch.Scraped.Histograms.Span[2]);
        Assert.Equal(
            expected,
            string.Join(
                '|',
                source.State.Metadata.Select(family => $"{family.Family} {family.Type} {family.Help}".Trim())
            )
        );
    }
}
