using System.Diagnostics;
using System.Globalization;
using Tributary.Benchmarks.Measuring;

namespace Tributary.Benchmarks.Processes;

/// <summary>The fake sources, in a process whose CPU nobody counts.</summary>
internal sealed class SourceProcess : IDisposable
{
    private readonly ChildProcess process;

    private SourceProcess(ChildProcess process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Starts the sources and waits until they serve.</summary>
    public static async Task<SourceProcess> StartAsync(
        Scratch scratch,
        int sources,
        int series,
        TimeSpan step,
        CancellationToken cancellation
    )
    {
        var port = RunningServer.FreePort();
        var arguments = Self.Arguments(
            "serve-sources",
            "--port",
            Text(port),
            "--sources",
            Text(sources),
            "--series",
            Text(series),
            "--interval",
            step.TotalSeconds.ToString(CultureInfo.InvariantCulture)
        );
        var started = new SourceProcess(ChildProcess.Start(scratch, Self.Executable, arguments), port);
        var clock = Stopwatch.StartNew();
        while (RawHttp.TryGet(port, "/-/ready") is null)
        {
            if (started.process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                var tail = started.process.Tail();
                started.Dispose();
                throw new BenchmarkException($"the sources did not start: {tail}");
            }

            await Task.Delay(20, cancellation);
        }

        return started;
    }

    /// <summary>How many bodies were served whole, and how many bytes they had before compression.</summary>
    public (long Requests, long Bytes) Served()
    {
        var page = MetricsPage.Get(Port, "/stats");
        return ((long)page.Sum(MetricNames.SourceRequests), (long)page.Sum(MetricNames.SourceBytes));
    }

    /// <summary>Waits until this many bodies were served.</summary>
    /// <exception cref="BenchmarkException">They were not in this time.</exception>
    public async Task WaitForRequestsAsync(long requests, TimeSpan patience, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        while (Served().Requests < requests)
        {
            if (clock.Elapsed > patience)
            {
                throw new BenchmarkException(
                    $"only {Served().Requests} of {requests} scrapes in {patience.TotalSeconds:F0} s"
                );
            }

            await Task.Delay(50, cancellation);
        }
    }

    public void Dispose() => process.Dispose();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
