using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.Rules;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using Tributary.Stores;
using Tributary.Tests.Unit.Functions;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>
/// The recorded live server: its configuration, its fixture targets as answers by path, and everything between them and
/// the endpoints as it is. The clock goes by steps from a little before the first recorded answer.
/// </summary>
internal sealed class HttpApiLive : HttpMessageHandler
{
    private const string DownPort = ":19499";

    /// <summary>The sample with a timestamp of its own has this one, and the recorded server began 20 s later.</summary>
    private const long ExplicitMs = 1_795_163_882_191;
    private const long StartMs = ExplicitMs + 20_000;

    /// <summary>
    /// What the recorded server had scraped when it evaluated first: the others came behind it, and a rule that has no result
    /// with all of them has one with these.
    /// </summary>
    private static readonly string[] FirstJobs = ["basic-auth", "bearer"];

    private static readonly TimeSpan FirstFor = TimeSpan.FromSeconds(5);

    private static readonly Uri Url = new("http://golden.example:9090/");
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly HashSet<string> told = new(StringComparer.Ordinal);
    private readonly ManualTime time = new(StartMs);
    private readonly SimulatedStorage storage;
    private readonly RecentLog recent;
    private readonly CollectJob collect;
    private readonly DiscoverJob discover;
    private readonly EvaluateJob evaluate;
    private readonly NotifyJob notify;
    private readonly QueryEngine queries;
    private byte ulids;

    private HttpApiLive(CollectorConfig config)
    {
        storage = new SimulatedStorage(time);
        var (blobs, tables) = ((IBlobStore)storage.ImmediateBlobs(), (ITableStore)storage.ImmediateTables());
        var series = new SeriesTable();
        var log = new LogWriter(blobs, time, NewUlid);
        recent = new RecentLog(blobs, series, log, time);
        var scraper = new Scraper(_ => Client(), time, series, new ScrapeLimits());
        collect = new CollectJob(
            new SourceCollector(scraper),
            new SourceLedger(tables, time),
            log,
            recent,
            TickSchedule.Aligned,
            time
        );
        discover = new DiscoverJob(_ => throw new InvalidOperationException("all are static"), time, collect.Configure);
        Store = new StoreReader(blobs, tables, recent, new StoreReaderOptions(), time, NewUlid);
        queries = new QueryEngine(new StoreSource(Store), new EngineOptions(), time);
        notify = new NotifyJob(
            _ => throw new InvalidOperationException("all are static"),
            _ => Client(),
            () => Url,
            time
        );
        notify.Configure(config);
        evaluate = new EvaluateJob(
            new EvaluateParts
            {
                Writer = log,
                Recent = recent,
                Tables = tables,
                Queries = () => queries,
                ReadOn = collect.RefreshAsync,
                Sources = collect.Completeness,
                Notify = (alerts, _) =>
                {
                    notify.Notify(alerts);
                    return Task.CompletedTask;
                },
            },
            TickSchedule.Aligned,
            time
        );
        collect.Evaluated = evaluate.Take;
        var settings = new RuleSettings
        {
            ExternalLabels = config.Global.ExternalLabels,
            ExternalUrl = Url.OriginalString.TrimEnd('/'),
        };
        evaluate.Configure(config.RuleGroups, config.Rules, settings);
        Admin = new AdminJobs(blobs, tables, collect.RefreshAsync, time).Actions(() => true);
    }

    /// <summary>What was collected.</summary>
    public StoreReader Store { get; }

    /// <summary>Deletes and copies what was collected.</summary>
    public AdminActions Admin { get; }

    /// <summary>Which alerts of those that the recorded server posted were not posted here with the same labels.</summary>
    public IEnumerable<string> ProblemsOfTold()
    {
        var path = ConformanceData.PathOf("remote/alertmanager-notifications.json");
        if (!System.IO.File.Exists(path))
        {
            return [];
        }
        using var captured = JsonDocument.Parse(System.IO.File.ReadAllText(path));
        var posted = captured
            .RootElement.GetProperty("notifications")
            .EnumerateArray()
            .SelectMany(body => body.EnumerateArray())
            .Select(Shown)
            .ToHashSet(StringComparer.Ordinal);
        lock (told)
        {
            return [.. posted.Except(told, StringComparer.Ordinal).Select(alert => $"not posted: {alert}")];
        }
    }

    /// <summary>A server that has scraped for as long as the recorded one had.</summary>
    public static async Task<HttpApiLive> StartAsync(CollectorConfig config, long untilMs)
    {
        var live = new HttpApiLive(config);
        var token = TestContext.Current.CancellationToken;
        await live.collect.LoadAsync(token);
        var evaluations = new List<Task>();
        live.discover.Configure(
            config with
            {
                ScrapeConfigs =
                [
                    .. config.ScrapeConfigs.Where(job => FirstJobs.Contains(job.JobName, StringComparer.Ordinal)),
                ],
            }
        );
        var allMs = StartMs + (long)FirstFor.TotalMilliseconds;
        while (live.time.GetUtcNow().ToUnixTimeMilliseconds() < untilMs - 1000)
        {
            live.time.Advance(TimeSpan.FromSeconds(1));
            if (live.time.GetUtcNow().ToUnixTimeMilliseconds() == allMs)
            {
                live.discover.Configure(config);
            }
            await live.collect.RunAsync(token);
            // Not awaited: one that waits for a source waits for the clock.
            evaluations.Add(live.evaluate.RunAsync(token));
            await Task.WhenAny(Task.WhenAll(evaluations), Task.Delay(Together, token));
        }
        await Task.WhenAll(evaluations).WaitAsync(Patience, token);
        await live.notify.FlushAsync(Patience, token).WaitAsync(Patience, token);
        return live;
    }

    /// <summary>The endpoints' view of it.</summary>
    public ServerState Of(ServerState state) =>
        state with
        {
            SelectLatest = WebPlace.Latest(
                (selectors, range) => recent.SelectLatest([.. selectors.Select(SelectorParser.ParseAny)], range)
            ),
            Targets = collect.Targets,
            Pools = discover.Status,
            Metadata = collect.Metadata,
            HeadStatistics = recent.Statistics,
            Series = Store.SeriesAsync,
            LabelNames = Store.LabelNamesAsync,
            LabelValues = Store.LabelValuesAsync,
            ExternalUrl = () => Url,
            Rules = evaluate.Statuses,
            Alertmanagers = () => notify.Alertmanagers,
            Admin = Admin,
        };

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var address = request.RequestUri!;
        if (request.Method == HttpMethod.Post)
        {
            return TakeAlertsAsync(request, cancellationToken);
        }
        if (address.Authority.EndsWith(DownPort, StringComparison.Ordinal))
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        }
        var type = address.AbsolutePath is "/fx/om"
            ? "application/openmetrics-text; version=1.0.0"
            : "text/plain; version=0.0.4";
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes(BodyOf(address.AbsolutePath)));
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        var status = address.AbsolutePath is "/fx/500" ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;
        return Task.FromResult(new HttpResponseMessage(status) { Content = content });
    }

    protected override void Dispose(bool disposing)
    {
        notify.Dispose();
        queries.Dispose();
        Store.Dispose();
        discover.Dispose();
        base.Dispose(disposing);
    }

    private static string Shown(JsonElement alert) =>
        string.Concat(
            alert
                .EnumerateObject()
                .Where(member => member.Name is "generatorURL" or "labels" or "annotations")
                .Select(member => Normal(member.Value))
        );

    /// <summary>As it is written after its escapes are undone.</summary>
    private static string Normal(JsonElement value) =>
        value.ValueKind is JsonValueKind.Object
            ? string.Concat(value.EnumerateObject().Select(one => $" {one.Name}={one.Value.GetString()}"))
            : $" {value.GetString()}";

    private HttpMessageInvoker Client() => new(this, disposeHandler: false);

    private async Task<HttpResponseMessage> TakeAlertsAsync(HttpRequestMessage request, CancellationToken stop)
    {
        using var json = JsonDocument.Parse(await request.Content!.ReadAsStringAsync(stop));
        Assert.Equal("/am/api/v2/alerts", request.RequestUri!.AbsolutePath);
        lock (told)
        {
            told.UnionWith(json.RootElement.EnumerateArray().Select(Shown));
        }
        return new HttpResponseMessage(HttpStatusCode.OK);
    }

    private string BodyOf(string path) =>
        path switch
        {
            "/fx/om" => File("om.om"),
            "/fx/ts" => File("ts.prom.tmpl")
                .Replace("%TS%", ExplicitMs.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal),
            "/fx/federate" => string.Create(
                CultureInfo.InvariantCulture,
                $"fed_up{{job=\"fed\",instance=\"x\"}} 1 {NowMs}\njob:fed:sum{{job=\"fed\",instance=\"\"}} 2 {NowMs}\n"
            ),
            "/fx/empty" or "/fx/500" => "",
            _ => File($"{path["/fx/".Length..]}.prom"),
        };

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private static string File(string name) =>
        System.IO.File.ReadAllText(ConformanceData.PathOf($"http-api/live/{name}"));

    private Ulid NewUlid() => Ulid.Create(StartMs, [0, 0, 0, 0, 0, 0, 0, 0, 1, ++ulids]);
}
