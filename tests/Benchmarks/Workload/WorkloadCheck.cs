using System.Globalization;
using System.Text;

namespace Tributary.Benchmarks.Workload;

/// <summary>Measures the workload against its description, so that nobody has to believe the generator.</summary>
internal static class WorkloadCheck
{
    private const long StepMs = 15_000;
    private const int TwoHours = 480;

    /// <summary>Prints what the workload is; false when it is not what it should be.</summary>
    public static bool Run(TextWriter output, int series)
    {
        var workload = new SourceWorkload(0, series);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var body = Body(workload, 1_700_000_000_000);
        var renderMs = clock.Elapsed.TotalMilliseconds;
        var lines = body.AsSpan().Count((byte)'\n');
        var perLine = (double)body.Length / lines;
        var (still, falls) = History(workload);
        var names = MetricFamily.All.Count;
        var kinds = MetricFamily
            .All.GroupBy(f => f.Kind)
            .Select(g => string.Create(CultureInfo.InvariantCulture, $"{g.Key} {g.Sum(f => f.Share) / 100.0} %"));
        var unique = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < workload.Count; i++)
        {
            unique.Add(Encoding.UTF8.GetString(workload.Prefix(i)));
        }

        output.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                series {workload.Count}, distinct {unique.Count}, metric names {names}, targets {workload.Targets}
                body {body.Length / 1e6:F1} MB, {perLine:F1} bytes a line, rendered in {renderMs:F0} ms
                mix: {string.Join(", ", kinds)}
                unchanged over 2 h: {100 * still:F1} %; counters that reset in 2 h: {100 * falls:F1} %
                """
            )
        );
        return names == 37
            && MetricFamily.All.Sum(f => f.Share) == 10_000
            && unique.Count == workload.Count
            && perLine is > 285 and < 305
            && still is > 0.35 and < 0.38
            && falls is > 0.06 and < 0.14;
    }

    /// <summary>A whole body at a time.</summary>
    public static byte[] Body(SourceWorkload workload, long nowMs)
    {
        var moment = SourceMoment.Now(workload, nowMs, StepMs);
        var body = new MemoryStream();
        var piece = new byte[256 << 10];
        for (var next = 0; next < workload.Count; )
        {
            body.Write(piece, 0, workload.Fill(ref next, piece, moment));
        }

        return body.ToArray();
    }

    private static (double Still, double Falls) History(SourceWorkload workload)
    {
        var (still, counters, falls) = (0, 0, 0);
        var first = 1_700_000_000_000 / StepMs;
        for (var series = 0; series < workload.Count; series += 7)
        {
            var (moved, fell) = (false, false);
            var last = workload.Value(series, first);
            for (var step = first + 1; step < first + TwoHours; step++)
            {
                var value = workload.Value(series, step);
                moved |= value != last;
                fell |= value < last;
                last = value;
            }

            still += moved ? 0 : 1;
            var name = workload.Prefix(series);
            var isCounter =
                name.IndexOf("_total{"u8) > 0 || name.IndexOf("_count{"u8) > 0 || name.IndexOf("_bucket{"u8) > 0;
            counters += isCounter ? 1 : 0;
            falls += isCounter && fell ? 1 : 0;
        }

        return (still / Math.Ceiling(workload.Count / 7.0), (double)falls / counters);
    }
}
