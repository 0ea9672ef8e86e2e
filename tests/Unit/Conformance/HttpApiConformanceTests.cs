using Tributary.Api;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Evaluation;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Functions;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Recorded answers of Prometheus' HTTP API, put to the real server.</summary>
public sealed class HttpApiConformanceTests
{
    private const string Rules = "rules and alerts come with a later part";
    private const string Write = "remote write comes with a later part";
    private const string LiveTargets = "needs the fixture targets of the live server, with relabelling and limits";
    private const string Admin = "the store of this test is shared, and nothing is deleted in it: AdminApiTests";

    /// <summary>What is not run, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["federate/accept_proto_text"] = "protobuf as text is for people; who asks for it gets the text format",
        ["misc/healthy"] = "the answer names us",
        ["misc/reload_disabled"] = "reloading needs credentials or loopback, and no option",
        ["live/targets_active"] = LiveTargets,
        ["live/federate_live"] = LiveTargets,
        ["live/rules"] = Rules,
        ["live/rules_alert"] = Rules,
        ["live/rules_record"] = Rules,
        ["live/rules_name"] = Rules,
        ["live/rules_group"] = Rules,
        ["live/alerts"] = Rules,
        ["live/query_recorded"] = Rules,
        ["live/query_alerts_for_state"] = Rules,
        ["live/query_up"] = LiveTargets,
        ["live/query_samples_scraped"] = LiveTargets,
        ["live/query_post_relabel"] = LiveTargets,
        ["live/query_series_added"] = LiveTargets,
        ["live/query_app"] = LiveTargets,
        ["live/query_honor"] = LiveTargets,
        ["live/query_ts"] = LiveTargets,
        ["live/query_ts_explicit"] = LiveTargets,
        ["live/query_metric_relabel"] = LiveTargets,
        ["live/query_limited_jobs"] = LiveTargets,
        ["live/write_bad"] = Write,
        ["live/write_ok"] = Write,
        ["live/write_ooo"] = Write,
        ["live/query_pushed"] = Write,
        ["live/query_deleted"] = Admin,
    };

    [Fact]
    public async Task HttpApi_RecordedExchanges_AreAnsweredAlike()
    {
        var exchanges = ConformanceData
            .Lines("http-api/exchanges-static.jsonl")
            .Concat(ConformanceData.Lines("http-api/exchanges-live.jsonl"))
            .Select(recorded => new HttpApiExchange(recorded))
            .ToList();
        if (exchanges.Count == 0)
        {
            ConformanceData.Report("http-api", 0, []);
            return;
        }
        Assert.Subset(
            exchanges.Select(exchange => exchange.Id).ToHashSet(StringComparer.Ordinal),
            Exceptions.Keys.ToHashSet(StringComparer.Ordinal)
        );
        var head = HttpApiDataSet.Load();
        using var store = await HttpApiDataSet.StoreAsync();
        var metadata = await LiveMetadataAsync();
        var problems = new List<string>();
        var run = exchanges.Where(exchange => !Exceptions.ContainsKey(exchange.Id)).ToList();
        var token = TestContext.Current.CancellationToken;
        foreach (var exchange in run)
        {
            await using var server = await WebServer.StartAsync(
                ListenAddress.Parse("127.0.0.1:0"),
                State(exchange, head, store, metadata),
                new ConsoleLoggerFactory(_ => { }, TimeProvider.System),
                token
            );
            if (await exchange.JudgeAsync(server.Address, token) is { } problem)
            {
                problems.Add($"{exchange.Id}: {problem}");
            }
        }
        ConformanceData.Report("http-api", run.Count - problems.Count, problems);
    }

    private static ServerState State(
        HttpApiExchange exchange,
        RecentHead head,
        StoreReader store,
        IReadOnlyList<TargetMetadata> metadata
    )
    {
        var path = ConformanceData.PathOf(exchange.IsLive ? "http-api/live/b.yml.tmpl" : "http-api/static.yml");
        // The template names its rule files as RULES.
        var text = File.ReadAllText(path).Replace("RULES", "rules.yml", StringComparison.Ordinal);
        var config = ConfigReader.Read(text, path);
        var settings = new Settings
        {
            Config = path,
            Storage = Settings.DefaultStorage,
            Listen = ListenAddress.Parse(ListenAddress.Default),
        };
        var options = settings.Query.Engine with { DefaultSubqueryStep = config.Global.EvaluationInterval };
        var source = new StoreSource(store);
        var engine = new QueryEngine(source, options, TimeProvider.System);
        return new ServerState
        {
            Time = new ManualTime(exchange.NowMs),
            IsReady = () => true,
            SelectLatest = WebPlace.Latest((selectors, range) => Select(head, selectors, range)),
            SelectChunks = (query, stop) =>
                store.SelectChunksAsync(query.Matchers, query.Range, new SelectionLimits(), stop),
            Queries = () => engine,
            QueryOptions = options,
            Series = store.SeriesAsync,
            LabelNames = store.LabelNamesAsync,
            LabelValues = store.LabelValuesAsync,
            // The data of the static server was in blocks, so that its head had nothing.
            HeadStatistics = limit => (exchange.IsLive ? head : new RecentHead()).Statistics(limit),
            ExternalLabels = () => new ExternalLabels(config.Global.ExternalLabels),
            Targets = () => exchange.IsLive ? [Api.Targets.Up with { ScrapePool = "app" }] : [],
            Metadata = () => exchange.IsLive ? metadata : [],
            Config = () => config,
            Admin = new AdminActions
            {
                IsEnabled = () => exchange.IsLive,
                Snapshot = (_, _) => Task.FromResult(new Snapshot("20261120T083844Z-6f8bb82159232615", [])),
            },
            Flags = ServerFlags.Of(settings),
            Metrics = () => throw new InvalidOperationException("not asked for"),
            Status = () => throw new InvalidOperationException("not asked for"),
        };
    }

    private static IReadOnlyList<LatestSample> Select(RecentHead head, IReadOnlyList<string> selectors, TimeRange range)
    {
        try
        {
            return head.SelectLatest([.. selectors.Select(SelectorParser.ParseAny)], range);
        }
        catch (ParseException exception)
        {
            throw new BadRequestException(exception.Message, exception);
        }
    }

    /// <summary>What the scraper learns from two of the live server's targets.</summary>
    private static async Task<IReadOnlyList<TargetMetadata>> LiveMetadataAsync()
    {
        // The labels are those that relabelling gives these targets in the live configuration.
        const string Address = "127.0.0.1:19410";
        (string File, LabelSet Labels)[] sources =
        [
            (
                "app.prom",
                LabelSet.Of("env", "prod", "host", "127.0.0.1", "instance", Address, "job", "app", "shard", "7")
            ),
            ("app2.prom", LabelSet.Of("instance", Address, "job", "app-second")),
        ];
        var targets = new List<TargetMetadata>();
        foreach (var (file, labels) in sources)
        {
            var path = ConformanceData.PathOf($"http-api/live/{file}");
            var source = new ScriptedSource();
            await source.ScrapeAsync(await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken));
            targets.Add(new TargetMetadata(labels, source.State.Metadata));
        }
        return targets;
    }
}
