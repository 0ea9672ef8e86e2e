using System.IO.Compression;
using Tributary.Benchmarks.Measuring;
using Tributary.Benchmarks.Processes;

namespace Tributary.Benchmarks.Scenarios;

/// <summary>One question to `/federate`, asked several times by one client.</summary>
/// <param name="TotalMs">Median, to the last byte.</param>
/// <param name="SlowMs">The 95th percentile.</param>
/// <param name="FirstByteMs">Median, to the first byte of the body.</param>
/// <param name="CpuMs">Of the server, for one answer.</param>
/// <param name="ExtraBytes">The peak of resident memory while answering, above what was resident before.</param>
/// <param name="WireBytes">The length of one answer.</param>
/// <param name="Series">Series in one answer.</param>
internal sealed record FederateReading(
    double TotalMs,
    double SlowMs,
    double FirstByteMs,
    double CpuMs,
    double ExtraBytes,
    long WireBytes,
    long Series
)
{
    public const string Everything = "{__name__=~\".+\"}";
    public const string Jobs = "{__name__=~\"job:.*\"}";

    /// <summary>The path and query for a selector.</summary>
    public static string Path(string selector) => "/federate?match[]=" + Uri.EscapeDataString(selector);

    /// <summary>Asks `repetitions` times, then once more unmeasured to look at the answer.</summary>
    public static FederateReading Measure(RunningServer server, string selector, bool gzip, int repetitions)
    {
        var path = Path(selector);
        ProcessFigures.ResetPeak(server.ProcessId);
        var before = server.Figures();
        var answers = Enumerable.Range(0, repetitions).Select(_ => RawHttp.Get(server.Port, path, gzip)).ToList();
        var after = server.Figures();
        var kept = RawHttp.Get(server.Port, path, gzip, keep: true);
        if (kept.Status != 200 || answers.Exists(a => a.Status != 200))
        {
            throw new BenchmarkException($"{path} answered {kept.Status}");
        }

        return new FederateReading(
            Median.Of(answers.Select(a => a.Total.TotalMilliseconds)),
            Median.Quantile(answers.Select(a => a.Total.TotalMilliseconds), 0.95),
            Median.Of(answers.Select(a => a.FirstByte.TotalMilliseconds)),
            1000 * (after.CpuSeconds - before.CpuSeconds) / repetitions,
            after.PeakBytes - before.ResidentBytes,
            kept.Bytes,
            CountSeries(kept.Body!, gzip)
        );
    }

    /// <summary>Lines that are samples.</summary>
    public static long CountSeries(byte[] body, bool gzip)
    {
        using var source = new MemoryStream(body);
        using Stream plain = gzip ? new GZipStream(source, CompressionMode.Decompress) : source;
        using var reader = new StreamReader(plain);
        long series = 0;
        while (reader.ReadLine() is { } line)
        {
            series += line.Length > 0 && line[0] != '#' ? 1 : 0;
        }

        return series;
    }
}
