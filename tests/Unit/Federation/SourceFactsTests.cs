using System.Text;
using System.Text.Json;
using Tributary.Federation;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.RemoteRead;

namespace Tributary.Tests.Unit.Federation;

public sealed class SourceFactsTests
{
    [Theory]
    [InlineData("global: {}", "{}", 10_000)]
    [InlineData(
        "global:\n  scrape_timeout: 15s\n  external_labels:\n    cluster: a\n    n: \"1\"",
        "{cluster=\"a\", n=\"1\"}",
        15_000
    )]
    [InlineData(
        "scrape_configs:\n- job_name: x\n  scrape_timeout: 40s\n- job_name: y\n  scrape_timeout: 20s",
        "{}",
        40_000
    )]
    [InlineData("scrape_configs:\n- scrape_timeout: 1h", "{}", 120_000)]
    [InlineData("global:\n  scrape_timeout: 1s", "{}", 10_000)]
    public void Configuration_TellsExternalLabelsAndTheLongestScrape(string yaml, string labels, long overlapMs)
    {
        var facts = SourceFacts.Parse(Answer(yaml));

        Assert.Equal(labels, facts.ExternalLabels.ToString());
        Assert.Equal(overlapMs, facts.OverlapMs);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{\"status\":\"success\",\"data\":{}}")]
    [InlineData("{\"status\":\"success\",\"data\":{\"yaml\":\"- a\"}}")]
    [InlineData("{\"status\":\"success\",\"data\":{\"yaml\":\"a: [\"}}")]
    public void AnythingElse_IsAnError(string answer) =>
        Assert.Throws<SourceApiException>(() => SourceFacts.Parse(Encoding.UTF8.GetBytes(answer)));

    [Theory]
    [InlineData("1435781430.781,", 1_435_781_430_781, 14)]
    [InlineData("1435781430,", 1_435_781_430_000, 10)]
    [InlineData("1435781430.7 ,", 1_435_781_430_700, 12)]
    [InlineData("1435781430.7815,", 1_435_781_430_782, 15)]
    [InlineData("1.435781430781e9,", 1_435_781_430_781, 16)]
    [InlineData("-1.5,", -1500, 4)]
    [InlineData("0,", 0, 1)]
    public void Seconds_AreExactMilliseconds(string text, long timestampMs, int length)
    {
        Assert.True(SecondsText.TryRead(Encoding.UTF8.GetBytes(text), out var read, out var ms));
        Assert.Equal((timestampMs, length), (ms, read));
        for (var cut = 1; cut < length; cut++)
        {
            Assert.False(SecondsText.TryRead(Encoding.UTF8.GetBytes(text[..cut]), out read, out _));
            Assert.Equal(-1, read);
        }
    }

    [Theory]
    [InlineData("\"1\",")]
    [InlineData("1e99,")]
    [InlineData("--1,")]
    [InlineData(",")]
    public void OtherTexts_AreNoTimes(string text)
    {
        Assert.False(SecondsText.TryRead(Encoding.UTF8.GetBytes(text), out var length, out _));
        Assert.Equal(0, length);
    }

    [Fact]
    public void Inference_FindsTheLabelsThatWereAdded()
    {
        LabelSet[] own =
        [
            LabelSet.Of("__name__", "a", "x", "1"),
            LabelSet.Of("__name__", "a", "x", "2", "cluster", "own"),
            LabelSet.Of("__name__", "b"),
        ];
        var external = LabelSet.Of("cluster", "one", "region", "two");
        var laid = own.Select(series => AddedLabels.Lay(series, external)).ToList();

        Assert.Equal(external, AddedLabels.Infer([.. own], laid));
        Assert.Equal(LabelSet.Empty, AddedLabels.Infer([.. own], own));
        Assert.Null(AddedLabels.Infer([.. own], [LabelSet.Of("__name__", "c", "x", "1")]));
        Assert.Null(AddedLabels.Infer([.. own], [laid[0], LabelSet.Of("__name__", "b", "cluster", "other")]));
    }

    [Fact]
    public void ARead_AsksForExternalLabelsByPatterns_WhichTheServerLeavesIn()
    {
        var selector = SelectorParser.Parse("up{cluster=\"a.b\",job=\"x\",y!=\"a.b\"}");
        var known = ReadRequest.Parse(
            ReadRequestWriter.Write([selector], new TimeRange(5, 9), LabelSet.Of("cluster", "a.b"))
        );
        var unknown = ReadRequest.Parse(ReadRequestWriter.Write([selector], new TimeRange(5, 9), null));

        Assert.True(known.IsChunked);
        Assert.Equal(new TimeRange(5, 9), Assert.Single(known.Queries).Range);
        Assert.Equal(
            "__name__=\"up\" cluster=~\"a\\\\.b\" job=\"x\" y!=\"a.b\"",
            string.Join(' ', known.Queries[0].Matchers)
        );
        Assert.Equal(
            "__name__=\"up\" cluster=~\"a\\\\.b\" job=~\"x\" y!=\"a.b\"",
            string.Join(' ', unknown.Queries[0].Matchers)
        );
    }

    private static byte[] Answer(string yaml) =>
        Encoding.UTF8.GetBytes($"{{\"status\":\"success\",\"data\":{{\"yaml\":{JsonSerializer.Serialize(yaml)}}}}}");
}
