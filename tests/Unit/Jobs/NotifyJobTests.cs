using System.Net;
using System.Text.Json;
using Tributary.Configuration;
using Tributary.Jobs;
using Tributary.Tests.Unit.Alerting;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Jobs;

public sealed class NotifyJobTests : HttpMessageHandler
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly ManualTime time = new(Alerts.NowMs);
    private readonly List<string> received = [];
    private readonly List<string> logged = [];
    private readonly NotifyJob job;
    private Func<Uri, HttpStatusCode> answer = _ => HttpStatusCode.OK;
    private string slow = "no host";
    private string found = "[]";

    public NotifyJobTests() =>
        job = new NotifyJob(Client, Client, () => new Uri("http://us:1/"), time)
        {
            Log = text =>
            {
                lock (gate)
                {
                    logged.Add(text);
                }
            },
        };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Notify_Alerts_GoToEveryAlertmanagerWithItsRules()
    {
        Configure(
            """
            global: {external_labels: {region: eu}}
            alerting:
              alert_relabel_configs: [{source_labels: [severity], regex: none, action: drop}]
              alertmanagers:
              - static_configs: [{targets: [a, b]}]
              - path_prefix: /p
                static_configs: [{targets: [a]}]
                alert_relabel_configs: [{source_labels: [alertname], regex: X, action: drop}]
            """
        );
        job.Notify([Alerts.Firing("X"), Alerts.Firing("Y"), Alerts.Firing("Z", "none")]);
        await job.FlushAsync(Limit, Token);
        Assert.Equal(["a/api/v2/alerts X Y", "a/p/api/v2/alerts Y", "b/api/v2/alerts X Y"], Received());
        Assert.Equal([2, 2, 1], job.Figures().Select(one => one.Sent));
        Assert.Empty(logged);
    }

    [Fact]
    public async Task Notify_DeadAlertmanager_HoldsUpNobodyAndGetsEverythingLater()
    {
        Configure("alerting: {alertmanagers: [{static_configs: [{targets: [dead, good]}]}]}");
        answer = url => url.Host is "dead" ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK;
        job.Notify([Alerts.Firing("A")]);
        await job.FlushAsync(Limit, Token);
        job.Notify([Alerts.Firing("A", isResolved: true), Alerts.Firing("B")]);
        await job.FlushAsync(Limit, Token);
        Assert.Equal(["good/api/v2/alerts A", "good/api/v2/alerts A B"], Received("good"));
        Assert.Contains(
            "dead/api/v2/alerts does not take alerts: it answered 503",
            Assert.Single(job.Problems),
            StringComparison.Ordinal
        );
        Assert.Single(logged);

        answer = _ => HttpStatusCode.OK;
        await job.FlushAsync(Limit, Token);
        Assert.Equal("dead/api/v2/alerts A A B", Received("dead")[^1]);
        Assert.Empty(job.Problems);
        Assert.Equal((3, 0, 0), (job.Figures()[0].Sent, job.Figures()[0].Dropped, job.Figures()[0].Queued));
    }

    [Fact]
    public async Task Notify_FailedRequest_IsSentAgainByItself()
    {
        Configure("alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}");
        var count = 0;
        answer = _ => Interlocked.Increment(ref count) < 3 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;
        job.Notify([Alerts.Firing("A")]);
        await CollectPlace.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromSeconds(1));
            return job.Figures()[0].Sent == 1;
        });
        Assert.Equal((3, 2), (count, job.Figures()[0].Errors));
        Assert.Contains("takes alerts again", logged[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notify_SlowAlertmanager_IsGivenUpAtItsTimeoutOnly()
    {
        Configure("alerting: {alertmanagers: [{timeout: 3s, static_configs: [{targets: [slow, good]}]}]}");
        slow = "slow";
        job.Notify([Alerts.Firing("A")]);
        await CollectPlace.UntilAsync(() => Received("good").Count == 1);
        await CollectPlace.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(500));
            return job.Problems.Any(problem =>
                problem.Contains("no whole answer within 3 s", StringComparison.Ordinal)
            );
        });
    }

    [Fact]
    public async Task Notify_RefusedBatch_IsDroppedAndCounted()
    {
        Configure("alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}");
        answer = _ => HttpStatusCode.BadRequest;
        job.Notify([Alerts.Firing("A"), Alerts.Firing("B")]);
        await job.FlushAsync(Limit, Token);
        var figures = Assert.Single(job.Figures());
        Assert.Equal((0, 2, 2, 0), (figures.Sent, figures.Errors, figures.Dropped, figures.Queued));
    }

    [Fact]
    public async Task Configure_AlertmanagerThatStays_KeepsWhatWaitsForIt()
    {
        answer = _ => HttpStatusCode.ServiceUnavailable;
        Configure("alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}");
        job.Notify([Alerts.Firing("A")]);
        await job.FlushAsync(Limit, Token);
        time.Advance(TimeSpan.FromMinutes(2));
        Configure("alerting: {alertmanagers: [{timeout: 5s, static_configs: [{targets: [b, a]}]}]}");
        answer = _ => HttpStatusCode.OK;
        await job.FlushAsync(Limit, Token);
        Assert.Equal(["a/api/v2/alerts A"], Received().Where(one => !one.StartsWith('b')).Distinct());
        Assert.Empty(Received("b"));
    }

    [Fact]
    public async Task Finish_AlertmanagersThatAreFoundLater_GetWhatIsRecent()
    {
        found = """[{"targets":["late:9093"]}]""";
        Configure("alerting: {alertmanagers: [{http_sd_configs: [{url: 'http://list/'}]}]}");
        Assert.Empty(Assert.Single(job.Alertmanagers).Active);
        job.Notify([Alerts.Firing("A")]);
        await job.FinishAsync(Limit, Token);
        Assert.Equal(["late:9093/api/v2/alerts A"], Received("late"));
        Assert.Equal("http://late:9093/api/v2/alerts", Assert.Single(job.Alertmanagers[0].Active).AbsoluteUri);
    }

    [Fact]
    public async Task Stop_EndsWhatWaitsToBeSentAgain()
    {
        answer = _ => HttpStatusCode.ServiceUnavailable;
        Configure("alerting: {alertmanagers: [{static_configs: [{targets: [a]}]}]}");
        job.Notify([Alerts.Firing("A")]);
        await job.FlushAsync(Limit, Token);
        await job.StopAsync();
        var errors = job.Figures()[0].Errors;
        time.Advance(TimeSpan.FromMinutes(5));
        await job.StopAsync();
        Assert.Equal((errors, 1), (job.Figures()[0].Errors, job.Figures()[0].Queued));
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var url = request.RequestUri!;
        if (url.Host is "list")
        {
            return new HttpResponseMessage { Content = new StringContent(found, null, "application/json") };
        }
        if (url.Host == slow)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        var status = answer(url);
        Assert.Equal(HttpMethod.Post, request.Method);
        Assert.Equal("application/json", request.Content!.Headers.ContentType!.ToString());
        using var json = JsonDocument.Parse(await request.Content.ReadAsStringAsync(cancellationToken));
        var names = json
            .RootElement.EnumerateArray()
            .Select(alert => alert.GetProperty("labels").GetProperty("alertname").GetString());
        if (status == HttpStatusCode.OK)
        {
            lock (gate)
            {
                received.Add($"{url.Authority}{url.AbsolutePath} {string.Join(' ', names)}");
            }
        }
        return new HttpResponseMessage(status);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            job.Dispose();
        }
        base.Dispose(disposing);
    }

    private HttpMessageInvoker Client(Tributary.Configuration.Http.HttpClientConfig config) =>
        new(this, disposeHandler: false);

    private void Configure(string text) => job.Configure(ConfigReader.Read(text, "f"));

    private List<string> Received(string host = "")
    {
        lock (gate)
        {
            return
            [
                .. received.Where(one => one.StartsWith(host, StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            ];
        }
    }
}
