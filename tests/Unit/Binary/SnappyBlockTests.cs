using System.Text;
using Tributary.Binary;

namespace Tributary.Tests.Unit.Binary;

public sealed class SnappyBlockTests
{
    /// <summary>Blocks made by libsnappy, or written down from the format's description.</summary>
    [Theory]
    [InlineData("00", "")]
    [InlineData("0100" + "61", "a")]
    [InlineData("0b" + "28" + "68656c6c6f20776f726c64", "hello world")]
    [InlineData("0a" + "00" + "61" + "1501", "aaaaaaaaaa")]
    [InlineData("08" + "0c" + "61626364" + "0104", "abcdabcd")]
    [InlineData("08" + "0c" + "61626364" + "0e0400", "abcdabcd")]
    [InlineData("08" + "0c" + "61626364" + "0f04000000", "abcdabcd")]
    [InlineData("03" + "f002" + "616263", "abc")]
    public void Decode_KnownBlock_YieldsItsContent(string hex, string content)
    {
        Assert.Equal(content, Encoding.ASCII.GetString(SnappyBlock.Decode(Convert.FromHexString(hex), 100)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ffffffffff")]
    [InlineData("01")]
    [InlineData("0200" + "61")]
    [InlineData("0100" + "6162")]
    [InlineData("0504" + "61620e0300")]
    [InlineData("0504" + "61620e0000")]
    [InlineData("0304" + "61620901")]
    [InlineData("67617262616765")]
    public void Decode_OfWhatIsNoBlock_IsAnError(string hex)
    {
        Assert.Throws<CorruptDataException>(() => SnappyBlock.Decode(Convert.FromHexString(hex), 100));
    }

    [Fact]
    public void Decode_OfMoreThanAllowed_IsRefusedBeforeItTakesMemory()
    {
        byte[] block = [0xff, 0xff, 0xff, 0xff, 0x07];
        var error = Assert.Throws<CorruptDataException>(() => SnappyBlock.Decode(block, 1000));
        Assert.Contains("exceeds limit 1000", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Encode_AnyContent_IsDecodedAgain(int kind)
    {
        var random = new Random(kind);
        foreach (
            var length in (int[])[0, 1, 15, 16, 17, 59, 60, 61, 62, 255, 256, 257, 4000, 65535, 65536, 65537, 200_000]
        )
        {
            var content = new byte[length];
            for (var i = 0; i < length; i++)
            {
                content[i] = kind switch
                {
                    0 => (byte)random.Next(256),
                    1 => (byte)random.Next(2),
                    _ => (byte)(i % 100 < 90 ? i % 7 : random.Next(256)),
                };
            }
            var block = new ByteWriter();
            SnappyBlock.Encode(content, block);
            Assert.Equal(content, SnappyBlock.Decode(block.WrittenSpan, length));
        }
    }

    [Fact]
    public void Encode_OfRepeatedContent_IsShort()
    {
        var block = new ByteWriter();
        SnappyBlock.Encode(new byte[100_000], block);
        Assert.True(block.Length < 6000, $"{block.Length} bytes");
    }
}
