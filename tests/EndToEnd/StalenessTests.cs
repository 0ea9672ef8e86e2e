using Tributary.Model;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

public sealed class StalenessTests(TributaryExecutable executable)
{
    private const int SeriesCount = 60;
    private const int Last = SeriesCount - 1;

    [Theory]
    [InlineData(true, 3)]
    [InlineData(true, Last)]
    [InlineData(false, 3)]
    [InlineData(false, Last)]
    public async Task Federate_SeriesLeavesSource_IsStaleAtNextCompleteScrape(bool isStamped, int leaving)
    {
        using var folder = new TemporaryFolder();
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped);
        var binary = await executable.PathAsync();
        await using var server = await TributaryServer.StartAsync(binary, folder, source.Config("200ms", "200ms"));
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount));

        source.Leave(leaving);
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount).Where(n => n != leaving));
        await server.StopAsync();

        var log = await StoredLog.ReadAsync("local:" + Path.Combine(folder.Path, "data"));
        var complete = log.Batches.Where(batch => batch.Report?.Verdict == Verdict.Complete);
        var without = complete.First(batch => !batch.Scraped.Any(scraped => NumberOf(scraped.Series) == leaving));
        Assert.All(without.Ended, series => Assert.Equal(leaving, NumberOf(series)));
        var last = log.Batches.Last(batch => batch.Scraped.Any(scraped => NumberOf(scraped.Series) == leaving));
        var between = log.Batches.Where(batch => batch.TickMs > last.TickMs && batch.TickMs <= without.TickMs);
        Assert.Single(between.SelectMany(batch => batch.Ended), series => NumberOf(series) == leaving);
    }

    [Fact]
    public async Task Federate_SeriesComesBack_IsServedAgain()
    {
        using var folder = new TemporaryFolder();
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped: true);
        source.Leave(3);
        var binary = await executable.PathAsync();
        await using var server = await TributaryServer.StartAsync(binary, folder, source.Config("200ms", "200ms"));
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount).Where(n => n != 3));
        source.Leave();
        await AwaitSeriesAsync(server, Enumerable.Range(0, SeriesCount));
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 2)]
    [InlineData(false, 3)]
    [InlineData(false, 4)]
    public async Task Federate_BodyCutAnywhere_KeepsEverySeries(bool isStamped, int seed)
    {
        using var folder = new TemporaryFolder();
        await using var source = await FamilySource.StartAsync(SeriesCount, isStamped);
        var binary = await executable.PathAsync();
        await using var server = await TributaryServer.StartAsync(binary, folder, source.Config("100ms", "100ms"));
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

        var log = await StoredLog.ReadAsync("local:" + Path.Combine(folder.Path, "data"));
        var wrong = log.Batches.FirstOrDefault(batch => !IsTimeout(batch) && batch.Ended.Any());
        Assert.True(wrong is null, Describe(log.Batches.Where(batch => batch.TickMs <= wrong?.TickMs).TakeLast(5)));
        Assert.Contains(log.Batches, batch => batch.Report?.Verdict == Verdict.Suspect);
    }

    private static Task AwaitSeriesAsync(TributaryServer server, IEnumerable<int> expected)
    {
        var wanted = expected.ToHashSet();
        return Patience.UntilAsync(
            "the series to be those of the source",
            async () =>
                wanted.SetEquals((await server.FederateAsync(FamilySource.Metric)).Select(s => NumberOf(s.Series))),
            () => server.Process.Output
        );
    }

    /// <summary>Waits for a body that was taken for whole: what is cut is known by comparing with it.</summary>
    private static Task AwaitCompleteAsync(TributaryServer server) =>
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
