using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Blocks;

namespace Tributary.Tests.Unit.Storage.Blocks;

public sealed class TombstonesTests
{
    [Fact]
    public void Read_GivesEachSeriesItsRanges_OrderedAndMerged()
    {
        var stones = Tombstones.Read(
            File((7, 50, 60), (3, -5, 10), (7, 10, 20), (7, 15, 30), (7, 9, 8), (1 << 30, 1, long.MaxValue)),
            "t"
        );
        Assert.Equal([new TimeRange(10, 30), new TimeRange(50, 60)], stones.Of(7));
        Assert.Equal([new TimeRange(-5, 10)], stones.Of(3));
        Assert.Equal([new TimeRange(1, long.MaxValue)], stones.Of(1 << 30));
        Assert.Empty(stones.Of(4));
        Assert.Equal(4, stones.Count);
    }

    [Theory]
    [InlineData(9, false)]
    [InlineData(10, true)]
    [InlineData(30, true)]
    [InlineData(31, false)]
    [InlineData(49, false)]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void IsDeleted_HoldsInsideTheClosedRanges(long time, bool deleted) =>
        Assert.Equal(deleted, Tombstones.IsDeleted([new TimeRange(10, 30), new TimeRange(50, 60)], time));

    [Fact]
    public void Read_OfAnEmptyFile_IsNothing() => Assert.Equal(0, Tombstones.Read(File(), "t").Count);

    [Fact]
    public void Read_OfAnotherVersionOrMagic_IsRefused()
    {
        var file = File();
        Assert.Equal(9, file.Length);
        file[4] = 2;
        Assert.Equal(4, Assert.Throws<CorruptDataException>(() => Tombstones.Read(file, "t")).OffsetBytes);
        Assert.Throws<CorruptDataException>(() => Tombstones.Read(new byte[9], "t"));
        Assert.Throws<CorruptDataException>(() => Tombstones.Read([], "t"));
    }

    /// <summary>A file as its format says it.</summary>
    internal static byte[] File(params (uint Series, long Min, long Max)[] stones)
    {
        var content = new ByteWriter();
        foreach (var (series, min, max) in stones)
        {
            content.WriteUvarint(series);
            content.WriteVarint(min);
            content.WriteVarint(max);
        }
        var file = new ByteWriter();
        file.WriteUInt32(0x0130BA30);
        file.WriteByte(1);
        file.WriteBytes(content.WrittenSpan);
        file.WriteUInt32(Crc32C.Compute(content.WrittenSpan));
        return file.WrittenSpan.ToArray();
    }
}
