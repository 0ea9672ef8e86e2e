using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Tributary.Benchmarks;

/// <summary>What a reader of results must know about where they were made.</summary>
internal static class MachineFacts
{
    public static string Text(string prometheus, string? ours, Settings settings) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"""
            - date: {DateTime.UtcNow:yyyy-MM-dd HH:mm} UTC
            - machine: {Environment.ProcessorCount} cores ({Cpu()}), {MemoryGibibytes():F1} GiB, load {Load()} at the start
            - system: {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}
            - Prometheus: {Version(prometheus)}
            - ours: {ours ?? "not measured"}
            - collect: {settings.WarmUp.TotalSeconds:F0} s warm-up, {settings.Measure.TotalSeconds:F0} s measured; parse: {settings.ParseScrapes} scrapes of {settings.ParseSeries} series every {settings.ParseInterval.TotalSeconds:F0} s; {settings.Repetitions} reads, {settings.Starts} starts, medians
            """
        );

    private static string Cpu() =>
        File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[1]
            .Trim()
        ?? RuntimeInformation.ProcessArchitecture.ToString();

    private static double MemoryGibibytes() => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30);

    private static string Load() => File.ReadAllText("/proc/loadavg").Split(' ')[0];

    private static string Version(string executable)
    {
        using var process = Process.Start(
            new ProcessStartInfo(executable, "--version")
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            }
        );
        if (process is null || !process.WaitForExit(TimeSpan.FromSeconds(10)))
        {
            return "unknown";
        }

        var text = process.StandardOutput.ReadToEnd() + process.StandardError.ReadToEnd();
        return text.Split('\n')[0].Trim();
    }
}
