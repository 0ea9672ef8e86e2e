using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;

namespace Tributary.Tests.Unit.Storage.AppendLog;

public sealed class CodecTests
{
    [Theory]
    [InlineData("0", "1", "010102")]
    [InlineData("5", "5", "00")]
    [InlineData("0", "-1", "010101")]
    [InlineData("256", "0", "0102ff01")]
    public void Values_OneChange_HasTheBytesOfTheFormatPage(string before, string after, string hex)
    {
        var output = new ByteWriter();
        ValueCodec.Encode([Parse(after)], new[] { Parse(before) }, output);
        Assert.Equal(hex, Convert.ToHexStringLower(output.WrittenSpan));
    }

    [Fact]
    public void Values_EveryPairOfEdges_RoundTripBitForBit()
    {
        double[] edges =
        [
            0,
            double.NegativeZero,
            1,
            -1,
            255,
            256,
            1L << 52,
            1L << 53,
            (1L << 53) + 2,
            -(1L << 53),
            0.1,
            -0.1,
            double.Epsilon,
            double.MaxValue,
            double.MinValue,
            double.NaN,
            double.PositiveInfinity,
            double.NegativeInfinity,
            StaleMarker.Value,
            StaleMarker.NormalNaN,
        ];
        var before = edges.SelectMany(edge => Enumerable.Repeat(edge, edges.Length)).ToArray();
        var after = Enumerable.Repeat(edges, edges.Length).SelectMany(edge => edge).ToArray();
        var output = new ByteWriter();
        ValueCodec.Encode(after, before.ToArray(), output);
        var decoded = before.ToArray();
        var input = new ByteReader(output.WrittenSpan, "x");
        ValueCodec.Decode(decoded, ref input);
        Assert.Equal(0, input.Remaining);
        Assert.Equal(after.Select(BitConverter.DoubleToUInt64Bits), decoded.Select(BitConverter.DoubleToUInt64Bits));
    }

    public static TheoryData<string, long[], long[]> Columns() =>
        new()
        {
            { "all one step", Range(1000, i => i * 7), Range(1000, i => (i * 7) + 15_000) },
            { "two targets", Range(1000, _ => 0), Range(1000, i => 15_000 + (i % 2)) },
            { "twenty targets", Range(1000, _ => 0), Range(1000, i => i % 20 * 137) },
            { "two hundred targets", Range(1000, _ => 0), Range(1000, i => i % 200 * 137) },
            { "few off", Range(1000, _ => 0), Range(1000, i => i % 300 == 0 ? i : 15_000) },
            { "all different", Range(1000, _ => 0), Range(1000, i => (long)i * i * 31) },
            { "empty", [], [] },
            { "one", [5], [long.MaxValue / 4] },
        };

    [Theory]
    [MemberData(nameof(Columns))]
    public void Timestamps_OfEachForm_RoundTrip(string name, long[] before, long[] after)
    {
        var output = new ByteWriter();
        var predicted = before.ToArray();
        TimestampCodec.Encode(after, predicted, output);
        Assert.Equal(after, predicted);
        var decoded = before.ToArray();
        var input = new ByteReader(output.WrittenSpan, name);
        TimestampCodec.Decode(decoded, ref input);
        Assert.Equal(0, input.Remaining);
        Assert.Equal(after, decoded);
    }

    [Theory]
    [InlineData("all one step", 10)]
    [InlineData("two targets", 140)]
    [InlineData("twenty targets", 1100)]
    [InlineData("few off", 30)]
    public void Timestamps_OfTargetsThatShareThem_TakeFewBytes(string name, int most)
    {
        var (_, before, after) = Columns().Select(row => row.Data).Single(row => row.Item1 == name);
        var output = new ByteWriter();
        TimestampCodec.Encode(after, before.ToArray(), output);
        Assert.InRange(output.Length, 1, most);
    }

    private static long[] Range(int count, Func<int, long> value) => [.. Enumerable.Range(0, count).Select(value)];

    private static double Parse(string text) => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
