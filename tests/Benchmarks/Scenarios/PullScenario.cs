using System.Globalization;
using Tributary.Benchmarks.History;
using Tributary.Benchmarks.Kernels;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>
/// One Prometheus with half an hour of history, which rests; it is five sources at once for a kernel of ours, in one mode
/// after the other.
/// </summary>
internal static class PullScenario
{
    public const int Sources = 5;
    public const int Series = 5000;

    private const int Minutes = 20;
    private static readonly string[] Modes = ["federate", "range", "remote_read"];
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>The figures by mode.</summary>
    public static async Task<Dictionary<string, PullFigures>> RunAsync(BenchmarkRun run, ServerKind kind)
    {
        var folder = run.Scratch.Folder(kind.Name);
        var configuration = ScrapeConfiguration.Source();
        using var server = await RunningServer.StartAsync(run.Scratch, kind, folder, configuration, run.Cancellation);
        var endMs = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var range = TimeSpan.FromMinutes(Minutes + PullKernel.WarmUps + 2);
        var past = new PastSamples(Series, range, Step, endMs);
        await RemoteWriteHistory.WriteAsync(server.Port, past, run.Cancellation);
        var figures = new Dictionary<string, PullFigures>(StringComparer.Ordinal);
        foreach (var mode in Modes)
        {
            figures[mode] = await MeasureAsync(run, server, mode, endMs);
        }
        server.Dispose();
        Scratch.Remove(folder);
        return figures;
    }

    private static async Task<PullFigures> MeasureAsync(BenchmarkRun run, RunningServer server, string mode, long endMs)
    {
        using var child = ChildProcess.Start(
            run.Scratch,
            Self.Executable,
            Self.Arguments(
                "pull",
                "--mode",
                mode,
                "--port",
                Text(server.Port),
                "--process",
                Text(server.ProcessId),
                "--sources",
                Text(Sources),
                "--series",
                Text(Series),
                "--minutes",
                Text(Minutes),
                "--end",
                Text(endMs),
                "--folder",
                run.Scratch.Folder("log-" + mode)
            )
        );
        var code = await child.ExitCodeAsync(Patience, run.Cancellation);
        if (code != 0)
        {
            throw new BenchmarkException($"the {mode} kernel ended with {code}: {child.Tail()}");
        }
        var page = new MetricsPage(child.Tail());
        return new PullFigures(
            page.Sum(PullKernel.Cpu) / Minutes,
            page.Sum(PullKernel.SourceCpu) / Minutes,
            page.Sum(PullKernel.Busy) / Minutes,
            page.Sum(PullKernel.Requests) / Minutes,
            page.Sum(PullKernel.Bytes) / Minutes,
            page.Sum(PullKernel.Samples) / Minutes
        );
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
