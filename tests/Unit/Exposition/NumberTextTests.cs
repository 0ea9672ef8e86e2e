using System.Globalization;
using System.Text;
using Tributary.Exposition;

namespace Tributary.Tests.Unit.Exposition;

public sealed class NumberTextTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("5.")]
    [InlineData(".5")]
    [InlineData("123456789012345678")]
    [InlineData("9007199254740993")]
    [InlineData("1.7976931348623157e308")]
    [InlineData("4.9e-324")]
    [InlineData("1e22")]
    [InlineData("1e23")]
    [InlineData("0.1E+2")]
    [InlineData("1234567890123456789")]
    public void TryReadDecimal_Text_IsRoundedAsTheFrameworkDoes(string text)
    {
        AssertSame(text);
    }

    [Fact]
    public void TryReadDecimal_RandomDoubles_RoundTrip()
    {
        var random = new Random(17);
        for (var i = 0; i < 20_000; i++)
        {
            var value = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (double.IsFinite(value))
            {
                AssertSame(value.ToString("R", CultureInfo.InvariantCulture));
            }
            AssertSame(
                (random.NextDouble() * Math.Pow(10, random.Next(-5, 12))).ToString("R", CultureInfo.InvariantCulture)
            );
            AssertSame(
                Math.Round(random.NextDouble() * 1e7, random.Next(0, 5)).ToString("R", CultureInfo.InvariantCulture)
            );
        }
    }

    [Theory]
    [InlineData("+1", 1)]
    [InlineData("00000000000000000000000000001", 1)]
    [InlineData("0e99999", 0)]
    [InlineData("1e-99999", 0)]
    [InlineData("iNf", double.PositiveInfinity)]
    [InlineData("-INFINITY", double.NegativeInfinity)]
    public void TryParseValue_Unusual_IsParsed(string text, double expected)
    {
        Assert.True(NumberText.TryParseValue(Encoding.UTF8.GetBytes(text), out var value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("-")]
    [InlineData("1e")]
    [InlineData("1,5")]
    [InlineData(" 1")]
    [InlineData("-nan")]
    [InlineData("∞")]
    [InlineData("infin")]
    [InlineData("-1e400")]
    public void TryParseValue_NoValue_IsRefused(string text)
    {
        Assert.False(NumberText.TryParseValue(Encoding.UTF8.GetBytes(text), out _));
    }

    [Theory]
    [InlineData("0", 0L)]
    [InlineData("1700000000123", 1700000000123)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("9223372036854775808", null)]
    [InlineData("-1", null)]
    [InlineData("", null)]
    public void TryReadTimestamp_Text_IsParsed(string text, long? expected)
    {
        var found = NumberText.TryReadTimestamp(Encoding.UTF8.GetBytes(text + "\n"), out var length, out var number);
        Assert.Equal(expected, found ? number : null);
        Assert.True(!found || length == text.Length);
    }

    [Fact]
    public void TryReadTimestamp_AnyByteBehindAnyNumberOfDigits_EndsIt()
    {
        for (var count = 1; count <= 17; count++)
        {
            for (var other = 0; other <= 255; other++)
            {
                if (other is >= '0' and <= '9')
                {
                    continue;
                }
                foreach (var filler in new byte[] { 0, (byte)'9', 255 })
                {
                    var digits = "91827364509182736"[..count];
                    byte[] text = [.. Encoding.ASCII.GetBytes(digits), (byte)other, .. Enumerable.Repeat(filler, 12)];

                    Assert.True(NumberText.TryReadTimestamp(text, out var length, out var timestampMs));
                    Assert.Equal(count, length);
                    Assert.Equal(long.Parse(digits, CultureInfo.InvariantCulture), timestampMs);
                }
            }
        }
    }

    private static void AssertSame(string text)
    {
        var expected = double.Parse(text, CultureInfo.InvariantCulture);
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        if (!NumberText.TryReadDecimal(bytes, out var length, out var value))
        {
            length = text.Length;
            Assert.True(NumberText.TryParseValue(bytes.AsSpan(0, length), out value), text);
        }
        Assert.Equal(text.Length, length);
        Assert.Equal(BitConverter.DoubleToInt64Bits(expected), BitConverter.DoubleToInt64Bits(value));
    }
}
