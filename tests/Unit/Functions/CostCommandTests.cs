using System.Net;
using System.Text.Json;
using Tributary.Api;
using Tributary.Costs;
using Tributary.Costs.Ledger;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Serving;
using Tributary.Model;
using Tributary.Stores;
using Tributary.Stores.Local;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Functions;

/// <summary><c>tributary cost</c> and <c>/api/v1/status/cost</c>.</summary>
public sealed class CostCommandTests : IDisposable
{
    private static readonly CostRequest Plain = new("", "", [], IsJson: false);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("tributary-cost-");

    private string Data => Path.Combine(folder.FullName, "data");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public async Task Run_OverADay_TellsAMonthByItemJobAndSource()
    {
        await UseForADayAsync();

        var text = await RunAsync(Plain);

        Assert.Contains(": 1d measured, 1 processes\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "A month of 730 hours like this, in USD, at the prices of 2026-11-01, before tax:\n",
            text,
            StringComparison.Ordinal
        );
        // 1,440 appends a day.
        Assert.Matches(@"(?m)^blob_writes +43,800 +0\.2409$", text);
        // A second of 512 MB each, all of it free.
        Assert.Matches(@"(?m)^on_demand_gb_seconds +21,900 +21,900 +0\.0000$", text);
        Assert.Matches(@"(?m)^total +0\.24\d\d$", text);
        Assert.Matches(@"(?m)^collect +43,800 +21,900 +0\.2409$", text);
        Assert.Matches(@"(?m)^one/source/0 +100 +60s +[\d,.]+ +0\.1807$", text);
        Assert.Matches(@"(?m)^two/source/0 +10 +60s +[\d,.]+ +0\.0602$", text);
    }

    [Fact]
    public async Task Run_WithAnotherInterval_TellsBoth()
    {
        await UseForADayAsync();

        using var json = JsonDocument.Parse(await RunAsync(Plain with { Interval = "2m", IsJson = true }));

        var (now, then) = (json.RootElement.GetProperty("month"), json.RootElement.GetProperty("changedMonth"));
        Assert.Equal(0.2409, Item(now, "blob_writes"), 4);
        Assert.Equal(0.12045, Item(then, "blob_writes"), 4);
        Assert.Equal(120, then.GetProperty("sources")[0].GetProperty("intervalSeconds").GetDouble());
        Assert.Equal("2026-11-01", json.RootElement.GetProperty("pricesAsOf").GetString());
    }

    [Fact]
    public async Task Run_TakesThePricesOfTheConfiguration()
    {
        await UseForADayAsync();
        var config = Path.Combine(folder.FullName, "tributary.yml");
        await File.WriteAllTextAsync(
            config,
            "scrape_configs: []\ntributary: {cost: {prices: {blob_write_per_10k: 100, currency: EUR}}}\n",
            Token
        );

        var text = await RunAsync(Plain, config);

        Assert.Contains("in EUR, at the prices", text, StringComparison.Ordinal);
        Assert.Matches(@"(?m)^blob_writes +43,800 +438\.0000$", text);
    }

    [Fact]
    public async Task Run_BeforeAnythingIsKept_SaysSo()
    {
        Directory.CreateDirectory(Data);

        Assert.StartsWith("nothing is counted yet", await RunAsync(Plain), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0", "", "", "days must be a number from 1 to 400")]
    [InlineData("401", "", "", "days must be a number from 1 to 400")]
    [InlineData("week", "", "", "days must be a number from 1 to 400")]
    [InlineData("", "100ms", "", "interval must be a duration of a second or more")]
    [InlineData("", "often", "", "interval must be a duration of a second or more")]
    [InlineData("", "", "{a=", "match[]: ")]
    public async Task Run_WrongOptions_AreMistakesOfUse(string days, string interval, string match, string expected)
    {
        Directory.CreateDirectory(Data);
        var request = new CostRequest(days, interval, match.Length == 0 ? [] : [match], IsJson: false);

        var exception = await Assert.ThrowsAsync<CommandException>(() => RunAsync(request));

        Assert.Equal(ExitCode.Usage, exception.ExitCode);
        Assert.Contains(expected, exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithoutAStore_SaysWhereOneWouldBe()
    {
        var exception = await Assert.ThrowsAsync<CommandException>(() => RunAsync(Plain));
        Assert.Contains("there is no store at", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?days=3&interval=60s&match[]=up&match[]={a=\"b\"}", 3, 60.0, 2)]
    [InlineData("", CostQuestion.DefaultDays, null, 0)]
    public async Task Endpoint_PassesOnWhatIsAsked(string query, int days, double? seconds, int selectors)
    {
        CostQuestion? asked = null;
        var state = WebPlace.State with
        {
            Costs = (question, _) =>
            {
                asked = question;
                return Task.FromResult(new CostStatus(null, null, 0, null, null, ["a problem"]));
            },
        };
        await using var place = await WebPlace.StartAsync(state);

        var (response, body) = await place.AskAsync("GET", "/api/v1/status/cost" + query);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("{\"status\":\"success\",\"data\":{\"problems\":[\"a problem\"]}}", body);
        Assert.Equal((days, seconds, selectors), (asked!.Days, asked.Interval?.TotalSeconds, asked.Selectors.Count));
    }

    [Fact]
    public async Task Endpoint_WrongParameters_AreBad()
    {
        await using var place = await WebPlace.StartAsync(WebPlace.State);
        var (response, _) = await place.AskAsync("GET", "/api/v1/status/cost?days=many");
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static double Item(JsonElement month, string name) =>
        month
            .GetProperty("items")
            .EnumerateArray()
            .Single(item => item.GetProperty("item").GetString() == name)
            .GetProperty("cost")
            .GetDouble();

    private async Task<string> RunAsync(CostRequest request, string? config = null)
    {
        var settings = Settings.Resolve(
            new CommandOptions(Config: config, Storage: "local:" + Data),
            _ => null,
            File.Exists,
            Directory.Exists
        );
        await using var output = new StringWriter();
        await new CostCommand(settings, request, output).RunAsync();
        return output.ToString();
    }

    /// <summary>A process that appends for two sources together once a minute, in the last 24 hours.</summary>
    private async Task UseForADayAsync()
    {
        const int minutes = 1440;
        var time = new ManualTime(DateTimeOffset.UtcNow.AddMinutes(-minutes).ToUnixTimeMilliseconds());
        var tables = new LocalTableStore(Data, time);
        var used = new StoreOperations();
        var meter = new UsageMeter(used);
        var invocations = new InvocationMeter(meter, time);
        var ledger = new CostLedger(tables, meter, new Ulid(1), time);
        var (one, two) = (Payer.Collect.For("one/source/0"), Payer.Collect.For("two/source/0"));
        for (var minute = 0; minute < minutes; minute++)
        {
            ledger.Begin();
            using (invocations.Begin(Payer.Collect))
            {
                using var paid = Payers.By(Payers.Of([(one, 3), (two, 1)]));
                used.Count(OperationClass.BlobWrite, 10_000);
                meter.CountTick(one, 5000, 100);
                meter.CountTick(two, 1000, 10);
            }
            time.Advance(TimeSpan.FromMinutes(1));
        }
        await ledger.SaveAsync(Token);
    }
}
