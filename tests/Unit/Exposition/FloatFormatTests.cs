using System.Globalization;
using System.Text;
using Tributary.Exposition;
using Tributary.Model;

namespace Tributary.Tests.Unit.Exposition;

public sealed class FloatFormatTests
{
    /// <summary>Expected texts are what Go's strconv prints with format g and shortest precision.</summary>
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "0")]
    [InlineData(1, "1")]
    [InlineData(-1, "-1")]
    [InlineData(10, "10")]
    [InlineData(999999, "999999")]
    [InlineData(-999999, "-999999")]
    [InlineData(1e6, "1e+06")]
    [InlineData(-1e6, "-1e+06")]
    [InlineData(1234567, "1.234567e+06")]
    [InlineData(1763631000000, "1.763631e+12")]
    [InlineData(9007199254740991, "9.007199254740991e+15")]
    [InlineData(9007199254740993, "9.007199254740992e+15")]
    [InlineData(1e21, "1e+21")]
    [InlineData(1e100, "1e+100")]
    [InlineData(0.5, "0.5")]
    [InlineData(-123.456, "-123.456")]
    [InlineData(999999.5, "999999.5")]
    [InlineData(1000000.5, "1.0000005e+06")]
    [InlineData(0.0001, "0.0001")]
    [InlineData(0.00012345, "0.00012345")]
    [InlineData(0.00001, "1e-05")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(608863452348.1149, "6.088634523481149e+11")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(double.Epsilon, "5e-324")]
    [InlineData(2.2250738585072014e-308, "2.2250738585072014e-308")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void Format_KnownValue_IsAsPrometheusWritesIt(double value, string expected)
    {
        Assert.Equal(expected, Format(value));
    }

    /// <summary>Expected texts are what Prometheus' API prints: Go's strconv with format f, or e outside 1e-6 to 1e21.</summary>
    [Theory]
    [InlineData(0, "0")]
    [InlineData(-0.0, "-0")]
    [InlineData(1, "1")]
    [InlineData(-1e6, "-1000000")]
    [InlineData(9007199254740993, "9007199254740992")]
    [InlineData(1e20, "100000000000000000000")]
    [InlineData(123456789012345680000d, "123456789012345680000")]
    [InlineData(1e21, "1e+21")]
    [InlineData(-1.5e300, "-1.5e+300")]
    [InlineData(0.5, "0.5")]
    [InlineData(-123.456, "-123.456")]
    [InlineData(1234567.125, "1234567.125")]
    [InlineData(999999999.999999, "999999999.999999")]
    [InlineData(0.1 + 0.2, "0.30000000000000004")]
    [InlineData(608863452348.1149, "608863452348.1149")]
    [InlineData(0.00001, "0.00001")]
    [InlineData(0.000001, "0.000001")]
    [InlineData(0.0000012345, "0.0000012345")]
    [InlineData(0.0000009, "9e-07")]
    [InlineData(-1e-9, "-1e-09")]
    [InlineData(double.MaxValue, "1.7976931348623157e+308")]
    [InlineData(double.Epsilon, "5e-324")]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    public void FormatPlain_KnownValue_IsAsTheApiWritesIt(double value, string expected)
    {
        Assert.Equal(expected, FormatPlain(value));
    }

    [Fact]
    public void FormatPlain_OfAnyFloat_ReadsBack_AndIsTheShortest()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var value = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64()),
                1 => Math.Round(random.NextDouble() * 1000, random.Next(8)),
                2 => random.Next() / 15.0,
                _ => random.NextDouble() * Math.Pow(10, random.Next(-8, 24)),
            };
            if (!double.IsFinite(value))
            {
                continue;
            }
            var text = FormatPlain(value);
            Assert.Equal(value, double.Parse(text, CultureInfo.InvariantCulture));
            var digits = text.Split('e')[0].Where(char.IsAsciiDigit).ToArray().AsSpan().Trim('0').Length;
            var shortest = value.ToString("R", CultureInfo.InvariantCulture).Split('E')[0].Where(char.IsAsciiDigit);
            Assert.True(digits <= shortest.ToArray().AsSpan().Trim('0').Length + 1, text);
        }
    }

    [Theory]
    [InlineData(-25, "2.9802322387695312e-08")]
    [InlineData(-958, "4.1045368012983762e-289")]
    public void Format_PowerOfTwoThatTheRuntimeShortens_ReadsBack(int exponent, string expected)
    {
        var text = Format(Math.ScaleB(1, exponent));
        Assert.Equal(expected, text);
        Assert.Equal(Math.ScaleB(1, exponent), double.Parse(text, CultureInfo.InvariantCulture));
    }

    [Fact]
    public void Format_StaleMarker_IsJustNaN()
    {
        Assert.Equal("NaN", Format(StaleMarker.Value));
    }

    [Fact]
    public void Format_AnyFloat_ReadsBackAsItself()
    {
        var random = new Random(20261120);
        for (var i = 0; i < 20_000; i++)
        {
            var value = (i % 4) switch
            {
                0 => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
                1 => random.NextInt64(-(1L << 55), 1L << 55),
                2 => random.NextDouble() * Math.Pow(10, random.Next(-9, 9)),
                _ => Math.Round(random.NextDouble() * 1e6, random.Next(0, 6)),
            };
            if (double.IsFinite(value))
            {
                Assert.Equal(value, double.Parse(Format(value), CultureInfo.InvariantCulture));
            }
        }
    }

    [Fact]
    public void Format_EveryPowerOfTwo_ReadsBackAsItself()
    {
        for (var exponent = -1074; exponent <= 1023; exponent++)
        {
            var value = Math.ScaleB(-1, exponent);
            Assert.Equal(value, double.Parse(Format(value), CultureInfo.InvariantCulture));
        }
    }

    private static string Format(double value)
    {
        Span<byte> text = stackalloc byte[FloatFormat.MaxLength];
        return Encoding.ASCII.GetString(text[..FloatFormat.Format(value, text)]);
    }

    private static string FormatPlain(double value)
    {
        Span<byte> text = stackalloc byte[FloatFormat.MaxLength];
        return Encoding.ASCII.GetString(text[..FloatFormat.FormatPlain(value, text)]);
    }
}
