using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Model;

namespace Tributary.Tests.Unit.Storage.Chunks;

public sealed class HistogramChunkTests
{
    [Theory]
    [InlineData(1, false)]
    [InlineData(2, true)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void BuildRead_RandomCounters_RoundTripBitForBit(int seed, bool isFloat)
    {
        var random = new Random(seed);
        for (var run = 0; run < 30; run++)
        {
            var samples = new List<(long TimestampMs, Histogram Value)>();
            var timestampMs = random.NextInt64(-5_000_000_000_000, 5_000_000_000_000);
            var value = Histograms.Over(Histograms.Layout(random), isFloat, random);
            for (var i = random.Next(1, 60); i > 0; i--)
            {
                samples.Add((timestampMs, random.Next(30) == 0 ? Histogram.Stale : value));
                value =
                    random.Next(40) == 0
                        ? Histograms.Over(Histograms.Layout(random), random.Next(9) == 0 ? !isFloat : isFloat, random)
                        : Histograms.Grown(value, random);
                timestampMs += random.Next(5) == 0 ? random.NextInt64(1, 1L << 40) : 15_000;
            }
            AssertRoundTrip(samples);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void BuildRead_Gauges_KeepAnyCountsInOneChunk(int seed)
    {
        var random = new Random(seed);
        var layout = new HistogramLayout(2, 0.5, [], [], []);
        var samples = new List<(long, Histogram)>();
        for (var i = 0; i < 9; i++)
        {
            var indexes = Enumerable.Range(-5, 10).Where(_ => random.Next(2) == 0).ToArray();
            var own = HistogramLayout.OfIndexes(2, 0.5, indexes, indexes.AsSpan(0, indexes.Length / 2), []);
            samples.Add((i * 1000, Histograms.Over(own, false, random).With(CounterResetHint.Gauge)));
        }
        var chunks = AssertRoundTrip(samples);
        var chunk = Assert.Single(chunks);
        Assert.Equal(CounterResetHeader.Gauge, new HistogramChunkReader(chunk.Bytes, chunk.Encoding, "x").Header);
        Assert.Equal(CounterResetHint.Gauge, ReadAll(chunk)[5].Value.Hint);
    }

    [Fact]
    public void TryAppend_CounterReset_BeginsAChunkThatSaysSo()
    {
        var chunks = Build([
            (1, Histograms.Integers(0, 3, 4)),
            (2, Histograms.Integers(0, 3, 5)),
            (3, Histograms.Integers(0, 2, 9)),
            (4, Histograms.Integers(0, 2, 9)),
        ]);
        Assert.Equal([CounterResetHeader.Unknown, CounterResetHeader.CounterReset], chunks.Select(HeaderOf));
        CounterResetHint[] hints = [CounterResetHint.Unknown, CounterResetHint.NotCounterReset];
        Assert.All(chunks, chunk => Assert.Equal(hints, ReadAll(chunk).Select(sample => sample.Value.Hint)));
    }

    public static TheoryData<Histogram, byte> Followers =>
        new()
        {
            { Histograms.Integers(0, 3, 4, 1), (byte)CounterResetHeader.NotCounterReset },
            { Histograms.Integers(-1, 1, 3, 4), (byte)CounterResetHeader.NotCounterReset },
            { Histograms.Integers(0, 3), (byte)CounterResetHeader.CounterReset },
            { Histograms.Integers(1, 4, 90), (byte)CounterResetHeader.CounterReset },
            { Histograms.Integers(0, 3, 3, 90), (byte)CounterResetHeader.CounterReset },
            { Histogram.Stale, (byte)CounterResetHeader.NotCounterReset },
            { Histograms.Integers(0, 5, 6).With(CounterResetHint.CounterReset), (byte)CounterResetHeader.CounterReset },
            { Histograms.Integers(0, 5, 6).ToFloat(), (byte)CounterResetHeader.Unknown },
            { Histograms.Integers(0, 5, 6).Reduce(2), (byte)CounterResetHeader.Unknown },
        };

    [Theory]
    [MemberData(nameof(Followers))]
    public void Judge_Follower_FollowsUpstreamsRules(Histogram next, byte header)
    {
        Assert.Equal((CounterResetHeader)header, HistogramChange.Judge(Histograms.Integers(0, 3, 4), next));
    }

    [Fact]
    public void TryAppend_EmptyBucketsVanishAndAppear_StayInOneChunk()
    {
        List<(long, Histogram)> samples =
        [
            (1, Histograms.Integers(0, 3, 0, 4)),
            (2, Histograms.Integers(0, 3).Compact()),
            (3, Histograms.Integers(-2, 1, 0, 3, 1, 4)),
        ];
        // The second lacks a bucket in use, so it is a reset; the third has more buckets than the chunk so far.
        Assert.Equal(2, AssertRoundTrip(samples).Count);
        Assert.Single(AssertRoundTrip([samples[0], samples[2]]));
    }

    [Fact]
    public void TryAppend_AfterAMarker_OnlyMarkersFollowInTheChunk()
    {
        var value = Histograms.Integers(0, 3, 4);
        var chunks = AssertRoundTrip([(1, value), (2, Histogram.Stale), (3, Histogram.Stale), (4, value)]);
        Assert.Equal(2, chunks.Count);
        Assert.Equal(CounterResetHeader.Unknown, HeaderOf(chunks[1]));
    }

    [Fact]
    public void TryAppend_ManySamples_EndsChunksBySizeAndCount()
    {
        var random = new Random(5);
        var small = new List<(long, Histogram)>();
        var large = new List<(long, Histogram)>();
        var value = Histograms.Integers(0, 3);
        var wide = Histograms.Integers(0, new long[300]);
        for (var i = 0; i < 1000; i++)
        {
            small.Add((i, value));
            large.Add((i, wide));
            wide = Histogram.OfIntegers(
                wide.Layout,
                2,
                2,
                wide.Sum + 1,
                [.. wide.Integers.ToArray().Select(count => count + random.Next(5))]
            );
        }
        Assert.Equal(HistogramChunkBuilder.MaxSamples, CountOf(Build(small)[0]));
        var chunks = Build(large);
        Assert.Equal(HistogramChunkBuilder.MinSamples, CountOf(chunks[0]));
        Assert.Equal(100, chunks.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Read_EveryPrefixAndFlippedByte_IsRightOrANamedError(bool isFloat)
    {
        var random = new Random(8);
        var samples = new List<(long, Histogram)>();
        var value = Histograms.Over(
            new HistogramLayout(3, 0.1, [new(-3, 4), new(2, 3)], [new(0, 2)], []),
            isFloat,
            random
        );
        for (var i = 0; i < 8; i++)
        {
            samples.Add((i * 15_000, value));
            value = Histograms.Grown(value, random);
        }
        foreach (var chunk in Build(samples))
        {
            for (var length = 0; length < chunk.Bytes.Length; length++)
            {
                Assert.Throws<CorruptDataException>(() => ReadAll(chunk with { Bytes = chunk.Bytes[..length] }));
            }
            for (var at = 0; at < chunk.Bytes.Length * 8; at++)
            {
                var bytes = (byte[])chunk.Bytes.Clone();
                bytes[at / 8] ^= (byte)(1 << (at % 8));
                // The checksum around a chunk catches these; here it is only to end in samples or in the one error.
                var problem = Record.Exception(() => ReadAll(chunk with { Bytes = bytes }));
                Assert.True(problem is null or CorruptDataException, problem?.ToString());
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(-31)]
    [InlineData(-32)]
    [InlineData(32)]
    [InlineData(256)]
    [InlineData(-256)]
    [InlineData(2048)]
    [InlineData(131072)]
    [InlineData(131073)]
    [InlineData(16777216)]
    [InlineData(-16777216)]
    [InlineData(36028797018963968)]
    [InlineData(36028797018963969)]
    [InlineData(-36028797018963968)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Varbit_OnBothSidesOfEachClass_RoundTrips(long value)
    {
        var output = new BitWriter(1);
        Varbit.Write(output, value);
        Varbit.WriteUnsigned(output, (ulong)value);
        var input = new BitReader(output.WrittenSpan, "x");
        Assert.Equal(value, Varbit.Read(ref input));
        Assert.Equal((ulong)value, Varbit.ReadUnsigned(ref input));
        Assert.InRange(input.Remaining, 0, 7);
    }

    [Fact]
    public void Varbit_Classes_HaveTheirWidths()
    {
        (long Value, int Bits)[] cases =
        [
            (0, 1),
            (4, 5),
            (5, 9),
            (-3, 5),
            (-4, 9),
            (256, 13),
            (2048, 17),
            (131072, 24),
        ];
        foreach (var (value, bits) in cases)
        {
            var output = new BitWriter();
            Varbit.Write(output, value);
            Varbit.Write(output, value);
            Varbit.Write(output, value);
            Varbit.Write(output, value);
            Assert.Equal(((4 * bits) + 7) / 8, output.ByteCount);
        }
    }

    private sealed record Chunk(ChunkEncoding Encoding, byte[] Bytes);

    private static CounterResetHeader HeaderOf(Chunk chunk) =>
        new HistogramChunkReader(chunk.Bytes, chunk.Encoding, "x").Header;

    private static int CountOf(Chunk chunk) => new HistogramChunkReader(chunk.Bytes, chunk.Encoding, "x").Count;

    private static List<Chunk> Build(IEnumerable<(long TimestampMs, Histogram Value)> samples)
    {
        var builder = new HistogramChunkBuilder();
        var chunks = new List<Chunk>();
        foreach (var (timestampMs, value) in samples)
        {
            if (!builder.TryAppend(timestampMs, value))
            {
                chunks.Add(new Chunk(builder.Encoding, builder.Cut()));
                Assert.True(builder.TryAppend(timestampMs, value));
            }
            Assert.Equal(timestampMs, builder.MaxMs);
        }
        chunks.Add(new Chunk(builder.Encoding, builder.Cut()));
        return chunks;
    }

    private static List<(long TimestampMs, Histogram Value)> ReadAll(Chunk chunk)
    {
        var reader = new HistogramChunkReader(chunk.Bytes, chunk.Encoding, "x");
        var samples = new List<(long, Histogram)>();
        while (reader.MoveNext())
        {
            samples.Add((reader.TimestampMs, reader.ToHistogram()));
        }
        Assert.Equal(reader.Count, samples.Count);
        return samples;
    }

    private static List<Chunk> AssertRoundTrip(IReadOnlyList<(long TimestampMs, Histogram Value)> samples)
    {
        var chunks = Build(samples);
        Assert.Equal(samples, chunks.SelectMany(ReadAll));
        return chunks;
    }
}
