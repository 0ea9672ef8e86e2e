using System.Net;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Configuration.Http;
using Tributary.Configuration.Relabel;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Jobs;

public sealed class DiscoverJobTests : HttpMessageHandler
{
    private readonly TestFolder folder = new();
    private readonly ManualTime time = new(1_700_000_000_000);
    private readonly List<string> published = [];
    private readonly List<string> asked = [];
    private readonly DiscoverJob job;
    private Func<string, Task<string>> answer = _ => Task.FromResult("""[{"targets":["web"]}]""");
    private int clients;

    public DiscoverJobTests()
    {
        Directory.CreateDirectory(folder.Path);
        job = new DiscoverJob(
            _ =>
            {
                clients++;
                return new HttpMessageInvoker(this, disposeHandler: false);
            },
            time,
            targets => published.Add(string.Join(' ', targets.Select(target => $"{target.Job}/{target.Url.Host}")))
        );
    }

    [Fact]
    public async Task Configure_StaticTargets_AreThereWithoutARefresh()
    {
        job.Configure(Config(new ScrapeConfig { JobName = "j", StaticConfigs = [new(["a", "b"], LabelSet.Empty)] }));
        Assert.Equal(["j/a j/b"], published);
        Assert.Null(job.NextDueMs());
        await job.RefreshAsync(default);
        Assert.Single(published);
    }

    [Fact]
    public async Task Refresh_AllKindsTogether_StandInTheOrderStaticFileHttp()
    {
        Write("""[{"targets":["file"]}]""");
        job.Configure(
            Config(Web("j") with { StaticConfigs = [new(["static"], LabelSet.Empty)], FileSdConfigs = [Files()] })
        );
        Assert.Equal(long.MinValue, job.NextDueMs());
        await job.RefreshAsync(default);
        Assert.Equal("j/static j/file j/web", published[^1]);
        Assert.Equal(NowMs + 60_000, job.NextDueMs());
        var count = published.Count;
        await job.RefreshAsync(default);
        time.Advance(TimeSpan.FromSeconds(60));
        await job.RefreshAsync(default);
        Assert.Equal(["/j", "/j"], asked);
        Assert.Equal(count, published.Count);
    }

    [Fact]
    public async Task Configure_ADiscoveryThatStays_KeepsItsTargetsAndItsClient()
    {
        Write("""[{"targets":["file"]}]""");
        var before = Web("j") with { FileSdConfigs = [Files()] };
        job.Configure(Config(before));
        await job.RefreshAsync(default);
        var dueMs = job.NextDueMs();
        answer = _ => throw new HttpRequestException("gone");
        job.Configure(Config(Web("j") with { FileSdConfigs = [Files()], HonorLabels = true }));
        Assert.Equal("j/file j/web", published[^1]);
        Assert.True(job.Pools[0].Active[0].HonorLabels);
        Assert.Equal((dueMs, 1), (job.NextDueMs(), clients));
        job.Configure(Config(Web("j", "x")));
        Assert.Equal("", published[^1]);
        Assert.Equal((long.MinValue, 2), (job.NextDueMs(), clients));
    }

    [Fact]
    public async Task Configure_EqualDiscoveriesOfTwoJobs_AreOne()
    {
        var shared = Web("a").HttpSdConfigs;
        job.Configure(Config(Web("a"), new ScrapeConfig { JobName = "b", HttpSdConfigs = shared }));
        await job.RefreshAsync(default);
        Assert.Equal("a/web b/web", published[^1]);
        Assert.Equal(("/a", 1), (Assert.Single(asked), clients));
    }

    [Fact]
    public async Task Refresh_ASlowServer_DelaysNobodyAndIsNotAskedTwice()
    {
        Write("""[{"targets":["file"]}]""");
        var release = new TaskCompletionSource<string>();
        answer = path => path is "/slow" ? release.Task : Task.FromResult("""[{"targets":["web"]}]""");
        job.Configure(Config(Web("slow"), Web("fast") with { FileSdConfigs = [Files()] }));
        var pass = job.RefreshAsync(default);
        Assert.Equal("fast/file fast/web", published[^1]);
        await job.RefreshAsync(default);
        Assert.Equal(["/slow", "/fast"], asked);
        Assert.False(pass.IsCompleted);
        job.Configure(Config(Web("fast")));
        release.SetResult("""[{"targets":["late"]}]""");
        await pass;
        Assert.Equal("fast/web", published[^1]);
    }

    [Fact]
    public async Task Touch_AFolder_MakesItsFilesDueSoonButNotMoreThanOnceASecond()
    {
        Write("""[{"targets":["a"]}]""");
        job.Configure(Config(new ScrapeConfig { JobName = "j", FileSdConfigs = [Files()] }));
        Assert.Equal([folder.Path], job.Folders);
        await job.RefreshAsync(default);
        Write("""[{"targets":["b"]}]""");
        job.Touch("elsewhere");
        Assert.Equal(NowMs + 300_000, job.NextDueMs());
        var wait = job.WaitAsync(default);
        job.Touch(folder.Path);
        await wait;
        Assert.Equal(NowMs + 1000, job.NextDueMs());
        time.Advance(TimeSpan.FromSeconds(5));
        job.Touch(folder.Path);
        await job.RefreshAsync(default);
        Assert.Equal("j/b", published[^1]);
        job.Touch(folder.Path);
        Assert.Equal(NowMs + 1000, job.NextDueMs());
    }

    [Fact]
    public async Task Wait_EndsWhenADiscoveryIsDueOrATokenIsCancelled()
    {
        using var stop = new CancellationTokenSource();
        job.Configure(Config(Web("j")));
        await job.WaitAsync(stop.Token);
        await job.RefreshAsync(default);
        var wait = job.WaitAsync(stop.Token);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.False(wait.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));
        await wait;
        await job.RefreshAsync(default);
        wait = job.WaitAsync(stop.Token);
        job.Configure(Config());
        await wait;
        wait = job.WaitAsync(stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => wait);
    }

    [Fact]
    public async Task Problems_OfDiscoveriesAndTargets_AreShownAndCounted()
    {
        answer = _ => throw new HttpRequestException("no route");
        Write("""[{"targets":["a/b", "c/d", "e", "f"]}]""");
        var limited = new ScrapeConfig
        {
            JobName = "limited",
            FileSdConfigs = [Files()],
            Limits = new ScrapeConfigLimits { TargetLimit = 1 },
        };
        job.Configure(Config(Web("j"), limited));
        await job.RefreshAsync(default);
        Assert.Equal(
            [
                "job j: http_sd: http://sd/j: the request to sd failed: no route",
                $"job limited: a target cannot be scraped: target 1 of group {File1}:0: \"a\" has a path behind it; write only host:port and put the path under metrics_path (and 1 more)",
                "job limited: target_limit exceeded (number of targets: 2, limit: 1)",
            ],
            job.Problems
        );
        var pool = job.Status()[1];
        Assert.Equal(("limited", 2, 2, 0), (pool.Name, pool.ActiveCount, pool.RejectedCount, pool.DroppedCount));
        Assert.Equal("target_limit exceeded (number of targets: 2, limit: 1)", pool.Error);
        var figures = job.Figures();
        Assert.Equal(
            [new DiscoveryTotals("http", "j", 1), new DiscoveryTotals("file", "limited", 0)],
            figures.Discoveries
        );
        Assert.Equal(new PoolFigures("limited", 4, 2, 1, 2, 2, 1), figures.Pools[1]);
        Assert.Equal(File1, Assert.Single(figures.FileWrittenSeconds).Key);
    }

    [Fact]
    public async Task Status_JobWithoutTargets_SaysWhy()
    {
        var dropping = new ScrapeConfig
        {
            JobName = "dropping",
            StaticConfigs = [new StaticConfig(["a:1"], LabelSet.Empty)],
            RelabelConfigs = [new RelabelConfig { Action = RelabelAction.Drop }],
        };
        var missing = new ScrapeConfig
        {
            JobName = "missing",
            FileSdConfigs = [new FileSdConfig(["/nowhere/*.yml"], TimeSpan.FromMinutes(5))],
        };
        job.Configure(Config(new ScrapeConfig { JobName = "empty" }, dropping, missing));
        await job.RefreshAsync(default);
        Assert.Equal(
            [
                "no targets: there are no static_configs, and no discovery that is served",
                "relabel_configs drop every target",
                "file_sd: no targets in /nowhere/*.yml: is the path right, and is the file there?",
            ],
            job.Status().Select(pool => Assert.Single(pool.Notes))
        );
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        asked.Add(request.RequestUri!.AbsolutePath);
        var body = new StringContent(await answer(request.RequestUri.AbsolutePath));
        body.Headers.ContentType = new("application/json");
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = body };
    }

    protected override void Dispose(bool disposing)
    {
        job.Dispose();
        folder.Dispose();
        base.Dispose(disposing);
    }

    private static CollectorConfig Config(params ScrapeConfig[] jobs) => new() { ScrapeConfigs = jobs };

    private static ScrapeConfig Web(string name, string header = "h") =>
        new()
        {
            JobName = name,
            HttpSdConfigs =
            [
                new HttpSdConfig(
                    new Uri($"http://sd/{name}"),
                    TimeSpan.FromSeconds(60),
                    new HttpClientConfig
                    {
                        HttpHeaders = new Dictionary<string, HttpHeaderConfig>
                        {
                            ["x"] = new HttpHeaderConfig([Secret.Of(header)]),
                        },
                    }
                ),
            ],
        };

    private FileSdConfig Files() => new([Path.Combine(folder.Path, "*.json")], TimeSpan.FromMinutes(5));

    private string File1 => Path.Combine(folder.Path, "a.json");

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private void Write(string text) => File.WriteAllText(File1, text);
}
