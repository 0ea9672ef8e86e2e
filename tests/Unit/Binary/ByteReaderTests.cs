using Tributary.Binary;

namespace Tributary.Tests.Unit.Binary;

public sealed class ByteReaderTests
{
    [Theory]
    [InlineData("00", 0UL)]
    [InlineData("7f", 127UL)]
    [InlineData("8001", 128UL)]
    [InlineData("ffffffffffffffffff01", ulong.MaxValue)]
    public void Uvarint_RoundTrips(string hex, ulong value)
    {
        var writer = new ByteWriter();
        writer.WriteUvarint(value);
        Assert.Equal(hex, Convert.ToHexStringLower(writer.WrittenSpan));
        Assert.Equal(value, new ByteReader(writer.WrittenSpan, "b").ReadUvarint());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(long.MinValue)]
    [InlineData(long.MaxValue)]
    public void Varint_RoundTrips(long value)
    {
        var writer = new ByteWriter();
        writer.WriteVarint(value);
        Assert.Equal(value, new ByteReader(writer.WrittenSpan, "b").ReadVarint());
    }

    [Theory]
    [InlineData("")]
    [InlineData("80")]
    [InlineData("ffffffffffffffffff02")]
    [InlineData("ffffffffffffffffffff01")]
    public void Uvarint_Broken_ReportsOffsetAndDoesNotMove(string hex)
    {
        var bytes = Convert.FromHexString(hex);
        var reader = new ByteReader(bytes, "log/x", 100);
        try
        {
            reader.ReadUvarint();
            Assert.Fail("read a broken varint");
        }
        catch (CorruptDataException exception)
        {
            Assert.Equal(100, exception.OffsetBytes);
            Assert.Equal("log/x", exception.Blob);
        }
        Assert.Equal(bytes.Length, reader.Remaining);
    }

    [Fact]
    public void Crc32C_OfTheCheckString_IsTheStandards() => Assert.Equal(0xe3069283, Crc32C.Compute("123456789"u8));
}
