using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>A block's row.</summary>
/// <param name="Block">What it is; without the log files that went into it.</param>
/// <param name="State">Whether it counts.</param>
public sealed record BlockRow(BlockDescription Block, BlockState State)
{
    private const string StatisticsProperty = "s";
    private const int LongestPath = 200;

    /// <summary>Why it is deleted or in quarantine.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What a query needs to plan; opaque here. Kept while the block is live or in quarantine.</summary>
    public ReadOnlyMemory<byte> Statistics { get; init; }

    /// <summary>The row's ETag; empty for one that is not stored yet.</summary>
    public string ETag { get; init; } = "";

    /// <summary>When it came into its state, by the store's clock.</summary>
    public DateTimeOffset Since { get; init; }

    /// <summary>Whether the block's samples are kept: live, or in quarantine.</summary>
    public bool IsKept => State is BlockState.Live or BlockState.Quarantined;

    /// <summary>The row's properties.</summary>
    /// <exception cref="ArgumentException">A limit of <see cref="ManifestLimits"/> is not kept.</exception>
    internal Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteByte((byte)State);
        writer.WriteUvarint((ulong)Block.Level);
        writer.WriteVarint(Block.MinTimeMs);
        writer.WriteVarint(Block.MaxTimeMs);
        writer.WriteUvarint((ulong)Block.Number);
        writer.WriteUvarint((ulong)Block.Series);
        writer.WriteUvarint((ulong)Block.Samples);
        writer.WriteUvarint((ulong)Block.Chunks);
        RowBytes.WriteUlids(writer, Block.Sources, ManifestLimits.Sources, "sources");
        RowBytes.WriteUlids(writer, Block.Parents, ManifestLimits.Parents, "parents");
        ArgumentOutOfRangeException.ThrowIfGreaterThan(Block.Files.Count, ManifestLimits.Files, "files");
        writer.WriteUvarint((ulong)Block.Files.Count);
        foreach (var (path, sizeBytes) in Block.Files)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(path.Length, LongestPath, "path");
            writer.WriteString(path);
            writer.WriteUvarint((ulong)sizeBytes);
        }
        writer.WriteString(
            Reason.Length <= ManifestLimits.ReasonLength ? Reason : Reason[..ManifestLimits.ReasonLength]
        );
        var properties = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            [RowBytes.Property] = RowBytes.End(writer),
        };
        if (IsKept && !Statistics.IsEmpty)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(
                Statistics.Length,
                ManifestLimits.StatisticsBytes,
                "statistics"
            );
            properties[StatisticsProperty] = Statistics.ToArray();
        }
        return properties;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static BlockRow Decode(Ulid ulid, TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var state = (BlockState)reader.ReadByte();
        if (state is < BlockState.Pending or > BlockState.Quarantined)
        {
            throw reader.Corrupt($"state {(int)state}");
        }
        var block = new BlockDescription
        {
            Ulid = ulid,
            Level = (int)Math.Min(int.MaxValue, RowBytes.ReadLong(ref reader, "the level")),
            MinTimeMs = reader.ReadVarint(),
            MaxTimeMs = reader.ReadVarint(),
            Number = RowBytes.ReadLong(ref reader, "the number"),
            Series = RowBytes.ReadLong(ref reader, "series"),
            Samples = RowBytes.ReadLong(ref reader, "samples"),
            Chunks = RowBytes.ReadLong(ref reader, "chunks"),
            Sources = RowBytes.ReadUlids(ref reader, ManifestLimits.Sources, "sources"),
            Parents = RowBytes.ReadUlids(ref reader, ManifestLimits.Parents, "parents"),
            Files = ReadFiles(ref reader),
        };
        if (block.MinTimeMs > block.MaxTimeMs)
        {
            throw reader.Corrupt($"the range [{block.MinTimeMs}, {block.MaxTimeMs}) runs backwards");
        }
        var reason = reader.ReadString();
        RowBytes.RequireEnd(ref reader);
        return new BlockRow(block, state)
        {
            Reason = reason,
            Statistics = StatisticsOf(row, place),
            ETag = row.ETag,
            Since = row.Timestamp,
        };
    }

    private static BlockFile[] ReadFiles(ref ByteReader reader)
    {
        var files = new BlockFile[RowBytes.ReadCount(ref reader, ManifestLimits.Files, "files")];
        for (var i = 0; i < files.Length; i++)
        {
            var path = reader.ReadString();
            files[i] = new BlockFile(path, RowBytes.ReadLong(ref reader, "a file's size"));
        }
        return files;
    }

    private static ReadOnlyMemory<byte> StatisticsOf(TableRow row, string place) =>
        !row.Properties.TryGetValue(StatisticsProperty, out var value) ? ReadOnlyMemory<byte>.Empty
        : value is byte[] { Length: <= ManifestLimits.StatisticsBytes } bytes ? bytes
        : throw new CorruptDataException(
            place,
            0,
            $"property '{StatisticsProperty}' is not binary, or above {ManifestLimits.StatisticsBytes} bytes"
        );
}
