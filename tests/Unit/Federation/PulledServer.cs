using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Web;
using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.RemoteRead;
using Tributary.Scraping;
using Tributary.Storage.Ledger;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Federation;

/// <summary>A Prometheus as far as pulls ask it: samples that the test puts in, federated, queried and read remotely.</summary>
internal sealed class PulledServer : HttpMessageHandler
{
    public const long StartMs = 1_700_000_010_000;
    private const long LookbackMs = 300_000;

    public PulledServer()
    {
        var scraper = new Scraper(
            _ => new HttpMessageInvoker(this, disposeHandler: false),
            Time,
            new SeriesTable(),
            new ScrapeLimits()
        );
        Collector = new SourceCollector(scraper);
        State = Collector.CreateState();
        State.MarkLoaded();
        Memory = new SourceMemory("job/server/0");
    }

    public ManualTime Time { get; } = new(StartMs);

    public SourceCollector Collector { get; }

    public SourceState State { get; set; }

    public SourceMemory Memory { get; set; }

    /// <summary>The samples of each series, in the order of time.</summary>
    public Dictionary<LabelSet, List<Sample>> Series { get; } = [];

    public LabelSet External { get; set; } = LabelSet.Empty;

    public string MoreConfig { get; set; } = "";

    /// <summary>What it answers instead, by path; null leaves the answer to it.</summary>
    public Func<string, HttpResponseMessage?> Instead { get; set; } = _ => null;

    /// <summary>Told of every query or read: the time that is asked for, in milliseconds.</summary>
    public Func<long, HttpResponseMessage?> Limit { get; set; } = _ => null;

    /// <summary>The paths that were asked for.</summary>
    public List<string> Asked { get; } = [];

    /// <summary>The queries.</summary>
    public List<string> Queries { get; } = [];

    public PullMode Mode { get; set; } = PullMode.Auto;

    public Func<ScrapeConfig, ScrapeConfig> Job { get; set; } = config => config with { HonorLabels = true };

    public LabelSet TargetLabels { get; set; } = LabelSet.Of("job", "fed", "instance", "server:9090");

    public string Match { get; set; } = "{__name__=~\".+\"}";

    /// <summary>What every request has in a header, as a handler would put it there.</summary>
    public string Secret { get; set; } = "";

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public Target Target =>
        new()
        {
            Source = "job/server/0",
            Config = Job(
                new ScrapeConfig
                {
                    JobName = "fed",
                    Source = new SourceConfig { Pull = Mode },
                }
            ),
            Url = new Uri("http://server:9090/prefix/federate?match[]=" + Uri.EscapeDataString(Match)),
            Labels = TargetLabels,
            Interval = TimeSpan.FromMinutes(1),
            Timeout = TimeSpan.FromSeconds(10),
            IsFederate = true,
        };

    public static HttpResponseMessage Status(int status, string body = "") =>
        new((HttpStatusCode)status) { Content = new StringContent(body) };

    /// <summary>Adds a sample of a series as <c>name{…}</c> would be written, by names and values of labels.</summary>
    public void Put(LabelSet series, long timestampMs, double value)
    {
        if (!Series.TryGetValue(series, out var samples))
        {
            Series.Add(series, samples = []);
        }
        samples.Add(new Sample(timestampMs, value));
    }

    /// <summary>Adds samples every 15 seconds in (after, until].</summary>
    public void PutEvery15(LabelSet series, long afterMs, long untilMs)
    {
        for (var at = (afterMs / 15_000 + 1) * 15_000; at <= untilMs; at += 15_000)
        {
            Put(series, at, at / 1000.0 + series.Labels.Length);
        }
    }

    /// <summary>Collects at the clock's time, and takes the batch over as the log would.</summary>
    public async Task<Collected> CollectAsync(bool isStored = true)
    {
        var turn = new SourceTurn([Target], State, Memory, NowMs);
        var collected = await Collector.CollectAsync(turn, TestContext.Current.CancellationToken);
        if (isStored)
        {
            State.Apply(collected.Batch);
            Memory = collected.Memory;
        }
        return collected;
    }

    /// <summary>A minute goes by; the given series get samples.</summary>
    public void Minute(params LabelSet[] alive)
    {
        Time.Advance(TimeSpan.FromMinutes(1));
        foreach (var series in alive)
        {
            PutEvery15(series, NowMs - 60_000, NowMs);
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var path = request.RequestUri!.AbsolutePath;
        Asked.Add(path);
        if (Secret.Length > 0)
        {
            request.Headers.TryAddWithoutValidation("X-Key", Secret);
        }
        if (Instead(path) is { } other)
        {
            other.RequestMessage = request;
            return other;
        }
        var answer = path switch
        {
            "/prefix/federate" => Federate(),
            "/prefix/api/v1/status/config" => Config(),
            "/prefix/api/v1/query" => await QueryAsync(request, cancellationToken),
            "/prefix/api/v1/read" => Read(await request.Content!.ReadAsByteArrayAsync(cancellationToken)),
            _ => Status(404, "no such page"),
        };
        answer.RequestMessage = request;
        return answer;
    }

    private HttpResponseMessage Federate()
    {
        var text = new StringBuilder();
        var selector = SelectorParser.ParseAny(Match);
        foreach (var (series, samples) in Series.Where(one => selector.Matches(one.Key)))
        {
            var last = samples.LastOrDefault(sample => sample.TimestampMs <= NowMs);
            if (
                last.TimestampMs < NowMs - LookbackMs
                || StaleMarker.IsStale(last.Value)
                || series.MetricName.Length == 0
            )
            {
                continue;
            }
            var laid = AddedLabels.Lay(series, External).Labels.ToArray().Select(label => label.ToString()).ToList();
            if (!laid.Exists(label => label.StartsWith("instance=", StringComparison.Ordinal)))
            {
                laid.Add("instance=\"\"");
            }
            laid.RemoveAll(label => label.StartsWith("__name__=", StringComparison.Ordinal));
            var value = Text(last.Value);
            text.Append(
                CultureInfo.InvariantCulture,
                $"{series.MetricName}{{{string.Join(',', laid)}}} {value} {last.TimestampMs}\n"
            );
        }
        return ScriptedSource.Text(text.ToString());
    }

    private HttpResponseMessage Config()
    {
        var yaml = new StringBuilder("global:\n  scrape_timeout: 12s\n");
        if (!External.Labels.IsEmpty)
        {
            yaml.Append("  external_labels:\n");
            foreach (var label in External.Labels)
            {
                yaml.Append(CultureInfo.InvariantCulture, $"    {label.Name}: {label.Value}\n");
            }
        }
        yaml.Append(MoreConfig);
        return Status(200, $"{{\"status\":\"success\",\"data\":{{\"yaml\":{Json(yaml.ToString())}}}}}");
    }

    private async Task<HttpResponseMessage> QueryAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var form = HttpUtility.ParseQueryString(
            request.Content is null
                ? request.RequestUri!.Query
                : await request.Content.ReadAsStringAsync(cancellationToken)
        );
        var query = form["query"]!;
        Queries.Add(query);
        var atMs = (long)(decimal.Parse(form["time"]!, CultureInfo.InvariantCulture) * 1000);
        var bracket = query.EndsWith(']') ? query.LastIndexOf('[') : -1;
        if (bracket < 0)
        {
            return Matrix(SelectorParser.Parse(query), atMs - LookbackMs, atMs, newestOnly: true);
        }
        var duration = query[(bracket + 1)..^1];
        var ms = duration.EndsWith("ms", StringComparison.Ordinal)
            ? long.Parse(duration[..^2], CultureInfo.InvariantCulture)
            : 1000 * long.Parse(duration[..^1], CultureInfo.InvariantCulture);
        // As servers of version 2 do, with the first moment inside.
        return Limit(ms) ?? Matrix(SelectorParser.Parse(query[..bracket]), atMs - ms - 1, atMs, newestOnly: false);
    }

    private HttpResponseMessage Matrix(VectorSelector selector, long afterMs, long untilMs, bool newestOnly)
    {
        var text = new StringBuilder("""{"status":"success","data":{"resultType":"matrix","result":[""");
        var separator = "";
        foreach (var (series, samples) in Series.Where(one => selector.Matches(one.Key)))
        {
            var found = samples.Where(one => one.TimestampMs > afterMs && one.TimestampMs <= untilMs).ToList();
            if (newestOnly && found.Count > 0)
            {
                found = StaleMarker.IsStale(found[^1].Value) ? [] : [found[^1]];
            }
            found.RemoveAll(one => StaleMarker.IsStale(one.Value));
            if (found.Count == 0)
            {
                continue;
            }
            var labels = series.Labels.ToArray().Select(label => $"{Json(label.Name)}:{Json(label.Value)}");
            var pairs = found.Select(one => $"[{Seconds(one.TimestampMs)},\"{Text(one.Value)}\"]").ToList();
            text.Append(separator).Append("{\"metric\":{").AppendJoin(',', labels).Append("},");
            text.Append(newestOnly ? $"\"value\":{pairs[0]}" : $"\"values\":[{string.Join(',', pairs)}]").Append('}');
            separator = ",";
        }
        return Status(200, text.Append("]}}").ToString());
    }

    private HttpResponseMessage Read(byte[] body)
    {
        var request = ReadRequest.Parse(body);
        var output = new ByteWriter();
        foreach (var query in request.Queries)
        {
            if (Limit(query.Range.MaxMs - query.Range.MinMs + 1) is { } refusal)
            {
                return refusal;
            }
            var selector = new VectorSelector([
                .. query.Matchers.Select(one =>
                    one.Operator is MatchOperator.Equal && External.Get(one.Name) == one.Value
                        ? new LabelMatcher(one.Name, MatchOperator.Equal, "")
                        : one
                ),
            ]);
            foreach (var (series, samples) in Series.Where(one => selector.Matches(one.Key)))
            {
                // Whole chunks: also what lies outside.
                ReadFrames.Write(
                    output,
                    AddedLabels.Lay(series, External),
                    samples.Where(one => one.TimestampMs <= NowMs)
                );
            }
        }
        var answer = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Content = new ByteArrayContent(output.WrittenSpan.ToArray()),
        };
        answer.Content.Headers.TryAddWithoutValidation("Content-Type", ChunkFrames.ContentType);
        return answer;
    }

    private static string Seconds(long ms) => (ms / 1000m).ToString("0.###", CultureInfo.InvariantCulture);

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static string Text(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf"
        : double.IsNegativeInfinity(value) ? "-Inf"
        : value.ToString("R", CultureInfo.InvariantCulture);
}
