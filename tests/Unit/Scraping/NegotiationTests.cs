using System.Net.Http.Headers;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Tests.Unit.Scraping;

public sealed class NegotiationTests
{
    private const string Text004 = "text/plain;version=0.0.4";
    private const string OpenMetrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";

    [Fact]
    public async Task Scrape_Request_HasPrometheusHeaders()
    {
        var source = new ScriptedSource();
        await source.ScrapeAsync("a 1\n");
        var headers = source.Request!.Headers.NonValidated;
        Assert.Equal(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
            headers["Accept"].ToString()
        );
        Assert.Equal("gzip", headers["Accept-Encoding"].ToString());
        Assert.Equal("10", headers["X-Prometheus-Scrape-Timeout-Seconds"].ToString());
        Assert.StartsWith("Tributary/", headers["User-Agent"].ToString(), StringComparison.Ordinal);
    }

    public static TheoryData<ScrapeProtocol[], NameEscapingScheme, string> Accepted() =>
        new()
        {
            { [ScrapeProtocol.PrometheusText0_0_4], NameEscapingScheme.Underscores, $"{Text004};q=0.6,*/*;q=0.5" },
            {
                [ScrapeProtocol.PrometheusProto, ScrapeProtocol.PrometheusText0_0_4],
                NameEscapingScheme.AllowUtf8,
                $"application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,{Text004};q=0.5,*/*;q=0.4"
            },
            {
                [ScrapeProtocol.PrometheusText1_0_0, ScrapeProtocol.OpenMetricsText1_0_0],
                NameEscapingScheme.Dots,
                "text/plain;version=1.0.0;escaping=dots;q=0.6,application/openmetrics-text;version=1.0.0;escaping=dots;q=0.5,*/*;q=0.4"
            },
            {
                [ScrapeProtocol.PrometheusProto],
                NameEscapingScheme.Values,
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,*/*;q=0.5"
            },
        };

    [Theory]
    [MemberData(nameof(Accepted))]
    public void Accept_Configured_IsInItsOrder(ScrapeProtocol[] protocols, NameEscapingScheme escaping, string expected)
    {
        var config = new ScrapeConfig
        {
            JobName = "job",
            ScrapeProtocols = protocols,
            NameEscaping = escaping,
        };
        Assert.Equal(expected, ScrapeRequest.Accept(config));
    }

    [Fact]
    public async Task Scrape_WithoutCompression_AsksForIdentity()
    {
        var source = new ScriptedSource();
        source.Target = source.Target with { Config = source.Target.Config with { EnableCompression = false } };
        await source.ScrapeAsync("a 1\n");
        Assert.Equal("identity", source.Request!.Headers.NonValidated["Accept-Encoding"].ToString());
    }

    [Theory]
    [InlineData("text/plain", "a 1\n")]
    [InlineData("TEXT/Plain ; charset=\"utf-8\" ;", "a 1\n")]
    [InlineData("text/plain; version=0.0.4; charset=utf-8; escaping=underscores", "a 1\n")]
    [InlineData("text/plain; version=1.0.0; escaping=allow-utf-8", "{\"a\"} 1\n")]
    [InlineData("application/openmetrics-text", "a 1\n# EOF\n")]
    [InlineData("application/openmetrics-text; version=0.0.1", "{\"a\"} 1\n# EOF")]
    [InlineData(null, "")]
    [InlineData("application/json", "")]
    public async Task Scrape_UsableType_IsComplete(string? type, string body)
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Text(body, type) };
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, ""), (batch.Report.Verdict, batch.Report.Error));
        Assert.Equal(body.Length == 0 ? [] : ["a=1@0"], ScriptedSource.Samples(batch.Scraped));
    }

    [Theory]
    [InlineData(null, null, "without a Content-Type: set fallback_scrape_protocol")]
    [InlineData("", null, "without a Content-Type: set fallback_scrape_protocol")]
    [InlineData("application/json", null, "\"application/json\" instead of text/plain")]
    [InlineData("text/html; charset=utf-8", null, "web page (text/html)")]
    [InlineData("text/plain;;; broken", null, "malformed Content-Type \"text/plain;;; broken\"")]
    [InlineData("text/plain; a=\"b", null, "malformed Content-Type")]
    [InlineData("text/plain; a=b; a=c", null, "malformed Content-Type")]
    [InlineData("text/pl ain", null, "malformed Content-Type")]
    [InlineData("text/", null, "malformed Content-Type")]
    [InlineData("application/vnd.google.protobuf; encoding=delimited", null, "byte 1: field 4 of a family")]
    [InlineData("application/json", ScrapeProtocol.PrometheusProto, "byte 1: field 4 of a family")]
    [InlineData(OpenMetrics, ScrapeProtocol.PrometheusText0_0_4, "without # EOF")]
    public async Task Scrape_UselessType_FailsAndSaysWhy(string? type, ScrapeProtocol? fallback, string error)
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Text("a 1", type) };
        source.Target = source.Target with { Config = source.Target.Config with { FallbackScrapeProtocol = fallback } };
        var batch = await source.ScrapeAsync();
        Assert.Equal(Verdict.Failed, batch.Report.Verdict);
        Assert.Contains(error, batch.Report.Error, StringComparison.Ordinal);
        Assert.Equal(0, batch.Scraped.Count);
    }

    [Theory]
    [InlineData(null, ScrapeProtocol.PrometheusText0_0_4, "a 1\n")]
    [InlineData("text/html", ScrapeProtocol.PrometheusText1_0_0, "a 1\n")]
    [InlineData(";;", ScrapeProtocol.OpenMetricsText0_0_1, "a 1\n# EOF\n")]
    [InlineData("application/json", ScrapeProtocol.OpenMetricsText1_0_0, "a 1\n# EOF\n")]
    [InlineData("text/plain", ScrapeProtocol.OpenMetricsText1_0_0, "a 1\n")]
    public async Task Scrape_UselessType_IsReadAsTheFallback(string? type, ScrapeProtocol fallback, string body)
    {
        var source = new ScriptedSource { Answer = () => ScriptedSource.Text(body, type) };
        source.Target = source.Target with { Config = source.Target.Config with { FallbackScrapeProtocol = fallback } };
        Assert.Equal(Verdict.Complete, (await source.ScrapeAsync()).Report.Verdict);
    }

    [Fact]
    public async Task Scrape_ChangingFormat_IsCheckedByTheNewOne()
    {
        var source = new ScriptedSource();
        await source.ScrapeAsync("a{ b=\"c\" } 1\n");
        source.Answer = () => ScriptedSource.Text("a{b=\"c\"} 1\n# EOF\n", OpenMetrics);
        var batch = await source.ScrapeAsync();
        Assert.Equal((Verdict.Complete, 0), (batch.Report.Verdict, batch.Report.SeriesAdded));
        await source.ScrapeAsync("a{ b=\"c\" } 1\n");
        source.Answer = () => ScriptedSource.Text("a{ b=\"c\" } 1\n# EOF\n", OpenMetrics);
        Assert.Equal(Verdict.Failed, (await source.ScrapeAsync()).Report.Verdict);
    }

    [Theory]
    [InlineData("text/plain", "text/plain")]
    [InlineData(" Text/PLAIN ;a=b", "text/plain")]
    [InlineData("form-data; a=\"b;c\\\"\" ; ", "form-data")]
    [InlineData("text/plain; a=b; A=b", "text/plain")]
    [InlineData("", null)]
    [InlineData("/plain", null)]
    [InlineData("text/plain;a", null)]
    [InlineData("text/plain;a=", null)]
    [InlineData("text/plain;a=b c=d", null)]
    [InlineData("text/plain/x", null)]
    [InlineData("téxt/plain", null)]
    public void Parse_MediaType_FollowsGo(string text, string? expected) =>
        Assert.Equal(expected, MediaTypeText.Parse(text));

    [Fact]
    public void Of_NoContentType_IsNotText()
    {
        using var content = new ByteArrayContent([]);
        HttpContentHeaders headers = content.Headers;
        Assert.False(ContentType.Of(headers).IsPlainText);
    }
}
