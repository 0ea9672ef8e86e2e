using Tributary.Model;
using Tributary.Tests.EndToEnd.Processes;
using Tributary.Tests.EndToEnd.Reading;
using Tributary.Tests.EndToEnd.Sources;

namespace Tributary.Tests.EndToEnd;

public sealed class StalenessTests(TributaryExecutable executable)
{
    private const int SeriesCount = 30;
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
        Assert.Empty(log.Batches.Where(batch => !IsTimeout(batch)).SelectMany(batch => batch.Ended));
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

    private static bool IsTimeout(StoredBatch batch) =>
        batch.Report is { Verdict: Verdict.Failed }
        && batch.Report.Error.StartsWith("no answer within", StringComparison.Ordinal);

    private static int NumberOf(LabelSet series) => int.Parse(series.Get("n") ?? "-1", null);

    /// <summary>Cuts bodies at seeded places, two in a row never at the same series; some stay whole.</summary>
    private sealed class Cutter(int seed)
    {
        private readonly Random random = new(seed);
        private int lastLine = -2;

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
                if (Math.Abs(line - lastLine) > 1)
                {
                    lastLine = line;
                    return kept;
                }
            }
        }
    }
}
