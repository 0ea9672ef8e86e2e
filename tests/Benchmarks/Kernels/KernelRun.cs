using System.Diagnostics;
using System.Globalization;

namespace Tributary.Benchmarks.Kernels;

/// <summary>Runs a kernel in this process over bodies of the fake sources or over one file, and prints its CPU time.</summary>
internal static class KernelRun
{
    public const string CpuSeconds = "kernel_cpu_seconds";
    public const string Bytes = "kernel_bytes";
    public const string Samples = "kernel_samples";

    private const int WarmUps = 2;

    /// <summary>Takes bodies at an interval, the first two not counted.</summary>
    /// <param name="scrape">The kernel.</param>
    /// <param name="open">Opens the next body.</param>
    /// <param name="scrapes">How many bodies are measured.</param>
    /// <param name="interval">From one body to the next.</param>
    /// <param name="output">Gets the figures as metrics in text.</param>
    /// <param name="cancellation">Ends it early.</param>
    public static async Task RunAsync(
        Func<Stream, CancellationToken, Task<long>> scrape,
        Func<CancellationToken, Task<Stream>> open,
        int scrapes,
        TimeSpan interval,
        TextWriter output,
        CancellationToken cancellation
    )
    {
        var start = TimeSpan.Zero;
        long bytes = 0;
        long samples = 0;
        for (var i = 0; i < WarmUps + scrapes; i++)
        {
            if (i == WarmUps)
            {
                start = Cpu();
                bytes = 0;
            }

            var due = Task.Delay(interval, cancellation);
            await using var body = new CountingStream(await open(cancellation));
            samples = await scrape(body, cancellation);
            bytes += body.Count;
            await due;
        }

        await output.WriteAsync(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{CpuSeconds} {(Cpu() - start).TotalSeconds}\n{Bytes} {bytes}\n{Samples} {samples}\n"
            )
        );
    }

    private static TimeSpan Cpu()
    {
        using var self = Process.GetCurrentProcess();
        return self.TotalProcessorTime;
    }
}
