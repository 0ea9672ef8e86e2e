using System.Globalization;
using System.Net;
using System.Text;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Storage.Selection;
using Tributary.Stores;
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

    private readonly ManualTime time = new(StartMs);
    private readonly SimulatedStorage storage;
    private readonly RecentLog recent;
    private readonly CollectJob collect;
    private readonly DiscoverJob discover;
    private byte ulids;

    private HttpApiLive(CollectorConfig config)
    {
        storage = new SimulatedStorage(time);
        var (blobs, tables) = ((IBlobStore)storage.ImmediateBlobs(), (ITableStore)storage.ImmediateTables());
        var series = new SeriesTable();
        var log = new LogWriter(blobs, time, NewUlid);
        recent = new RecentLog(blobs, series, log, time);
        var scraper = new Scraper(
            _ => new HttpMessageInvoker(this, disposeHandler: false),
            time,
            series,
            new ScrapeLimits()
        );
        collect = new CollectJob(
            new SourceCollector(scraper),
            new SourceLedger(tables, time),
            log,
            recent,
            TickSchedule.Aligned,
            time
        );
        Receive = new ReceiveJob(log, recent, series, SeriesBudget.Unlimited, 1, time);
        discover = new DiscoverJob(_ => throw new InvalidOperationException("all are static"), time, collect.Configure);
        discover.Configure(config);
        Store = new StoreReader(blobs, tables, recent, new StoreReaderOptions(), time, NewUlid);
        Admin = new AdminJobs(blobs, tables, collect.RefreshAsync, time).Actions(() => true);
    }

    /// <summary>What was collected.</summary>
    public StoreReader Store { get; }

    /// <summary>Receives what others write.</summary>
    public ReceiveJob Receive { get; }

    /// <summary>Deletes and copies what was collected.</summary>
    public AdminActions Admin { get; }

    /// <summary>A server that has scraped for as long as the recorded one had.</summary>
    public static async Task<HttpApiLive> StartAsync(CollectorConfig config, long untilMs)
    {
        var live = new HttpApiLive(config);
        var token = TestContext.Current.CancellationToken;
        await live.collect.LoadAsync(token);
        while (live.time.GetUtcNow().ToUnixTimeMilliseconds() < untilMs - 1000)
        {
            live.time.Advance(TimeSpan.FromSeconds(1));
            await live.collect.RunAsync(token);
        }
        return live;
    }

    /// <summary>The endpoints' view of it.</summary>
    public ServerState Of(ServerState state) =>
        state with
        {
            Targets = collect.Targets,
            Pools = discover.Status,
            Metadata = collect.Metadata,
            HeadStatistics = recent.Statistics,
            Series = Store.SeriesAsync,
            LabelNames = Store.LabelNamesAsync,
            LabelValues = Store.LabelValuesAsync,
            ExternalUrl = () => new Uri("http://golden.example:9090/"),
            Admin = Admin,
            Receive = Receive,
            IsReceiving = () => true,
        };

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var address = request.RequestUri!;
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
        Store.Dispose();
        discover.Dispose();
        base.Dispose(disposing);
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
