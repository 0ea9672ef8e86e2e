using Tributary.Model;
using Tributary.Tests.EndToEnd.Hosting;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.EndToEnd;

public sealed class StalenessTests(TributaryExecutable executable, AzuriteFixture azurite)
{
    private const int SeriesCount = 60;
    private const int Last = SeriesCount - 1;

    [Theory]
    [InlineData(Form.StandaloneLocal, true, 3)]
    [InlineData(Form.StandaloneLocal, true, Last)]
    [InlineData(Form.StandaloneLocal, false, 3)]
    [InlineData(Form.StandaloneLocal, false, Last)]
    [InlineData(Form.StandaloneAzurite, true, 3)]
    [InlineData(Form.FunctionsAzurite, true, 3)]
    [InlineData(Form.FunctionsAzurite, false, Last)]
    public async Task Federate_SeriesLeavesSource_IsStaleAtNextCompleteScrape(Form form, bool isStamped, int leaving)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped);
        await using var server = await installation.StartAsync(source.Config("200ms", "200ms"));
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount));

        source.Leave(leaving);
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount).Where(n => n != leaving));
        await server.StopAsync();

        var log = await installation.ReadLogAsync();
        var complete = log.Batches.Where(batch => batch.Report?.Verdict == Verdict.Complete);
        var without = complete.First(batch => !batch.Scraped.Any(scraped => NumberOf(scraped.Series) == leaving));
        Assert.All(without.Ended, series => Assert.Equal(leaving, NumberOf(series)));
        var last = log.Batches.Last(batch => batch.Scraped.Any(scraped => NumberOf(scraped.Series) == leaving));
        var between = log.Batches.Where(batch => batch.TickMs > last.TickMs && batch.TickMs <= without.TickMs);
        Assert.Single(between.SelectMany(batch => batch.Ended), series => NumberOf(series) == leaving);
    }

    [Theory]
    [InlineData(Form.StandaloneLocal)]
    [InlineData(Form.StandaloneAzurite)]
    [InlineData(Form.FunctionsAzurite)]
    public async Task Federate_SeriesComesBack_IsServedAgain(Form form)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped: true);
        source.Leave(3);
        await using var server = await installation.StartAsync(source.Config("200ms", "200ms"));
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount).Where(n => n != 3));
        source.Leave();
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount));
    }

    [Theory]
    [InlineData(Form.StandaloneLocal, true, 1)]
    [InlineData(Form.StandaloneLocal, true, 2)]
    [InlineData(Form.StandaloneLocal, false, 3)]
    [InlineData(Form.StandaloneLocal, false, 4)]
    [InlineData(Form.StandaloneAzurite, true, 5)]
    [InlineData(Form.FunctionsAzurite, true, 6)]
    [InlineData(Form.FunctionsAzurite, false, 7)]
    public async Task Federate_BodyCutAnywhere_KeepsEverySeries(Form form, bool isStamped, int seed)
    {
        using var installation = await Installation.CreateAsync(form, executable, azurite);
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped);
        await using var server = await installation.StartAsync(source.Config("100ms", "100ms"));
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount));
        await AwaitCompleteAsync(server);

        source.Cut(new Cutter(seed).Cut);
        var enough = source.Answers + 60;
        await Patience.UntilAsync(
            "enough bodies to be cut",
            async () =>
            {
                var count = (await server.FederateAsync(FamilySource.Metric)).Count;
                // A plain source that does not answer in time is down, as everywhere: its series are stale then.
                Assert.True(count == SeriesCount || !isStamped, $"{count} series are left");
                return source.Answers >= enough;
            }
        );
        await server.StopAsync();

        var log = await installation.ReadLogAsync();
        var wrong = log.Batches.FirstOrDefault(batch => !IsTimeout(batch) && batch.Ended.Any());
        Assert.True(wrong is null, Describe(log.Batches.Where(batch => batch.TickMs <= wrong?.TickMs).TakeLast(5)));
        Assert.Contains(log.Batches, batch => batch.Report?.Verdict == Verdict.Suspect);
    }

    private static Task AwaitSeriesAsync(TributaryInstance server, IEnumerable<int> expected)
    {
        var wanted = expected.ToHashSet();
        return Patience.UntilAsync(
            "the series to be those of the source",
            async () =>
                wanted.SetEquals((await server.FederateAsync(FamilySource.Metric)).Select(s => NumberOf(s.Series))),
            () => server.Log
        );
    }

    /// <summary>Waits for a body that was taken for whole: what is cut is known by comparing with it.</summary>
    private static Task AwaitCompleteAsync(TributaryInstance server) =>
        Patience.UntilAsync(
            "a complete scrape",
            async () =>
                (await server.Http.GetStringAsync("/", TestContext.Current.CancellationToken)).Contains(
                    "<td class=\"complete\">",
                    StringComparison.Ordinal
                )
        );

    private static string Describe(IEnumerable<StoredBatch> batches) =>
        string.Join('\n', batches.Select(batch => $"{batch.TickMs}: {batch.Scraped.Count} samples, {batch.Report}"));

    private static bool IsTimeout(StoredBatch batch) =>
        batch.Report is { Verdict: Verdict.Failed }
        && batch.Report.Error.StartsWith("no answer within", StringComparison.Ordinal);

    private static int NumberOf(LabelSet series) => int.Parse(series.Get("n") ?? "-1", null);

    /// <summary>
    /// Cuts bodies at seeded places; some stay whole. Near a place there is no cut again soon: on a slow machine some
    /// answers come too late, and those around them would be two in a row.
    /// </summary>
    private sealed class Cutter(int seed)
    {
        private const int Memory = 8;
        private readonly Random random = new(seed);
        private readonly Queue<int> lastLines = [];

        public string Cut(string body)
        {
            if (random.Next(5) == 0)
            {
                return body;
            }
            while (true)
            {
                var kept = body[..random.Next(body.Length)];
                var line = kept.Count(c => c == '\n');
                // A line more or less can be the same series, with and without its newline.
                if (lastLines.All(last => Math.Abs(line - last) > 1))
                {
                    lastLines.Enqueue(line);
                    if (lastLines.Count > Memory)
                    {
                        lastLines.Dequeue();
                    }
                    return kept;
                }
            }
        }
    }
}
