using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>The bytes of rows and deletes: docs/formats/manifest.md as tests.</summary>
public sealed class ManifestRowTests
{
    private const string Place = "manifest/main/row";
    private static readonly Ulid One = new(((UInt128)0x0102030405060708 << 64) | 0x090A0B0C0D0E0F10);
    private static readonly Ulid Two = new(2);

    private static readonly BlockDescription Block = new()
    {
        Ulid = One,
        Level = 2,
        MinTimeMs = -7_200_000,
        MaxTimeMs = 7_200_000,
        Number = 300,
        Series = 4,
        Samples = 5,
        Chunks = 6,
        Sources = [One, Two],
        Parents = [Two],
        Files = [new BlockFile("index", 128), new BlockFile("meta.json", 1)],
    };

    public static TheoryData<string, string> Golden =>
        new()
        {
            {
                "block",
                "01 02 02 fff3ee06 80f4ee06 ac02 04 05 06 "
                    + "02 0102030405060708090a0b0c0d0e0f10 00000000000000000000000000000002 "
                    + "01 00000000000000000000000000000002 "
                    + "02 05 696e646578 8001 09 6d6574612e6a736f6e 01 03 776879"
            },
            { "window", "01 01 0102030405060708090a0b0c0d0e0f10 e807" },
            { "state", "01 00 07 01 0102030405060708090a0b0c0d0e0f10" },
            { "closed", "01 01 07 00" },
            { "delete", "01 01 c801 07" },
        };

    [Theory]
    [MemberData(nameof(Golden))]
    public void Row_HasTheBytesOfThePage(string kind, string hex)
    {
        var content = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        var record = (byte[])Encode(kind)["r"];
        Assert.Equal(Convert.ToHexStringLower(content), Convert.ToHexStringLower(record.AsSpan(0, record.Length - 4)));
        Assert.Equal(Crc32C.Compute(content), new ByteReader(record.AsSpan(content.Length), "").ReadUInt32());
    }

    [Fact]
    public void BlockRow_IsReadBack()
    {
        var statistics = new byte[] { 9, 8 };
        var written = new BlockRow(Block, BlockState.Quarantined) { Reason = "why", Statistics = statistics };
        var row = new TableRow("row", "etag", DateTimeOffset.UnixEpoch, written.Encode());
        var read = BlockRow.Decode(One, row, Place);
        Assert.Equivalent(Block, read.Block, strict: true);
        Assert.Equal(
            (BlockState.Quarantined, "why", "etag", DateTimeOffset.UnixEpoch),
            (read.State, read.Reason, read.ETag, read.Since)
        );
        Assert.Equal(statistics, read.Statistics.ToArray());
    }

    [Fact]
    public void BlockRow_OfADeletedBlock_HasNoStatistics() =>
        Assert.False(
            new BlockRow(Block, BlockState.Deleted) { Statistics = new byte[5] }
                .Encode()
                .ContainsKey("s")
        );

    [Fact]
    public void LargestBlockRow_FitsIntoItsProperty()
    {
        var large = Block with
        {
            Sources = [.. Enumerable.Repeat(One, ManifestLimits.Sources)],
            Parents = [.. Enumerable.Repeat(One, ManifestLimits.Parents)],
            Files = [.. Enumerable.Repeat(new BlockFile("chunks/000001", 512 << 20), ManifestLimits.Files)],
        };
        var row = new BlockRow(large, BlockState.Live)
        {
            Reason = new string('x', 2 * ManifestLimits.ReasonLength),
            Statistics = new byte[ManifestLimits.StatisticsBytes],
        };
        Assert.InRange(((byte[])row.Encode()["r"]).Length, 48_000, StoreLimits.BytesPerProperty);
    }

    [Theory]
    [InlineData("sources")]
    [InlineData("files")]
    [InlineData("statistics")]
    [InlineData("consumed")]
    public void Row_AboveALimit_IsRefused(string what)
    {
        Dictionary<string, object> Encode() =>
            what switch
            {
                "sources" => new BlockRow(
                    Block with
                    {
                        Sources = [.. Enumerable.Repeat(One, ManifestLimits.Sources + 1)],
                    },
                    BlockState.Live
                ).Encode(),
                "files" => new BlockRow(
                    Block with
                    {
                        Files = [.. Enumerable.Repeat(default(BlockFile) with { Path = "" }, ManifestLimits.Files + 1)],
                    },
                    BlockState.Live
                ).Encode(),
                "statistics" => new BlockRow(Block, BlockState.Live)
                {
                    Statistics = new byte[ManifestLimits.StatisticsBytes + 1],
                }.Encode(),
                _ => new WindowRow(
                    default,
                    Enumerable
                        .Range(0, ManifestLimits.ConsumedFiles + 1)
                        .ToDictionary(n => new Ulid((UInt128)n), _ => 1L)
                ).Encode(),
            };
        Assert.Throws<ArgumentOutOfRangeException>(Encode);
    }

    [Theory]
    [InlineData("block")]
    [InlineData("window")]
    [InlineData("state")]
    [InlineData("delete")]
    public void Row_WithAFlippedByteOrCutAnywhere_IsANamedError(string kind)
    {
        var record = (byte[])Encode(kind)["r"];
        for (var i = 0; i < record.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var flipped = record.ToArray();
                flipped[i] ^= (byte)(1 << bit);
                AssertCorrupt(kind, flipped);
            }
            AssertCorrupt(kind, record[..i]);
        }
    }

    [Fact]
    public void Row_OfANewerVersion_SaysSo()
    {
        var writer = new ByteWriter();
        writer.WriteByte(2);
        var row = Row(RowBytes.End(writer));
        var failure = Assert.Throws<CorruptDataException>(() => StateRow.Decode(row, Place));
        Assert.Contains("version 2; this program knows version 1", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("the record is a text")]
    [InlineData(null)]
    public void Row_WithoutABinaryRecord_IsANamedError(string? value)
    {
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        if (value is not null)
        {
            properties["r"] = value;
        }
        var failure = Assert.Throws<CorruptDataException>(() =>
            WindowRow.Decode(default, new TableRow("row", "", default, properties), Place)
        );
        Assert.Equal((Place, 0), (failure.Blob, failure.OffsetBytes));
    }

    [Fact]
    public void State_RemembersTheLastCommits()
    {
        var state = StateRow.Empty;
        for (var n = 1; n <= 40; n++)
        {
            state = state.After(new Ulid((UInt128)n));
        }
        Assert.Equal(40, state.Number);
        Assert.Equal(Enumerable.Range(9, 32).Select(n => new Ulid((UInt128)n)), state.Recent);
    }

    [Fact]
    public void Delete_IsReadBack_AndEveryDamageIsANamedError()
    {
        var delete = new DeleteDescription
        {
            Ulid = One,
            Range = new TimeRange(long.MinValue, 5),
            Number = 7,
            Selectors = ["up", "{job=\"ä\"}"],
            LogFiles = new HashSet<LogFileName> { new(new Window(7_200_000), Two), new(new Window(0), One) },
        };
        var bytes = delete.Encode();
        var read = DeleteDescription.Decode(One, bytes);
        Assert.Equal((delete.Range, 7, One), (read.Range, read.Number, read.Ulid));
        Assert.Equal(delete.Selectors, read.Selectors);
        Assert.Equal(delete.LogFiles, read.LogFiles);
        for (var i = 0; i < bytes.Length; i++)
        {
            var flipped = bytes.ToArray();
            flipped[i] ^= 0x10;
            var cut = bytes[..i];
            Assert.Equal(
                DeleteDescription.NameOf(One),
                Assert.Throws<CorruptDataException>(() => DeleteDescription.Decode(One, flipped)).Blob
            );
            Assert.Throws<CorruptDataException>(() => DeleteDescription.Decode(One, cut));
        }
    }

    private static Dictionary<string, object> Encode(string kind) =>
        kind switch
        {
            "block" => new BlockRow(Block, BlockState.Live) { Reason = "why" }.Encode(),
            "window" => new WindowRow(default, new Dictionary<Ulid, long> { [One] = 1000 }).Encode(),
            "state" => new StateRow(7) { Recent = [One] }.Encode(),
            "closed" => new StateRow(7) { IsClosed = true }.Encode(),
            "delete" => new DeleteRow(One, new TimeRange(-1, 100), 7).Encode(),
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no row"),
        };

    private static TableRow Row(byte[] record) =>
        new("row", "", default, new Dictionary<string, object>(StringComparer.Ordinal) { ["r"] = record });

    private static void AssertCorrupt(string kind, byte[] record)
    {
        var row = Row(record);
        var failure = Assert.Throws<CorruptDataException>(() =>
        {
            _ = kind switch
            {
                "block" => (object)BlockRow.Decode(One, row, Place),
                "window" => WindowRow.Decode(default, row, Place),
                "state" => StateRow.Decode(row, Place),
                _ => DeleteRow.Decode(One, row, Place),
            };
        });
        Assert.Equal(Place, failure.Blob);
    }
}
