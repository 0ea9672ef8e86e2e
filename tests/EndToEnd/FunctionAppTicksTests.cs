using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

/// <summary>One call of Collect: late, twice at once, and with nothing to do.</summary>
public sealed class FunctionAppTicksTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int SeriesCount = 5;
    private const int SecondMs = 1000;
    private const string Never = "0 0 0 1 1 *";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Collect_CalledLate_TakesAllOverdueTicksAsOneScrape()
    {
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped: false);
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        await using var host = await StartAsync(installation, source.Config("1s", "1s"));
        await CallAsync(host);
        await Task.Delay(4 * SecondMs, Token);
        await CallAsync(host, new TimerCall { IsPastDue = true });
        Assert.Equal(2, source.Answers);

        var log = await installation.ReadLogAsync();
        var ticks = TicksOf(log);
        Assert.Equal(2, ticks.Count);
        Assert.InRange(ticks[1] - ticks[0], 4 * SecondMs, long.MaxValue);
        var missed = Reported(log).Single(batch => batch.TickMs == ticks[1]).Report!.Missed;
        Assert.Equal(
            new MissedTicks(ticks[0], (int)((ticks[1] - ticks[0]) / SecondMs) - 1, MissReason.NotCollected),
            missed
        );
        AssertStamps(log);
    }

    /// <summary>Of an interval that is long, the moment of the call is almost never the moment of a tick.</summary>
    [Fact]
    public async Task Collect_BetweenTicks_TakesTheLastOnceAndWaitsForNone()
    {
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped: false);
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        await using var host = await StartAsync(installation, source.Config("1d", "5s"));
        await CallAsync(host);
        Assert.Equal(1, source.Answers);
        await CallAsync(host);
        await CallAsync(host);
        Assert.Equal(1, source.Answers);
        var log = await installation.ReadLogAsync();
        Assert.Single(TicksOf(log));
        AssertStamps(log);
    }

    [Fact]
    public async Task Collect_TwiceAtOnce_StoresEachTickOnce()
    {
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped: false);
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var config = source.Config("1s", "1s");
        await using var one = await StartAsync(installation, config);
        await using var two = await StartAsync(installation, config);
        for (var round = 0; round < 4; round++)
        {
            await Task.WhenAll(CallAsync(one), CallAsync(two), CallAsync(one), CallAsync(two));
            await Task.Delay(SecondMs, Token);
        }
        await installation.VerifyLogAsync();
        AssertStamps(await installation.ReadLogAsync());
    }

    [Fact]
    public async Task Collect_SourceDown_IsNoFailureOfTheFunction()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        const string Config = "scrape_configs: [{job_name: a, static_configs: [{targets: [\"127.0.0.1:1\"]}]}]";
        await using var host = await StartAsync(installation, Config);
        await CallAsync(host);
        var batch = Assert.Single(Reported(await installation.ReadLogAsync()));
        Assert.NotEqual("", batch.Report!.Error);
        Assert.Equal("", host.Errors);
    }

    /// <summary>Timers as the host sends them in its different moods.</summary>
    [Fact]
    public async Task Collect_EveryEnvelope_IsUnderstood()
    {
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        await using var host = await StartAsync(installation, "scrape_configs: []");
        var now = DateTime.UtcNow;
        TimerCall[] calls =
        [
            new(),
            new() { Status = new TimerStatus(null, now, null) },
            new() { Status = new TimerStatus(now, now.AddMinutes(1), now), IsPastDue = true },
            new() { Retry = (1, 3, "System.Exception: \"no\"") },
        ];
        foreach (var call in calls)
        {
            await CallAsync(host, call);
        }
    }

    /// <summary>
    /// What is paid for: everything once by a young process, then when something is due a list, a look at the configuration
    /// and an append, and else the list.
    /// </summary>
    [Theory]
    [InlineData("15s", 16, "blob_list 1, blob_read 1, blob_write 1")]
    [InlineData("1h", 2, "blob_list 1")]
    public async Task Collect_SteadyState_AsksTheStoreThreeTimesAtMost(string interval, int seconds, string paid)
    {
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped: false);
        using var installation = await Installation.CreateAsync(Form.FunctionsAzurite, executable, azurite);
        var config = await installation.PutConfigAsync(source.Config(interval, "5s"));
        var options = installation.Options(config, Never) with { FiresTimers = false };
        await using var server = await HostedTributary.StartAsync(options);

        await CallAsync(server.Host);
        var first = await server.StoreOperationsAsync();
        // The log's container and the tables of sources and of costs are made for what is first in them, which is then tried
        // again. Costs are kept behind the first call, and not for five minutes then.
        Assert.Equal((3, 3, 4), (first["create"], first["blob_write"], first["table_write"]));
        // The manifest ahead of the first question, and where the sources stood, once more when the host was slow to call; how
        // far they are is saved about once a minute.
        Assert.InRange(first["table_read"], 3, 6);
        // Of the configuration: ETag, length, text.
        Assert.Equal(3, first["blob_read"]);
        // The log, once more when the host was slow to call, and the old files in it.
        Assert.InRange(first["blob_list"], 1, 2);
        Assert.Equal(6, first.Count);

        // A blob with the configuration is looked at every 15 s.
        await Task.Delay(seconds * SecondMs, Token);
        await CallAsync(server.Host);
        var second = await server.StoreOperationsAsync();
        var more = second.Where(pair => pair.Value > first.GetValueOrDefault(pair.Key));
        Assert.Equal(
            paid,
            string.Join(
                ", ",
                more.Select(pair => $"{pair.Key} {pair.Value - first[pair.Key]}").Order(StringComparer.Ordinal)
            )
        );
    }

    /// <summary>Of each tick, readers see one batch: with the tick's time, or when late, with that of its scrape.</summary>
    private static void AssertStamps(StoredLog log)
    {
        var ticks = TicksOf(log).Count;
        var ups = log.Of("up").ToList();
        Assert.Equal(ticks, ups.Count);
        Assert.Equal(ticks * SeriesCount, log.Of(FamilySource.Metric).Count());
        foreach (var batch in Reported(log))
        {
            var begunMs = batch.Report!.StartedMs;
            var stampMs = begunMs - batch.TickMs <= SecondMs ? batch.TickMs : begunMs;
            Assert.All(batch.Scraped, scraped => Assert.Equal(stampMs, scraped.Sample.TimestampMs));
        }
    }

    /// <summary>The parts that tell of a scrape; a batch has one, and others without.</summary>
    private static IEnumerable<StoredBatch> Reported(StoredLog log) =>
        log.Batches.Where(batch => batch.Report is not null);

    private static IReadOnlyList<long> TicksOf(StoredLog log) =>
        [.. Reported(log).Select(batch => batch.TickMs).Distinct()];

    private static async Task CallAsync(FunctionHost host, TimerCall? call = null)
    {
        var result = await host.CallTimerAsync(HostedTributary.Collect, call);
        Assert.True(result.Outcome == Outcome.Succeeded, $"{result}\n{host.Log}");
    }

    /// <summary>An instance on which only the test calls Collect.</summary>
    private static Task<FunctionHost> StartAsync(Installation installation, string config)
    {
        var options = installation.Options(installation.Folder.Write("tributary.yml", config), Never);
        return FunctionHost.StartAsync(options with { FiresTimers = false });
    }
}
