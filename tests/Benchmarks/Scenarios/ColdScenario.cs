using System.Diagnostics;
using System.Globalization;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;
using Tributary.Model;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>
/// Starts a server over some data and asks one question until it is answered; each start is ended by SIGKILL, so that it
/// leaves nothing behind that would help the next one.
/// </summary>
internal static class ColdScenario
{
    private const string Selector = "{__name__=\"http_requests_total\"}";
    private const string Query = "sum(rate(http_requests_total[5m]))";

    /// <summary>An answer without any series is shorter.</summary>
    private const int MinResultBytes = 100;

    /// <summary>Whoever waits so long has nothing more to do.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(5);

    /// <summary>A server of its own over a folder.</summary>
    public static async Task<ColdFigures> RunAsync(BenchmarkRun run, ServerKind kind, ColdData data)
    {
        var folder = run.Scratch.Folder(kind.Name);
        var endMs = await FillAsync(run, kind, folder, data);
        var figures = await MeasureAsync(run, _ => kind, _ => folder, Questions(data, endMs));
        Scratch.Remove(folder);
        return figures;
    }

    /// <summary>
    /// Ours as the Functions host starts its handler, over an account of Azurite; an empty one each time, where nothing is
    /// in it.
    /// </summary>
    public static async Task<ColdFigures> RunFunctionsAsync(BenchmarkRun run, ServerKind kind, ColdData data)
    {
        if (kind is not TributaryKind)
        {
            throw new BenchmarkException($"{kind.Name} is no custom handler");
        }

        var accounts = data == ColdData.Empty ? 2 * (run.Settings.Starts + 1) + 1 : 1;
        using var azurite = await AzuriteProcess.StartAsync(run.Scratch, accounts, run.Cancellation);
        var endMs = await FillAsync(run, HistoryStore.OfAccount(azurite.ConnectionString(0)), data);
        return await MeasureAsync(
            run,
            start => new FunctionsKind(kind.Executable, azurite.ConnectionString(start % accounts)),
            _ => run.Scratch.Folder("functions"),
            Questions(data, endMs)
        );
    }

    private static async Task<ColdFigures> MeasureAsync(
        BenchmarkRun run,
        Func<int, ServerKind> kind,
        Func<int, string> folder,
        (Question Federate, Question Query) questions
    )
    {
        var starts = run.Settings.Starts + 1;
        var federate = await AnswerAsync(run, starts, i => kind(i), folder, questions.Federate);
        var query = await AnswerAsync(run, starts, i => kind(starts + i), folder, questions.Query);
        // Last, and once: a server that runs on ends what was collected from a source that it is not told of.
        using var server = RunningServer.Launch(run.Scratch, kind(2 * starts), folder(0), ScrapeConfiguration.Idle());
        await server.UntilAsync(questions.Federate.Path, questions.Federate.IsAnswer, run.Cancellation);
        await server.UntilAsync(questions.Query.Path, questions.Query.IsAnswer, run.Cancellation);
        await Task.Delay(Rest, run.Cancellation);
        return new ColdFigures(federate, query, server.Figures().ResidentBytes);
    }

    private static async Task<ColdAnswer> AnswerAsync(
        BenchmarkRun run,
        int starts,
        Func<int, ServerKind> kind,
        Func<int, string> folder,
        Question question
    )
    {
        var times = new List<(double Wall, double Cpu)>();
        for (var i = 0; i < starts; i++)
        {
            times.Add(await StartAsync(run, kind(i), folder(i), question));
        }

        // The first one reads from the disk, and Azurite, too, is slow the first time that it is asked for something.
        times.RemoveAt(0);
        return new ColdAnswer(
            Median.Of(times.Select(t => t.Wall)),
            times.Max(t => t.Wall),
            Median.Of(times.Select(t => t.Cpu))
        );
    }

    private static async Task<(double Wall, double Cpu)> StartAsync(
        BenchmarkRun run,
        ServerKind kind,
        string folder,
        Question question
    )
    {
        var clock = Stopwatch.StartNew();
        using var server = RunningServer.Launch(run.Scratch, kind, folder, ScrapeConfiguration.Idle());
        await server.UntilAsync(question.Path, question.IsAnswer, run.Cancellation);
        var wall = clock.Elapsed.TotalMilliseconds;
        return (wall, server.CpuMilliseconds());
    }

    /// <returns>The last moment with samples; of an empty store the present.</returns>
    private static async Task<long> FillAsync(BenchmarkRun run, ServerKind kind, string folder, ColdData data)
    {
        var path = Directory.CreateDirectory(Path.Combine(folder, "data")).FullName;
        if (kind is TributaryKind)
        {
            return await FillAsync(run, HistoryStore.Of(path), data);
        }

        switch (data)
        {
            case ColdData.RecentLog:
                using (
                    var server = await RunningServer.StartAsync(
                        run.Scratch,
                        kind,
                        folder,
                        ScrapeConfiguration.Idle(),
                        run.Cancellation
                    )
                )
                {
                    await RemoteWriteHistory.WriteAsync(server.Port, Recent(run), run.Cancellation);
                    await server.StopAsync();
                }

                return NowMs();
            case ColdData.Blocks:
                var store = run.Scratch.Folder("blocks");
                var (endMs, blocks) = await WriteDaysAsync(run, HistoryStore.Of(store));
                await BlockHistory.CopyAsync(store, blocks, path, run.Cancellation);
                Scratch.Remove(store);
                return endMs;
            default:
                return NowMs();
        }
    }

    private static async Task<long> FillAsync(BenchmarkRun run, HistoryStore store, ColdData data)
    {
        switch (data)
        {
            case ColdData.RecentLog:
                await TributaryHistory.WriteAsync(store.Blobs, Recent(run), stepsAtOnce: 1, run.Cancellation);
                return NowMs();
            case ColdData.Blocks:
                return (await WriteDaysAsync(run, store)).EndMs;
            default:
                return NowMs();
        }
    }

    private static Task<(long EndMs, IReadOnlyList<Ulid> Blocks)> WriteDaysAsync(
        BenchmarkRun run,
        HistoryStore store
    ) => DaysHistory.WriteAsync(store, run.Settings.BlockSeries, run.Settings.BlockDays, run.Cancellation);

    private static PastSamples Recent(BenchmarkRun run) =>
        new(run.Settings.HistorySeries, run.Settings.HistoryRange, run.Settings.HistoryStep, NowMs());

    /// <summary>
    /// What is asked. Of blocks `/federate` has nothing to tell, and Prometheus' cannot be asked for another time: its
    /// answer is empty.
    /// </summary>
    private static (Question Federate, Question Query) Questions(ColdData data, long endMs)
    {
        var query = "/api/v1/query?query=" + Uri.EscapeDataString(Query);
        if (data == ColdData.Blocks)
        {
            query += string.Create(CultureInfo.InvariantCulture, $"&time={endMs / 1000}");
        }

        return (
            new Question(FederateReading.Path(Selector), data == ColdData.RecentLog ? MinResultBytes : 0),
            new Question(query, data == ColdData.Empty ? 0 : MinResultBytes)
        );
    }

    private static long NowMs() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

    private sealed record Question(string Path, int MinBytes)
    {
        public bool IsAnswer(RawAnswer answer) => answer.Bytes >= MinBytes;
    }
}
