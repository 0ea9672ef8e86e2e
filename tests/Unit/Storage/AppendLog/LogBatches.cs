using Tributary.Model;

namespace Tributary.Tests.Unit.Storage.AppendLog;

/// <summary>Batches of a seed, as scrapes would bring them.</summary>
internal static class LogBatches
{
    /// <summary>A time in the middle of a window.</summary>
    public static readonly long NoonMs = Window.Of(1_700_000_000_000).StartMs + Window.LengthMs / 2;

    public static LabelSet Series(int number) =>
        LabelSet.Of("__name__", $"m{number % 7}", "instance", $"host-{number % 11}", "n", $"{number}");

    public static SampleColumns Columns(params (LabelSet Series, long TimestampMs, double Value)[] samples) =>
        new(
            new SeriesList([.. samples.Select(sample => sample.Series)]),
            samples.Select(sample => sample.TimestampMs).ToArray(),
            samples.Select(sample => sample.Value).ToArray()
        );

    public static Batch Of(
        string source,
        long tickMs,
        SampleColumns scraped,
        SampleColumns? added = null,
        Verdict verdict = Verdict.Complete
    ) =>
        new()
        {
            Source = source,
            TickMs = tickMs,
            Report = new ScrapeReport
            {
                Verdict = verdict,
                StartedMs = tickMs + 3,
                DurationSeconds = 0.25,
                Scraped = scraped.Count,
                Missed =
                    tickMs / 1000 % 3 == 0
                        ? new MissedTicks(tickMs - 45_000, 2, (MissReason)(tickMs / 3000 % 3))
                        : null,
            },
            Scraped = scraped,
            Added =
                added
                ?? Columns((LabelSet.Of("__name__", "up", "job", source), tickMs, verdict == Verdict.Failed ? 0 : 1)),
        };

    /// <summary>Ticks of a source whose series come and go, whose values are of every kind.</summary>
    public static IEnumerable<Batch> Sequence(Random random, string source, int ticks, int size, long stepMs)
    {
        var values = Enumerable.Range(0, size).Select(_ => Value(random)).ToArray();
        var list = Enumerable.Range(0, size).ToList();
        SeriesList? kept = null;
        for (var tick = 0; tick < ticks; tick++)
        {
            var tickMs = NoonMs + (tick * stepMs);
            if (random.Next(4) == 0)
            {
                list.RemoveAt(random.Next(list.Count));
                list.Insert(random.Next(list.Count), size + tick);
                kept = null;
            }
            var numbers = list.ToArray();
            kept ??= new SeriesList([.. numbers.Select(Series)]);
            for (var i = 0; i < size; i++)
            {
                values[i] = random.Next(3) == 0 ? Value(random) : values[i] + random.Next(2);
            }
            var jitter = random.Next(3);
            var timestamps = numbers
                .Select(n => tickMs - (jitter == 0 ? 0 : n % 5 * 1000) - (jitter == 2 ? random.Next(9) : 0))
                .ToArray();
            yield return Of(source, tickMs, new SampleColumns(kept, timestamps, values.ToArray()));
        }
    }

    public static double Value(Random random) =>
        random.Next(8) switch
        {
            0 => 0,
            1 => random.Next(100),
            2 => random.NextInt64(1L << 54),
            3 => -random.Next(1000),
            4 => random.NextDouble(),
            5 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
            6 => random.Next(5) switch
            {
                0 => double.NegativeZero,
                1 => double.PositiveInfinity,
                2 => double.NegativeInfinity,
                3 => StaleMarker.Value,
                _ => double.Epsilon,
            },
            _ => random.Next() / 8.0,
        };

    public static IEnumerable<(string Series, long TimestampMs, ulong Bits)> Samples(SampleColumns columns)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            yield return (
                columns.Series[i].ToString(),
                columns.TimestampsMs.Span[i],
                BitConverter.DoubleToUInt64Bits(columns.Values.Span[i])
            );
        }
    }
}
