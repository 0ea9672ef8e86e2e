using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Chunks;
using Tributary.Tests.Unit.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.Chunks;

public sealed class XorChunkTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void BuildDecode_RandomSamples_RoundTripBitForBit(int seed)
    {
        var random = new Random(seed);
        for (var run = 0; run < 50; run++)
        {
            var builder = new XorChunkBuilder();
            var samples = new List<Sample>();
            var timestampMs = random.NextInt64(-5_000_000_000_000, 5_000_000_000_000);
            while (!builder.IsFull && samples.Count < random.Next(1, 600))
            {
                var value =
                    random.Next(3) == 0 || samples.Count == 0 ? LogBatches.Value(random) : samples[^1].Value + 1;
                samples.Add(new Sample(timestampMs, value));
                builder.Append(timestampMs, value);
                timestampMs += random.Next(4) switch
                {
                    0 => random.Next(1, 20_000),
                    1 => random.NextInt64(1, 1L << 40),
                    _ => 15_000,
                };
            }
            Assert.Equal(samples.Count, builder.Count);
            AssertDecodes(samples, builder.Cut());
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8191)]
    [InlineData(8192)]
    [InlineData(8193)]
    [InlineData(-8191)]
    [InlineData(-8192)]
    [InlineData(65536)]
    [InlineData(65537)]
    [InlineData(-65535)]
    [InlineData(-65536)]
    [InlineData(524288)]
    [InlineData(524289)]
    [InlineData(-524287)]
    [InlineData(-524288)]
    public void DeltaOfDelta_OnBothSidesOfEachWidth_RoundTrips(long deltaOfDelta)
    {
        var builder = new XorChunkBuilder();
        List<Sample> samples = [new(0, 1), new(1_000_000, 1), new(2_000_000 + deltaOfDelta, 1), new(9_000_000, 2)];
        samples.ForEach(sample => builder.Append(sample.TimestampMs, sample.Value));
        AssertDecodes(samples, builder.Cut());
    }

    [Fact]
    public void Decode_EveryPrefix_IsANamedError()
    {
        var builder = new XorChunkBuilder();
        for (var i = 0; i < 20; i++)
        {
            builder.Append(i * 15_000, i * 0.1);
        }
        var chunk = builder.Cut();
        for (var length = 0; length < chunk.Length; length++)
        {
            Assert.Throws<CorruptDataException>(() =>
                XorChunk.Decode(chunk.AsSpan(0, length), new long[20], new double[20], "x")
            );
        }
    }

    private static void AssertDecodes(List<Sample> samples, byte[] chunk)
    {
        var timestamps = new long[samples.Count];
        var values = new double[samples.Count];
        Assert.Equal(samples.Count, XorChunk.Decode(chunk, timestamps, values, "x"));
        Assert.Equal(samples.Select(sample => sample.TimestampMs), timestamps);
        Assert.Equal(
            samples.Select(sample => BitConverter.DoubleToUInt64Bits(sample.Value)),
            values.Select(BitConverter.DoubleToUInt64Bits)
        );
    }
}
