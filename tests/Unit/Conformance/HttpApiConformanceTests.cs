using Tributary.Api;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
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
    private const string RuleResults = "among its series are results of recording rules: " + Rules;

    /// <summary>What is not run, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["federate/accept_proto_text"] = "protobuf as text is for people; who asks for it gets the text format",
        ["misc/healthy"] = "the answer names us",
        ["misc/reload_disabled"] = "reloading needs credentials or loopback, and no option",
        ["live/federate_live"] = RuleResults,
        ["live/rules"] = Rules,
        ["live/rules_alert"] = Rules,
        ["live/rules_record"] = Rules,
        ["live/rules_name"] = Rules,
        ["live/rules_group"] = Rules,
        ["live/alerts"] = Rules,
        ["live/query_recorded"] = Rules,
        ["live/query_alerts_for_state"] = Rules,
        ["live/query_app"] = RuleResults,
        ["live/write_ooo"] = "late samples are taken, as Prometheus does with out_of_order_time_window",
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
        var liveConfig = ConfigOf(isLive: true);
        using var live = await HttpApiLive.StartAsync(
            liveConfig,
            exchanges.Where(one => one.IsLive).Min(one => one.NowMs)
        );
        var problems = new List<string>();
        var run = exchanges.Where(exchange => !Exceptions.ContainsKey(exchange.Id)).ToList();
        var token = TestContext.Current.CancellationToken;
        foreach (var exchange in run)
        {
            await using var server = await WebServer.StartAsync(
                ListenAddress.Parse("127.0.0.1:0"),
                State(exchange, head, exchange.IsLive ? live.Store : store, live),
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

    private static ServerState State(HttpApiExchange exchange, RecentHead head, StoreReader store, HttpApiLive live)
    {
        var path = PathOf(exchange.IsLive);
        var config = ConfigOf(exchange.IsLive);
        var settings = new Settings
        {
            Config = path,
            Storage = Settings.DefaultStorage,
            Listen = ListenAddress.Parse(ListenAddress.Default),
        };
        var options = settings.Query.Engine with { DefaultSubqueryStep = config.Global.EvaluationInterval };
        var source = new StoreSource(store);
        var engine = new QueryEngine(source, options, TimeProvider.System);
        var state = new ServerState
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
            HeadStatistics = new RecentHead().Statistics,
            ExternalLabels = () => new ExternalLabels(config.Global.ExternalLabels),
            Targets = () => [],
            Config = () => config,
            Flags = ServerFlags.Of(settings),
            Metrics = () => throw new InvalidOperationException("not asked for"),
            Status = () => throw new InvalidOperationException("not asked for"),
        };
        return exchange.IsLive ? live.Of(state) : state;
    }

    private static string PathOf(bool isLive) =>
        ConformanceData.PathOf(isLive ? "http-api/live/b.yml.tmpl" : "http-api/static.yml");

    private static CollectorConfig ConfigOf(bool isLive)
    {
        var path = PathOf(isLive);
        // The template names its rule files as RULES.
        return ConfigReader.Read(File.ReadAllText(path).Replace("RULES", "rules.yml", StringComparison.Ordinal), path);
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
}
