using Tributary.Model;
using Tributary.Storage.Chunks;
using Tributary.Storage.Head;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Head;

public sealed class HeadSeriesTests
{
    private static readonly long StartMs = LogBatches.NoonMs;

    public static TheoryData<int> Seeds() => new(Enumerable.Range(1, 30));

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Series_AnyOrderOfSamples_ReadsAsASortedDictionary(int seed)
    {
        var random = new Random(seed);
        var (series, model) = (new HeadSeries(LabelSet.Empty), new SortedDictionary<long, double>());
        var nowMs = StartMs;
        for (var step = 0; step < 600; step++)
        {
            nowMs += random.Next(3) * 15_000;
            switch (random.Next(100))
            {
                case 0:
                    Prepend(random, series, model, nowMs);
                    break;
                case 1:
                    Forget(series, model, Window.Of(nowMs - random.NextInt64(3 * Window.LengthMs)).StartMs);
                    break;
                case < 30:
                    Add(series.Append, model, nowMs - random.Next(1000) * 15_000L, Value(random));
                    break;
                default:
                    Add(series.Append, model, nowMs, Value(random));
                    break;
            }
            if (step % 20 == 0)
            {
                Check(random, series, model, nowMs);
            }
        }
        Check(random, series, model, nowMs);
        var chunks = series.Finished();
        Assert.All(chunks, chunk => Assert.Equal(Window.Of(chunk.MinMs), Window.Of(chunk.MaxMs)));
        Assert.All(chunks, chunk => Assert.InRange(XorChunk.Count(chunk.Bytes, "x"), 1, 480));
        Assert.All(chunks, chunk => Assert.InRange(chunk.Bytes.Length, 1, 1024));
    }

    [Theory]
    [InlineData(1, 1, nameof(AppendResult.Known))]
    [InlineData(1, 2, nameof(AppendResult.Conflict))]
    public void Append_TheSameTime_SaysWhatItMet(double first, double second, string expected)
    {
        var series = new HeadSeries(LabelSet.Empty);
        Assert.Equal(AppendResult.Added, series.Append(StartMs, first));
        Assert.Equal(expected, series.Append(StartMs, second).ToString());
        Assert.Equal(AppendResult.Late, series.Append(StartMs - 1, first));
        Assert.Equal(Math.Max(first, second), series.NewestValue);
    }

    [Fact]
    public void Append_ManyLateSamples_AreMergedIntoFewChunks()
    {
        var series = new HeadSeries(LabelSet.Empty);
        var times = Enumerable.Range(0, 1000).Select(i => StartMs - Window.LengthMs / 4 + (i * 1000L)).ToArray();
        series.Append(times[^1], 999);
        for (var i = times.Length - 2; i >= 0; i--)
        {
            Assert.Equal(AppendResult.Late, series.Append(times[i], i));
        }
        var samples = new List<Sample>();
        series.Read(new TimeRange(long.MinValue, long.MaxValue), samples);
        Assert.Equal(times, samples.Select(sample => sample.TimestampMs));
        Assert.InRange(series.Finished().Count, 1, 10);
    }

    [Fact]
    public void Append_ValuesOfFullPrecision_EndAChunkAtAKibibyte()
    {
        var random = new Random(1);
        var series = new HeadSeries(LabelSet.Empty);
        for (var i = 0; i < 1000; i++)
        {
            series.Append(
                StartMs + random.NextInt64(1000) + (i * 1000),
                BitConverter.Int64BitsToDouble(random.NextInt64())
            );
        }
        Assert.All(series.Finished(), chunk => Assert.InRange(chunk.Bytes.Length, 100, 1024));
    }

    private static void Add(
        Func<long, double, AppendResult> append,
        SortedDictionary<long, double> model,
        long timestampMs,
        double value
    )
    {
        append(timestampMs, value);
        model[timestampMs] = model.TryGetValue(timestampMs, out var before) ? SampleRule.Choose(before, value) : value;
    }

    private static void Prepend(Random random, HeadSeries series, SortedDictionary<long, double> model, long nowMs)
    {
        var older = new HeadSeries(LabelSet.Empty);
        for (var count = random.Next(1, 300); count > 0; count--)
        {
            Add(older.Append, model, nowMs - (random.Next(500) * 15_000L), Value(random));
        }
        series.Prepend(older.Finished());
    }

    private static void Forget(HeadSeries series, SortedDictionary<long, double> model, long beforeMs)
    {
        foreach (var old in model.Keys.Where(timestampMs => timestampMs < beforeMs).ToList())
        {
            model.Remove(old);
        }
        Assert.Equal(model.Count > 0, series.Forget(beforeMs));
    }

    private static void Check(Random random, HeadSeries series, SortedDictionary<long, double> model, long nowMs)
    {
        var fromMs = nowMs - random.Next(1200) * 15_000L;
        var range = new TimeRange(fromMs, fromMs + random.Next(1200) * 15_000L);
        var samples = new List<Sample>();
        series.Read(range, samples);
        var expected = model.Where(sample => range.Contains(sample.Key)).ToList();
        Assert.Equal(expected.Select(s => (s.Key, Bits(s.Value))), samples.Select(s => (s.TimestampMs, Bits(s.Value))));
        Assert.Equal(expected.Count > 0, series.TryNewest(range, samples, out var newest));
        if (expected.Count > 0)
        {
            Assert.Equal((expected[^1].Key, Bits(expected[^1].Value)), (newest.TimestampMs, Bits(newest.Value)));
        }
    }

    /// <summary>Few distinct values, so that the same sample comes again, and every kind.</summary>
    private static double Value(Random random) => random.Next(4) == 0 ? LogBatches.Value(random) : random.Next(3);

    private static ulong Bits(double value) => BitConverter.DoubleToUInt64Bits(value);
}
