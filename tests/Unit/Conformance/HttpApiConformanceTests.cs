using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Tributary.Api;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Serving;
using Tributary.Jobs;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.Head;
using Tributary.Storage.Selection;
using Tributary.Tests.Unit.Functions;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Conformance;

/// <summary>Recorded answers of Prometheus' <c>/federate</c>, targets, metadata and status, put to the real server.</summary>
public sealed class HttpApiConformanceTests
{
    private const string Protobuf = "protobuf is not served yet";
    private const string Limits = "2.42 does not know the limit, and 3.14 does: StoreReaderTests";
    private const string LiveTargets = "needs the fixture targets of the live server, with relabelling and limits";

    /// <summary>What is not run, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new(StringComparer.Ordinal)
    {
        ["federate/accept_proto"] = Protobuf,
        ["federate/accept_proto_histo"] = Protobuf,
        ["federate/accept_proto_text"] = Protobuf,
        ["labels/limit"] = Limits,
        ["label_values/limit"] = Limits,
        ["live/targets_active"] = LiveTargets,
        ["live/federate_live"] = "needs the rules of the live server, too",
    };

    /// <summary>Objects of which the members are data, not form.</summary>
    private static readonly Dictionary<string, string> Maps = new(StringComparer.Ordinal)
    {
        // Which families a limit leaves is unspecified, and a server's flags are its own.
        ["live/metadata_limit"] = "/data",
        ["live/metadata_limit_per_metric"] = "/data",
        ["live/status_flags"] = "/data",
    };

    private static readonly string[] Groups = ["federate/", "status/", "series/", "labels/", "label_values/"];

    private static readonly string[] Others =
    [
        "misc/metadata_",
        "misc/targets_",
        "misc/admin_",
        "misc/delete_",
        "misc/unknown_root",
        "misc/healthy_head",
        "live/targets_",
        "live/metadata_",
        "live/scrape_pools",
        "live/status_",
        "live/federate_",
        "live/snapshot",
        "live/delete_",
        "live/clean_tombstones",
    ];

    [Fact]
    public async Task HttpApi_RecordedExchanges_AreAnsweredAlike()
    {
        var exchanges = ConformanceData
            .Lines("http-api/exchanges-static.jsonl")
            .Concat(ConformanceData.Lines("http-api/exchanges-live.jsonl"))
            .Where(exchange => IsServed(Text(exchange, "id")))
            .ToList();
        if (exchanges.Count == 0)
        {
            ConformanceData.Report("http-api", 0, []);
            return;
        }
        var ids = exchanges.Select(exchange => Text(exchange, "id")).ToHashSet(StringComparer.Ordinal);
        Assert.Superset(Exceptions.Keys.ToHashSet(StringComparer.Ordinal), ids);
        var head = HttpApiDataSet.Load();
        using var store = await HttpApiDataSet.StoreAsync();
        var metadata = await LiveMetadataAsync();
        var problems = new List<string>();
        var run = exchanges.Where(exchange => !Exceptions.ContainsKey(Text(exchange, "id"))).ToList();
        foreach (var exchange in run)
        {
            if (await JudgeAsync(exchange, State(exchange, head, store, metadata)) is { } problem)
            {
                problems.Add($"{Text(exchange, "id")}: {problem}");
            }
        }
        ConformanceData.Report("http-api", run.Count - problems.Count, problems);
    }

    private static bool IsServed(string id) =>
        Groups.Concat(Others).Any(prefix => id.StartsWith(prefix, StringComparison.Ordinal));

    private static ServerState State(
        JsonElement exchange,
        RecentHead head,
        StoreReader store,
        IReadOnlyList<TargetMetadata> metadata
    )
    {
        var isLive = Text(exchange, "server") is "live";
        var path = ConformanceData.PathOf(isLive ? "http-api/live/b.yml.tmpl" : "http-api/static.yml");
        // The template names its rule files as RULES.
        var text = File.ReadAllText(path).Replace("RULES", "rules.yml", StringComparison.Ordinal);
        var config = ConfigReader.Read(text, path);
        var nowMs = exchange.TryGetProperty("now", out var now) ? (long)(now.GetDecimal() * 1000) : 0;
        return new ServerState
        {
            Time = new ManualTime(nowMs),
            IsReady = () => true,
            SelectLatest = WebPlace.Latest((selectors, range) => Select(head, selectors, range)),
            Series = store.SeriesAsync,
            LabelNames = store.LabelNamesAsync,
            LabelValues = store.LabelValuesAsync,
            // The data of the static server was in blocks, so that its head had nothing.
            HeadStatistics = limit => (isLive ? head : new RecentHead()).Statistics(limit),
            ExternalLabels = () => new ExternalLabels(config.Global.ExternalLabels),
            Targets = () => isLive ? [Api.Targets.Up with { ScrapePool = "app" }] : [],
            Metadata = () => isLive ? metadata : [],
            Config = () => config,
            Admin = new AdminActions
            {
                IsEnabled = () => isLive,
                Snapshot = (_, _) => Task.FromResult(new Snapshot("20261120T083844Z-6f8bb82159232615", [])),
            },
            Flags = ServerFlags.Of(
                new Settings
                {
                    Config = path,
                    Storage = Settings.DefaultStorage,
                    Listen = ListenAddress.Parse(ListenAddress.Default),
                }
            ),
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

    private static async Task<string?> JudgeAsync(JsonElement exchange, ServerState state)
    {
        var token = TestContext.Current.CancellationToken;
        await using var server = await WebServer.StartAsync(
            ListenAddress.Parse("127.0.0.1:0"),
            state,
            new ConsoleLoggerFactory(_ => { }, TimeProvider.System),
            token
        );
        var request = exchange.GetProperty("request");
        using var client = new HttpClient();
        using var message = new HttpRequestMessage(
            new HttpMethod(Text(request, "method")),
            new Uri(server.Address, Text(request, "path"))
        );
        if (request.TryGetProperty("body", out var body))
        {
            message.Content = new StringContent(body.GetString()!);
        }
        foreach (var header in request.GetProperty("headers").EnumerateObject())
        {
            if (header.NameEquals("Content-Type"))
            {
                message.Content!.Headers.ContentType = MediaTypeHeaderValue.Parse(header.Value.GetString()!);
            }
            else
            {
                message.Headers.TryAddWithoutValidation(header.Name, header.Value.GetString());
            }
        }
        using var response = await client.SendAsync(message, token);
        var expected = exchange.GetProperty("response");
        // An answer without a body may have been recorded without a type.
        var mediaType = expected.GetProperty("headers").TryGetProperty("Content-Type", out var type)
            ? MediaTypeHeaderValue.Parse(type.GetString()!).MediaType
            : null;
        if ((int)response.StatusCode != expected.GetProperty("status").GetInt32())
        {
            return $"status {(int)response.StatusCode}";
        }
        if (
            mediaType is not null
            && !string.Equals(response.Content.Headers.ContentType?.MediaType, mediaType, StringComparison.Ordinal)
        )
        {
            return $"content type {response.Content.Headers.ContentType}";
        }
        return CompareBodies(exchange, Text(expected, "body"), await ReadAsync(response, token));
    }

    private static string? CompareBodies(JsonElement exchange, string expected, string actual)
    {
        var id = Text(exchange, "id");
        var isAdvisory = exchange.TryGetProperty("error_text", out _);
        var mode = Text(exchange, "compare");
        switch (mode)
        {
            case "status":
                return null;
            case "federate-text":
            case "text":
                return isAdvisory || string.Equals(expected, actual, StringComparison.Ordinal)
                    ? null
                    : $"expected\n{expected}\ngot\n{actual}";
            case "json":
            case "json-shape":
                var comparison = new JsonComparison(
                    mode is "json-shape",
                    exchange.TryGetProperty("v3", out var v3) && v3.GetString() is "added-fields",
                    Maps.TryGetValue(id, out var map) ? [map] : [],
                    isAdvisory ? ["/error"] : []
                );
                using (var expectedJson = JsonDocument.Parse(expected))
                using (var actualJson = JsonDocument.Parse(actual))
                {
                    return comparison.Find(expectedJson.RootElement, actualJson.RootElement);
                }
            default:
                return $"no way to compare as {mode}";
        }
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken token)
    {
        var bytes = await response.Content.ReadAsByteArrayAsync(token);
        if (!response.Content.Headers.ContentEncoding.Contains("gzip"))
        {
            return Encoding.UTF8.GetString(bytes);
        }
        await using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip, Encoding.UTF8);
        return await reader.ReadToEndAsync(token);
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;
}
