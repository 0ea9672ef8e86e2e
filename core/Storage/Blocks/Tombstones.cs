using Tributary.Binary;
using Tributary.Model;

namespace Tributary.Storage.Blocks;

/// <summary>Ranges of series that Prometheus deleted in a block; <c>docs/formats/tombstones.md</c>.</summary>
internal sealed class Tombstones
{
    /// <summary>Bytes of the largest file that is read.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    /// <summary>Bytes of a file without any.</summary>
    public const int MinBytes = 9;

    private const uint Magic = 0x0130BA30;
    private const int HeaderBytes = 5;

    /// <summary>Nothing is deleted.</summary>
    public static readonly Tombstones None = new([]);

    private readonly Dictionary<ulong, List<TimeRange>> ranges;

    private Tombstones(Dictionary<ulong, List<TimeRange>> ranges) => this.ranges = ranges;

    /// <summary>Ranges in all.</summary>
    public int Count => ranges.Values.Sum(list => list.Count);

    /// <summary>The deleted ranges of a series, ordered and apart.</summary>
    public IReadOnlyList<TimeRange> Of(uint series) => ranges.TryGetValue(series, out var found) ? found : [];

    /// <summary>Reads a file.</summary>
    /// <exception cref="CorruptDataException">It is none, or damaged.</exception>
    public static Tombstones Read(ReadOnlySpan<byte> file, string blob)
    {
        var reader = new ByteReader(file, blob);
        if (file.Length < MinBytes || reader.ReadUInt32() != Magic)
        {
            throw new CorruptDataException(blob, 0, "this is no tombstones file");
        }
        var version = reader.ReadByte();
        if (version != 1)
        {
            throw new CorruptDataException(blob, HeaderBytes - 1, $"tombstones of version {version} are not known");
        }
        var stones = file[HeaderBytes..^sizeof(uint)];
        if (new ByteReader(file[^sizeof(uint)..], blob).ReadUInt32() != Crc32C.Compute(stones))
        {
            throw new CorruptDataException(blob, file.Length - sizeof(uint), "the checksum of the tombstones is wrong");
        }
        var found = new Dictionary<ulong, List<TimeRange>>();
        reader = new ByteReader(stones, blob, HeaderBytes);
        while (reader.Remaining > 0)
        {
            var series = reader.ReadUvarint();
            var range = new TimeRange(reader.ReadVarint(), reader.ReadVarint());
            if (!found.TryGetValue(series, out var list))
            {
                found.Add(series, list = []);
            }
            list.Add(range);
        }
        foreach (var list in found.Values)
        {
            Merge(list);
        }
        return new Tombstones(found);
    }

    /// <summary>Whether a moment lies in one of some ranges, which are ordered and apart.</summary>
    public static bool IsDeleted(IReadOnlyList<TimeRange> deleted, long timestampMs)
    {
        var (low, high) = (0, deleted.Count - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (deleted[middle].Contains(timestampMs))
            {
                return true;
            }
            (low, high) = deleted[middle].MaxMs < timestampMs ? (middle + 1, high) : (low, middle - 1);
        }
        return false;
    }

    private static void Merge(List<TimeRange> list)
    {
        list.RemoveAll(range => range.MinMs > range.MaxMs);
        list.Sort((a, b) => a.MinMs.CompareTo(b.MinMs));
        var kept = 0;
        for (var i = 1; i < list.Count; i++)
        {
            if (list[i].MinMs <= list[kept].MaxMs)
            {
                list[kept] = new TimeRange(list[kept].MinMs, Math.Max(list[kept].MaxMs, list[i].MaxMs));
            }
            else
            {
                list[++kept] = list[i];
            }
        }
        list.RemoveRange(Math.Min(kept + 1, list.Count), Math.Max(0, list.Count - kept - 1));
    }
}
