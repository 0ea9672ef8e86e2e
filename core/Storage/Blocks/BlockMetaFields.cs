using System.Globalization;
using System.Text.Json;
using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.Blocks;

/// <summary>The fields of a <c>meta.json</c>, leniently: unknown ones are passed over, absent ones are empty.</summary>
internal sealed class BlockMetaFields(JsonElement root, string blob)
{
    /// <summary>The checksum that a file of ours carries.</summary>
    public uint? Checksum { get; private set; }

    /// <summary>Reads them.</summary>
    public BlockMeta Read()
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            throw Corrupt("meta.json is no object");
        }
        var version = Number(root, "version");
        if (version != 1)
        {
            throw Corrupt($"version {version} of meta.json is not known; this is version 1");
        }
        var (min, max) = (Number(root, "minTime"), Number(root, "maxTime"));
        if (min > max)
        {
            throw Corrupt($"minTime {min} lies behind maxTime {max}");
        }
        var compaction = Child(root, "compaction");
        var meta = new BlockMeta
        {
            Ulid = ReadUlid(root, "ulid"),
            MinTimeMs = min,
            MaxTimeMs = max,
            Statistics = ReadStatistics(Child(root, "stats")),
            Level = (int)Math.Clamp(Number(compaction, "level"), 0, int.MaxValue),
            Sources = [.. Items(compaction, "sources").Select(ParseUlid)],
            Parents =
            [
                .. Items(compaction, "parents")
                    .Select(p => new BlockParent(ReadUlid(p, "ulid"), Number(p, "minTime"), Number(p, "maxTime"))),
            ],
        };
        return ReadThanos(meta, Child(root, "thanos"));
    }

    private static BlockStatistics ReadStatistics(JsonElement stats) =>
        new(
            Number(stats, "numSamples"),
            Number(stats, "numFloatSamples"),
            Number(stats, "numHistogramSamples"),
            Number(stats, "numSeries"),
            Number(stats, "numChunks"),
            Number(stats, "numTombstones")
        );

    private BlockMeta ReadThanos(BlockMeta meta, JsonElement thanos)
    {
        var version = Number(thanos, "version");
        if (version is not (0 or 1))
        {
            throw Corrupt($"version {version} of the section thanos is not known");
        }
        var labels = Child(thanos, "labels");
        var statistics = Child(thanos, "index_stats");
        var own = Child(Child(thanos, "extensions"), "tributary");
        if (Text(own, "checksum") is { Length: > 0 } checksum)
        {
            Checksum = uint.TryParse(checksum, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var value)
                ? value
                : throw Corrupt($"'{checksum}' is no checksum");
        }
        return meta with
        {
            Labels =
                labels.ValueKind == JsonValueKind.Object
                    ?
                    [
                        .. labels
                            .EnumerateObject()
                            .Select(l => new KeyValuePair<string, string>(l.Name, l.Value.GetString() ?? "")),
                    ]
                    : [],
            ResolutionMs = Number(Child(thanos, "downsample"), "resolution"),
            Source = Text(thanos, "source"),
            Files = [.. Items(thanos, "files").Select(ReadFile)],
            LargestSeriesBytes = Number(statistics, "series_max_size"),
            LargestChunkBytes = Number(statistics, "chunk_max_size"),
            CommitNumber = Number(own, "commit"),
            LogFiles =
            [
                .. Items(own, "log_files").Select(f => new BlockLogFile(Text(f, "name"), Number(f, "size_bytes"))),
            ],
        };
    }

    private BlockMetaFile ReadFile(JsonElement file)
    {
        var read = new BlockMetaFile(Text(file, "rel_path"), Number(file, "size_bytes"));
        return read.SizeBytes >= 0 ? read : throw Corrupt($"the file '{read.Path}' has {read.SizeBytes} bytes");
    }

    private static JsonElement Child(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out var child) ? child : default;

    private static JsonElement.ArrayEnumerator Items(JsonElement parent, string name)
    {
        var list = Child(parent, name);
        return list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : default;
    }

    private static long Number(JsonElement parent, string name)
    {
        var child = Child(parent, name);
        return child.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null ? 0 : child.GetInt64();
    }

    private static string Text(JsonElement parent, string name)
    {
        var child = Child(parent, name);
        return child.ValueKind is JsonValueKind.Undefined ? "" : child.GetString() ?? "";
    }

    private Ulid ReadUlid(JsonElement parent, string name) => ParseUlid(Child(parent, name));

    private Ulid ParseUlid(JsonElement text) =>
        text.ValueKind == JsonValueKind.String && Ulid.TryParse(text.GetString(), out var ulid)
            ? ulid
            : throw Corrupt($"'{text}' is no ULID");

    private CorruptDataException Corrupt(string problem) => new(blob, 0, problem);
}
