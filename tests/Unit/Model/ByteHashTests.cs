using Tributary.Model;

namespace Tributary.Tests.Unit.Model;

public sealed class ByteHashTests
{
    [Fact]
    public void Compute128_TextsThatAreAlmostTheSame_AllDiffer()
    {
        var hashes = new HashSet<UInt128>();
        var halves = new HashSet<ulong>();
        for (var length = 0; length <= 70; length++)
        {
            foreach (var fill in new byte[] { 0, (byte)'a', 255 })
            {
                if (length == 0 && fill > 0)
                {
                    continue;
                }
                var bytes = Enumerable.Repeat(fill, length).ToArray();
                Add(bytes);
                for (var bit = 0; bit < length * 8; bit++)
                {
                    bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                    Add(bytes);
                    bytes[bit / 8] ^= (byte)(1 << (bit % 8));
                }
            }
        }

        void Add(byte[] bytes)
        {
            // Zero and one differ in a bit: a text may come twice, from two fills, only when it is one byte long.
            if (bytes.Length > 1)
            {
                Assert.True(hashes.Add(ByteHash.Compute128(bytes)));
                Assert.True(halves.Add(ByteHash.Compute(bytes)));
            }
            Assert.Equal(ByteHash.Compute128(bytes), ByteHash.Compute128(bytes.ToArray()));
        }
    }
}
