using Tributary.Binary;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Chunks;

public sealed class XorChunkEncoderTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Encode_RandomSamples_RoundTripInNoMoreBytes(int seed)
    {
        var random = new Random(seed);
        var encoder = new XorChunkEncoder();
        for (var run = 0; run < 60; run++)
        {
            var (timestamps, values) = Samples(random, random.Next(1, 1500));
            for (var start = 0; start < timestamps.Length; )
            {
                var output = new BitWriter();
                var count = encoder.Encode(timestamps.AsSpan(start), values.AsSpan(start), output);
                Assert.InRange(count, 1, XorChunkBuilder.MaxSamples);
                Assert.InRange(output.ByteCount, 1, XorChunkBuilder.MaxBytes);
                var decodedTimestamps = new long[count];
                var decoded = new double[count];
                Assert.Equal(count, XorChunk.Decode(output.WrittenSpan, decodedTimestamps, decoded, "x"));
                Assert.Equal(timestamps[start..(start + count)], decodedTimestamps);
                Assert.Equal(
                    values[start..(start + count)].Select(BitConverter.DoubleToInt64Bits),
                    decoded.Select(BitConverter.DoubleToInt64Bits)
                );
                AssertNotLarger(output.ByteCount, timestamps.AsSpan(start, count), values.AsSpan(start, count));
                start += count;
            }
        }
    }

    [Fact]
    public void Encode_FewSamples_TakesAsFewBitsAsAnyChoiceOfRuns()
    {
        var random = new Random(4);
        var encoder = new XorChunkEncoder();
        for (var run = 0; run < 200; run++)
        {
            var values = new double[random.Next(2, 12)];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = BitConverter.Int64BitsToDouble(random.NextInt64() >> random.Next(40) << random.Next(30));
            }
            long[] timestamps = [.. Enumerable.Range(0, values.Length).Select(i => i * 1000L)];
            var output = new BitWriter();
            encoder.Encode(timestamps, values, output);
            Assert.Equal((FewestBits(values) + 7) / 8, output.ByteCount);
        }
    }

    /// <summary>Count, first timestamp and value, second timestamp, one bit for each other; and the values' least.</summary>
    private static int FewestBits(double[] values)
    {
        var xors = new List<ulong>();
        for (var i = 1; i < values.Length; i++)
        {
            xors.Add(BitConverter.DoubleToUInt64Bits(values[i]) ^ BitConverter.DoubleToUInt64Bits(values[i - 1]));
        }
        var zeros = xors.RemoveAll(xor => xor == 0);
        var least = xors.Count == 0 ? 0 : int.MaxValue;
        for (var cuts = 0; cuts < 1 << Math.Max(xors.Count - 1, 0) && xors.Count > 0; cuts++)
        {
            var bits = 0;
            for (var (start, i) = (0, 0); i < xors.Count; i++)
            {
                if (i == xors.Count - 1 || (cuts >> i & 1) != 0)
                {
                    var all = xors.GetRange(start, i + 1 - start).Aggregate((one, other) => one | other);
                    var leading = Math.Min(System.Numerics.BitOperations.LeadingZeroCount(all), 31);
                    var width = 64 - leading - System.Numerics.BitOperations.TrailingZeroCount(all);
                    bits += 11 + ((i + 1 - start) * (2 + width));
                    start = i + 1;
                }
            }
            least = Math.Min(least, bits);
        }
        return 16 + 8 + 64 + 16 + (values.Length - 2) + zeros + least;
    }

    private static void AssertNotLarger(int bytes, ReadOnlySpan<long> timestamps, ReadOnlySpan<double> values)
    {
        var builder = new XorChunkBuilder();
        for (var i = 0; i < timestamps.Length && !builder.IsFull; i++)
        {
            builder.Append(timestamps[i], values[i]);
        }
        if (builder.Count == timestamps.Length)
        {
            Assert.InRange(bytes, 1, builder.ByteCount);
        }
    }

    private static (long[] Timestamps, double[] Values) Samples(Random random, int count)
    {
        var timestamps = new long[count];
        var values = new double[count];
        var timestampMs = random.NextInt64(-5_000_000_000_000, 5_000_000_000_000);
        var kind = random.Next(4);
        for (var i = 0; i < count; i++)
        {
            timestamps[i] = timestampMs;
            timestampMs += random.Next(6) == 0 ? random.NextInt64(1, 1L << 40) : 15_000;
            var before = i == 0 ? 1 : values[i - 1];
            values[i] = kind switch
            {
                0 => LogBatches.Value(random),
                1 => before + random.Next(3),
                2 => random.Next(4) == 0 ? random.NextDouble() : before,
                _ => Math.Round(random.NextDouble() * 100) / 8,
            };
        }
        return (timestamps, values);
    }
}
