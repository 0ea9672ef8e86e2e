using System.Text.Json;
using Tributary.Federation;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Federation;

public sealed class SourceSurveyTests
{
    public static TheoryData<string, long?, string> Counts { get; } =
        new()
        {
            { """{"status":"success","data":{"resultType":"vector","result":[{"value":[1.5,"336"]}]}}""", 336, "" },
            { """{"status":"success","data":{"resultType":"vector","result":[]}}""", 0, "" },
            { """{"status":"success","data":{"result":[{"value":[1.5,"NaN"]}]}}""", null, "its result is no count" },
            { """{"status":"success","data":{"result":[{}]}}""", null, "its result is no count" },
            { """{"status":"success","data":{}}""", null, "it has no result" },
            { """{"status":"error","data":{}}""", null, "it is not what a Prometheus answers" },
            { "[]", null, "it is not what a Prometheus answers" },
            { "<html>", null, "/api/v1/query is not usable" },
        };

    public static TheoryData<string, string> Configurations { get; } =
        new()
        {
            { "global: {external_labels: {b: x, a: 'y'}}", "{a=\"y\", b=\"x\"}" },
            { "global:\n  scrape_interval: 15s\nscrape_configs: []", "{}" },
            { "", "" },
            { "a: [", "" },
        };

    private readonly ScriptedSource source = new();

    [Theory]
    [MemberData(nameof(Counts))]
    public async Task Count_Answer_IsTheCountOrWhyNot(string answer, long? count, string problem)
    {
        source.Answer = () => ScriptedSource.Text(answer, "application/json");
        var target = ScriptedSource.Federate(source.Target);
        var found = await Survey.CountAsync(target, "{job=\"a\"}", TestContext.Current.CancellationToken);
        Assert.Equal(count, found.Series);
        Assert.Contains(problem, found.Problem, StringComparison.Ordinal);
        Assert.Equal(
            "http://source:1/api/v1/query?query=count%28%7Bjob%3D%22a%22%7D%29",
            source.Request!.RequestUri!.AbsoluteUri
        );
    }

    [Theory]
    [MemberData(nameof(Configurations))]
    public async Task ExternalLabels_Configuration_AreRead(string yaml, string labels)
    {
        var text = JsonEncodedText.Encode(yaml);
        source.Answer = () => ScriptedSource.Text($$$"""{"status":"success","data":{"yaml":"{{{text}}}"}}""");
        var target = ScriptedSource.Federate(source.Target);
        var found = await Survey.ExternalLabelsAsync(target, TestContext.Current.CancellationToken);
        Assert.Equal(labels, found.Labels?.ToString() ?? "");
        Assert.Equal(labels.Length == 0, found.Problem.Length > 0);
    }

    [Fact]
    public async Task Ask_SourceThatIsDown_SaysWhy()
    {
        source.Answer = () => throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        var target = ScriptedSource.Federate(source.Target);
        var (labels, problem) = await Survey.ExternalLabelsAsync(target, TestContext.Current.CancellationToken);
        Assert.Null(labels);
        Assert.Contains("source:1", problem, StringComparison.Ordinal);
    }

    private SourceSurvey Survey => new(source.Scraper);
}
