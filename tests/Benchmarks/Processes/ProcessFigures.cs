using System.Globalization;
using System.Runtime.InteropServices;

namespace Tributary.Benchmarks.Processes;

/// <summary>What the kernel knows about a process: CPU time and memory.</summary>
/// <param name="CpuSeconds">User and system time of all threads, in steps of 10 ms.</param>
/// <param name="ResidentBytes">Resident now.</param>
/// <param name="PeakBytes">The most resident since the start or since <see cref="ResetPeak"/>.</param>
internal readonly record struct ProcessFigures(double CpuSeconds, long ResidentBytes, long PeakBytes)
{
    // USER_HZ, the unit that Linux shows to programs on every architecture that .NET runs on.
    private const double TicksPerSecond = 100;

    /// <summary>Reads /proc.</summary>
    /// <exception cref="BenchmarkException">The process is gone.</exception>
    public static ProcessFigures Of(int process)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{process}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var ticks = Number(fields[11]) + Number(fields[12]);
            var status = File.ReadAllLines($"/proc/{process}/status");
            return new ProcessFigures(ticks / TicksPerSecond, Kibibytes(status, "VmRSS:"), Kibibytes(status, "VmHWM:"));
        }
        catch (IOException)
        {
            throw new BenchmarkException($"process {process} is gone");
        }
    }

    /// <summary>User and system time of all threads, also of those that ended, to the nanosecond.</summary>
    /// <exception cref="BenchmarkException">The process is gone.</exception>
    public static double CpuMilliseconds(int process) =>
        GetCpuClock(process, out var clock) == 0 && GetTime(clock, out var time) == 0
            ? (time.Seconds * 1e3) + (time.Nanoseconds / 1e6)
            : throw new BenchmarkException($"process {process} is gone");

    /// <summary>Lets the peak begin again at what is resident now.</summary>
    public static void ResetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    [DllImport("libc", EntryPoint = "clock_getcpuclockid")]
    private static extern int GetCpuClock(int process, out int clock);

    [DllImport("libc", EntryPoint = "clock_gettime")]
    private static extern int GetTime(int clock, out TimeSpec time);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static long Kibibytes(string[] status, string name)
    {
        var line =
            status.FirstOrDefault(l => l.StartsWith(name, StringComparison.Ordinal))
            ?? throw new BenchmarkException("the process has ended");
        return 1024 * Number(line[name.Length..].Replace("kB", "", StringComparison.Ordinal).Trim());
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct TimeSpec(long Seconds, long Nanoseconds);
}
