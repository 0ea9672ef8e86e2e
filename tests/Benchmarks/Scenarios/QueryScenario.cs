using System.Diagnostics;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;
using Tributary.Model;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>Both servers over the same blocks, both warm, asked in turn; then each by several clients at once.</summary>
internal static class QueryScenario
{
    /// <summary>Short ones are asked more often: until so much time is over, at most so many times.</summary>
    private const int EnoughMs = 400;
    private const int MostTimes = 100;
    private const int WarmUps = 3;
    private const int Clients = 6;

    /// <summary>
    /// The last moment asked for, before the end of the data. On no whole minute: 2.42 takes what stands at the very
    /// beginning of a range in, and 3.x does not.
    /// </summary>
    private const int BeforeEndSeconds = 53;

    /// <summary>10,000 series (as many as the settings say) over six hours.</summary>
    public static async Task<QueryFigures> RunAsync(BenchmarkRun run)
    {
        var end = EndSeconds();
        using var prometheus = await StartAsync(run, run.Prometheus);
        using var ours = run.Ours is { } kind ? await StartAsync(run, kind) : null;
        if (EndSeconds() != end)
        {
            throw new BenchmarkException("a window of two hours ended while blocks were written: start again");
        }
        var figures = Measure(
            new AskedServer(prometheus.Port, prometheus.ProcessId),
            ours is null ? null : new AskedServer(ours.Port, ours.ProcessId),
            end,
            run.Settings.Repetitions,
            run.Settings.Clients
        );
        await prometheus.StopAsync();
        await (ours?.StopAsync() ?? Task.CompletedTask);
        return figures;
    }

    /// <summary>The last moment that is asked for; blocks end with the last window that is over.</summary>
    public static long EndSeconds() =>
        (Window.Of(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).StartMs / 1000) - BeforeEndSeconds;

    /// <summary>Asks servers that run over the same data.</summary>
    /// <param name="prometheus">Prometheus.</param>
    /// <param name="ours">Ours; null when it is not measured.</param>
    /// <param name="end">The last moment, in seconds since the epoch.</param>
    /// <param name="repetitions">How often each question is asked at least.</param>
    /// <param name="clients">How long clients ask at once.</param>
    public static QueryFigures Measure(
        AskedServer prometheus,
        AskedServer? ours,
        long end,
        int repetitions,
        TimeSpan clients
    )
    {
        var paths = QueryQuestions.All.Select(question => question.Path(end)).ToList();
        for (var i = 0; i < WarmUps; i++)
        {
            foreach (var path in paths)
            {
                Ask(prometheus, path, false);
                _ = ours is null ? null : Ask(ours, path, false);
            }
        }
        var answers = paths.Select(path => Measure(prometheus, ours, path, repetitions)).ToList();
        var load = QueryQuestions
            .All.Zip(paths)
            .Where(one => one.First.Kind is not QuestionKind.LookUp)
            .Select(one => one.Second)
            .ToList();
        return new QueryFigures(
            answers,
            Load(prometheus, load, clients),
            ours is null ? null : Load(ours, load, clients)
        );
    }

    private static QueryAnswer Measure(AskedServer prometheus, AskedServer? ours, string path, int repetitions)
    {
        var theirs = Ask(prometheus, path, true);
        var difference = ours is null ? null : JsonAnswer.Difference(theirs.Body!, Ask(ours, path, true).Body!);
        var (theirMs, ourMs) = (new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        while (theirMs.Count < repetitions || (clock.ElapsedMilliseconds < EnoughMs && theirMs.Count < MostTimes))
        {
            theirMs.Add(Ask(prometheus, path, false).Total.TotalMilliseconds);
            if (ours is not null)
            {
                ourMs.Add(Ask(ours, path, false).Total.TotalMilliseconds);
            }
        }
        return new QueryAnswer(Median.Of(theirMs), ours is null ? null : Median.Of(ourMs), theirs.Bytes, difference);
    }

    private static ClientsFigures Load(AskedServer server, List<string> paths, TimeSpan time)
    {
        ProcessFigures.ResetPeak(server.ProcessId);
        var clock = Stopwatch.StartNew();
        var count = 0;
        var threads = Enumerable
            .Range(0, Clients)
            .Select(client =>
                Task.Factory.StartNew(
                    () =>
                    {
                        // Each begins elsewhere in the list.
                        for (var i = client * paths.Count / Clients; clock.Elapsed < time; i++)
                        {
                            Ask(server, paths[i % paths.Count], false);
                            Interlocked.Increment(ref count);
                        }
                    },
                    CancellationToken.None,
                    TaskCreationOptions.LongRunning,
                    TaskScheduler.Default
                )
            );
        Task.WaitAll([.. threads]);
        return new ClientsFigures(
            count / clock.Elapsed.TotalSeconds,
            ProcessFigures.Of(server.ProcessId).PeakBytes / 1048576.0
        );
    }

    private static RawAnswer Ask(AskedServer server, string path, bool keep)
    {
        var answer = RawHttp.Get(server.Port, path, keep: keep);
        return answer.Status == 200 ? answer : throw new BenchmarkException($"{path}: status {answer.Status}");
    }

    private static async Task<RunningServer> StartAsync(BenchmarkRun run, ServerKind kind)
    {
        var folder = run.Scratch.Folder(kind.Name);
        await BlockHistory.WriteAsync(run, kind, folder, run.Settings.HistorySeries, 6);
        return await RunningServer.StartAsync(run.Scratch, kind, folder, ScrapeConfiguration.Idle(), run.Cancellation);
    }
}

/// <summary>A server that runs.</summary>
/// <param name="Port">Where it listens.</param>
/// <param name="ProcessId">Its process.</param>
internal sealed record AskedServer(int Port, int ProcessId);
