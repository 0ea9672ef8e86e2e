using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Jobs;
using Tributary.Tests.Unit.Jobs;

namespace Tributary.Tests.Unit.Federation;

/// <summary>Types and help texts of federated series: asked for once an hour, known to every process, never in the way.</summary>
public sealed class MetadataCollectorTests
{
    private const string Body = """
        # TYPE build_info untyped
        build_info{job="a"} 1
        # TYPE jobs_total untyped
        jobs_total{job="a"} 7
        # TYPE wait_seconds_bucket untyped
        wait_seconds_bucket{job="a",le="+Inf"} 3
        # TYPE wait_seconds_count untyped
        wait_seconds_count{job="a"} 3

        """;

    private const string Answer = """
        {"status":"success","data":{
          "jobs_total":[{"type":"counter","help":"Jobs done.","unit":""}],
          "wait_seconds":[{"type":"histogram","help":"Time in the queue.","unit":"seconds"}],
          "elsewhere":[{"type":"gauge","help":"Not collected.","unit":""}]}}
        """;

    private static readonly string[] Known =
    [
        "build_info unknown  ",
        "jobs_total counter Jobs done. ",
        "wait_seconds histogram Time in the queue. seconds",
        "wait_seconds_bucket unknown  ",
        "wait_seconds_count unknown  ",
    ];

    private readonly CollectPlace place = new();
    private readonly List<string> asked = [];
    private string? answer = Answer;

    public MetadataCollectorTests()
    {
        place.Answer = (_, _) => Task.FromResult(Body);
        place.AnswerBeside = url =>
        {
            if (!url.AbsolutePath.EndsWith("/api/v1/metadata", StringComparison.Ordinal))
            {
                return null;
            }
            asked.Add(url.PathAndQuery);
            return answer ?? throw new HttpRequestException("refused");
        };
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collect_FirstTime_AsksBesideFederateAndKeepsWhatIsCollected()
    {
        var job = await StartAsync();
        await StepAsync(job);
        Assert.Equal(["/prefix/api/v1/metadata?token=t&limit_per_metric=1"], asked);
        Assert.Equal(Known, Texts(job));
    }

    [Fact]
    public async Task Collect_ManyBodies_KeepsItAndAsksOnceAnHour()
    {
        var job = await StartAsync();
        await StepAsync(job, 30);
        Assert.Equal(Known, Texts(job));
        Assert.Single(asked);
        answer = Answer.Replace("Jobs done.", "Jobs that are done.", StringComparison.Ordinal);
        await StepAsync(job, 209);
        Assert.Single(asked);
        await StepAsync(job, 2);
        Assert.Equal(2, asked.Count);
        Assert.Contains("jobs_total counter Jobs that are done. ", Texts(job));
    }

    [Fact]
    public async Task Start_AfterAnother_KnowsItFromTheLog()
    {
        await StepAsync(await StartAsync(), 3);
        asked.Clear();
        var second = await StartAsync();
        Assert.Equal(Known, Texts(second));
        answer = null;
        await StepAsync(second, 12);
        Assert.Equal(Known, Texts(second));
    }

    [Fact]
    public async Task Refresh_OfAProcessThatRunsBeside_BringsIt()
    {
        var reader = await StartAsync();
        var writer = await StartAsync();
        await StepAsync(writer);
        Assert.Empty(Texts(reader));
        await reader.RefreshAsync(Token);
        Assert.Equal(Known, Texts(reader));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("<html>")]
    [InlineData("{\"status\":\"error\"}")]
    public async Task Collect_SourceWithoutTheApi_IsAsUsualAndAsksAgainLessAndLess(string? broken)
    {
        answer = broken;
        var job = await StartAsync();
        await StepAsync(job);
        Assert.Equal("up", job.Targets().Single().Health);
        Assert.Equal("", job.Targets().Single().Report!.Error);
        await StepAsync(job, 239);
        // After 5, 15 and 35 minutes.
        Assert.Equal(4, asked.Count);
        answer = Answer;
        await StepAsync(job, 240);
        Assert.Equal(Known, Texts(job));
    }

    [Fact]
    public async Task Collect_FailedScrape_DoesNotAsk()
    {
        place.Answer = (_, _) => throw new HttpRequestException("refused");
        var job = await StartAsync();
        await StepAsync(job, 3);
        Assert.Empty(asked);
    }

    [Fact]
    public async Task Collect_SourceThatIsNoPrometheus_IsNotAsked()
    {
        var (job, _) = place.Start("exporter");
        await job.LoadAsync(Token);
        await StepAsync(job, 3);
        Assert.Empty(asked);
    }

    [Theory]
    [InlineData("http://h/federate?match[]=a", "http://h/api/v1/x")]
    [InlineData("http://h:1/p/q/federate?a=b&match%5B%5D=c&d=e", "http://h:1/p/q/api/v1/x?a=b&d=e")]
    public void UrlOf_Target_StandsBesideFederate(string url, string expected) =>
        Assert.Equal(expected, SourceInquiry.UrlOf(Federate with { Url = new Uri(url) }, "/api/v1/x").AbsoluteUri);

    private static Target Federate { get; } =
        CollectPlace.Source("source") with
        {
            Url = new Uri("http://source/prefix/federate?match[]=x&token=t&match[]=y"),
            IsFederate = true,
            Config = new ScrapeConfig { JobName = "job", HonorLabels = true },
        };

    private async Task<CollectJob> StartAsync()
    {
        var (job, _) = place.Start();
        job.Configure([Federate]);
        await job.LoadAsync(Token);
        return job;
    }

    private async Task StepAsync(CollectJob job, int steps = 1)
    {
        for (var i = 0; i < steps; i++)
        {
            place.Step();
            await job.RunAsync(Token);
        }
    }

    private static IEnumerable<string> Texts(CollectJob job) =>
        job.Metadata().Single().Families.Select(item => $"{item.Family} {item.Type} {item.Help} {item.Unit}");
}
