using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Storage.Ledger;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.HttpClients;
using Tributary.Tests.Unit.Stores.Local;

namespace Tributary.Tests.Unit.Functions;

/// <summary><c>tributary gaps</c> and <c>tributary backfill</c> over a store in a folder.</summary>
public sealed class GapsCommandTests : IDisposable
{
    private const string Config = """
        scrape_configs:
          - job_name: fed
            honor_labels: true
            metrics_path: /federate
            params: {'match[]': [up]}
            static_configs:
              - targets: ['127.0.0.1:1', '127.0.0.1:2']
          - job_name: node
            static_configs:
              - targets: ['127.0.0.1:3']
        """;

    private const long EveryMs = 15_000;
    private const long HourMs = 3_600_000;

    /// <summary>Settled gaps are kept for some days only.</summary>
    private static readonly long BeginMs = (Now() / HourMs - 3) * HourMs;

    private readonly TestFolder folder = new();

    public GapsCommandTests() => Directory.CreateDirectory(folder.Path);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Store => Path.Combine(folder.Path, "data");

    /// <summary>What is asked for, whether there is a configuration; what the error says, and with what the process ends.</summary>
    public static TheoryData<string, string, string, bool, string, int> WrongRequests { get; } =
        new()
        {
            {
                "fed",
                "yesterday",
                "20",
                true,
                "--from is no time: 'yesterday'; write seconds since 1970",
                ExitCode.Usage
            },
            { "fed", "10", "2026-13-01", true, "--to is no time: '2026-13-01'", ExitCode.Usage },
            { "fed", "20", "20", true, "--from has to be before --to.", ExitCode.Usage },
            { "fed", "10", "20", false, "There is no configuration: --config", ExitCode.Usage },
            {
                "fed",
                "10",
                "20",
                true,
                "several sources begin with 'fed': the configuration has fed/127.0.0.1:1/",
                ExitCode.Failed
            },
            {
                "other",
                "10",
                "20",
                true,
                "no source begins with 'other': the configuration has fed/127.0.0.1:1/",
                ExitCode.Failed
            },
            { "node", "10", "20", true, "an exporter has no history", ExitCode.Failed },
            { "fed/127.0.0.1:1", "10", "20", true, "is longer ago than samples are kept here", ExitCode.Failed },
            {
                "fed/127.0.0.1:1",
                "10",
                "9999999999",
                true,
                "is longer ago than samples are kept here",
                ExitCode.Failed
            },
        };

    [Fact]
    public async Task List_StoreThatIsNotThere_SaysHowToNameIt()
    {
        var error = await Assert.ThrowsAsync<CommandException>(() => RunAsync(new GapsRequest(""), null));
        Assert.StartsWith($"there is no store at '{Store}': --storage", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Gaps_HasALineForEachAndTheirNumbers()
    {
        await RememberAsync("b/1/0", Gap(0, 90_000, GapState.Filled, "it was down"));
        await RememberAsync(
            "a/1/0",
            Gap(0, 60_000, GapState.Open, "nobody collected then"),
            Gap(120_000, 7_320_000, GapState.GivenUp, "it was down", "too old")
        );
        var output = await RunAsync(new GapsRequest(""), null);
        Assert.Equal(
            $"""
            SOURCE  FROM                  TO                    LENGTH      STATE     REASON
            a/1/0   {Time(0)}  {Time(60_000)}  1m          open      nobody collected then
            a/1/0   {Time(120_000)}  {Time(7_320_000)}  2h          given up  it was down (too old)
            b/1/0   {Time(0)}  {Time(90_000)}  1m30s       filled    it was down
            1 open, 1 given up, 1 filled

            """,
            output
        );
        Assert.EndsWith(
            "0 open, 0 given up, 1 filled\n",
            await RunAsync(new GapsRequest("b/"), null),
            StringComparison.Ordinal
        );
        Assert.Equal("0 open, 0 given up, 0 filled\n", await RunAsync(new GapsRequest("c"), null));
    }

    [Fact]
    public async Task List_Json_HasTheSame()
    {
        await RememberAsync("a/1/0", Gap(0, 60_000, GapState.GivenUp, "it was down", "too old"));
        await RememberAsync("b/1/0", Gap(0, 60_000, GapState.Open, "it was down"));
        using var json = JsonDocument.Parse(await RunAsync(new GapsRequest("a", IsJson: true), null));
        var gap = Assert.Single(json.RootElement.GetProperty("gaps").EnumerateArray());
        Assert.Equal(
            ["a/1/0", Time(0), Time(60_000), "givenUp", "it was down", "too old"],
            gap.EnumerateObject().Select(one => one.Value.GetString())
        );
        Assert.Empty(json.RootElement.GetProperty("problems").EnumerateArray());
    }

    [Theory]
    [MemberData(nameof(WrongRequests))]
    public async Task Fill_WrongRequest_SaysWhatToDo(
        string source,
        string from,
        string to,
        bool hasConfig,
        string problem,
        int code
    )
    {
        await RememberAsync("a/1/0");
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(new GapsRequest(source, from, to), hasConfig ? Config : null)
        );
        Assert.Contains(problem, error.Message, StringComparison.Ordinal);
        Assert.Equal(code, error.ExitCode);
    }

    [Fact]
    public async Task Fill_SourceThatIsDown_SaysSo()
    {
        await RememberAsync("a/1/0");
        var nowMs = Now();
        var error = await Assert.ThrowsAsync<CommandException>(() =>
            RunAsync(new GapsRequest("fed/127.0.0.1:1", Seconds(nowMs - 600_000), Seconds(nowMs - 300_000)), Config)
        );
        Assert.Matches("^fed/127.0.0.1:1/[^ ]+ gave nothing after .*no connection to 127.0.0.1:1", error.Message);
    }

    [Fact]
    public async Task Fill_Range_IsStoredOnceAndItsGapIsFilled()
    {
        var toMs = (Now() - 120_000) / EveryMs * EveryMs;
        var fromMs = toMs - 600_000;
        await using var server = await TestServer.StartAsync(AnswerAsync);
        var config = Config.Replace("127.0.0.1:1", $"127.0.0.1:{server.Port}", StringComparison.Ordinal);
        var source = TargetDiscovery
            .Discover(ConfigReader.Read(config, "f"))
            .Single(target => target.Source.Contains($":{server.Port}/", StringComparison.Ordinal))
            .Source;
        await RememberAsync(source, new SourceGap(fromMs, toMs, GapState.Open, "nobody collected then"));
        var request = new GapsRequest(source, Seconds(fromMs), Seconds(toMs));

        var first = await RunAsync(request, config, showsProgress: true);
        Assert.Equal($"{source}: 40 samples of {GapsText.Time(fromMs)} to {GapsText.Time(toMs)} are stored\n", first);
        var again = await RunAsync(request, config);
        Assert.Matches("^[^ ]+: 0 samples of .* are stored; [23] steps were there already\n$", again);
        Assert.EndsWith(
            "0 open, 0 given up, 1 filled\n",
            await RunAsync(new GapsRequest(""), null),
            StringComparison.Ordinal
        );
    }

    public void Dispose() => folder.Dispose();

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private static string Seconds(long timestampMs) => (timestampMs / 1000.0).ToString(CultureInfo.InvariantCulture);

    private static SourceGap Gap(long fromMs, long toMs, GapState state, string reason, string note = "") =>
        new(BeginMs + fromMs, BeginMs + toMs, state, reason, note);

    private static string Time(long ms) => GapsText.Time(BeginMs + ms);

    /// <summary>A Prometheus with one series, which has a sample every 15 seconds.</summary>
    private static async Task AnswerAsync(HttpContext context)
    {
        switch (context.Request.Path.Value)
        {
            case "/federate":
                context.Response.ContentType = "text/plain; version=0.0.4";
                await context.Response.WriteAsync(
                    $"up{{instance=\"i\",job=\"x\"}} 1 {Now() / EveryMs * EveryMs}\n",
                    Token
                );
                break;
            case "/api/v1/status/config":
                await context.Response.WriteAsync("""{"status":"success","data":{"yaml":"global: {}"}}""", Token);
                break;
            case "/api/v1/query":
                var form = await context.Request.ReadFormAsync(Token);
                await context.Response.WriteAsync(Matrix(form["query"].ToString(), form["time"].ToString()), Token);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private static string Matrix(string query, string time)
    {
        var seconds = int.Parse(query[(query.LastIndexOf('[') + 1)..^2], CultureInfo.InvariantCulture);
        var untilMs = (long)(decimal.Parse(time, CultureInfo.InvariantCulture) * 1000);
        var values = new StringBuilder();
        for (var atMs = ((untilMs - (seconds * 1000L)) / EveryMs + 1) * EveryMs; atMs <= untilMs; atMs += EveryMs)
        {
            values.Append(CultureInfo.InvariantCulture, $"{(values.Length > 0 ? "," : "")}[{atMs / 1000},\"1\"]");
        }
        return "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[{\"metric\":"
            + "{\"__name__\":\"up\",\"instance\":\"i\",\"job\":\"x\"},\"values\":["
            + values
            + "]}]}}";
    }

    private async Task RememberAsync(string source, params SourceGap[] gaps)
    {
        var ledger = new SourceLedger(new LocalTableStore(Store, TimeProvider.System), TimeProvider.System);
        await ledger.LoadAsync(Token);
        ledger.Note(new SourceMemory(source) { Job = "fed" }, gaps, isOwn: true);
        await ledger.SaveAsync(Token);
    }

    private async Task<string> RunAsync(GapsRequest request, string? config, bool showsProgress = false)
    {
        string? file = null;
        if (config is not null)
        {
            file = Path.Combine(folder.Path, "t.yml");
            await File.WriteAllTextAsync(file, config, Token);
        }
        await using var output = new StringWriter { NewLine = "\n" };
        await using var error = new StringWriter { NewLine = "\n" };
        var settings = new Settings
        {
            Config = file,
            Storage = "local:" + Store,
            Listen = ListenAddress.Parse(":0"),
        };
        var command = new GapsCommand(settings, request, output, error) { ShowsProgress = showsProgress };
        Assert.Equal(ExitCode.Done, await command.RunAsync());
        Assert.Equal(showsProgress, error.ToString().Contains("100%", StringComparison.Ordinal));
        return output.ToString();
    }
}
