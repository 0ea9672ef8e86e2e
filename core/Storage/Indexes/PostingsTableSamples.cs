using System.Text;
using Tributary.Binary;

namespace Tributary.Storage.Indexes;

/// <summary>Of a postings offset table every 32nd entry, and the first of each label name: groups of entries, with checksums.</summary>
internal sealed class PostingsTableSamples
{
    private readonly Dictionary<string, (int First, int End)> names = new(StringComparer.Ordinal);
    private readonly List<string> order = [];
    private readonly List<Group> groups = [];
    private readonly ByteWriter values = new(1024);
    private readonly ByteWriter lastValue = new(64);
    private readonly ByteWriter lastName = new(64);
    private string lastText = "";
    private int inGroup;
    private long end;

    /// <summary>All label names, in order; without the empty one, under which the list of all series stands.</summary>
    public IReadOnlyList<string> Names => order;

    /// <summary>Entries, that of all series included.</summary>
    public long Count { get; private set; }

    /// <summary>Takes the next entry; false when it is not greater than the last one.</summary>
    /// <param name="entry">The entry's bytes.</param>
    /// <param name="offset">Where it lies.</param>
    /// <param name="name">Its label name.</param>
    /// <param name="value">Its label value.</param>
    /// <param name="list">Where its list lies.</param>
    public bool Add(ReadOnlySpan<byte> entry, long offset, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, long list)
    {
        var byName = Count == 0 ? 1 : name.SequenceCompareTo(lastName.WrittenSpan);
        if (byName < 0 || (byName == 0 && value.SequenceCompareTo(lastValue.WrittenSpan) <= 0))
        {
            return false;
        }
        if (byName > 0)
        {
            BeginName(name);
        }
        if (inGroup == 0)
        {
            names[lastText] = (names[lastText].First, groups.Count + 1);
            groups.Add(new Group(offset, list, 0, values.Length, value.Length));
            values.WriteBytes(value);
        }
        groups[^1] = groups[^1] with { Checksum = Crc32C.Append(groups[^1].Checksum, entry) };
        inGroup = (inGroup + 1) % IndexFormat.SampleEvery;
        lastValue.Clear();
        lastValue.WriteBytes(value);
        Count++;
        end = offset + entry.Length;
        return true;
    }

    /// <summary>The groups that hold a name's entries; an empty range when there are none.</summary>
    public (int First, int End) GroupsOf(string name) => names.GetValueOrDefault(name);

    /// <summary>The group that holds a value of a name, if it is there; −1 when all values are greater.</summary>
    public int GroupOf(string name, ReadOnlySpan<byte> value)
    {
        var (first, last) = GroupsOf(name);
        var (low, high) = (first, last - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            (low, high) = FirstValue(middle).SequenceCompareTo(value) <= 0 ? (middle + 1, high) : (low, middle - 1);
        }
        return high < first ? -1 : high;
    }

    /// <summary>The value of a group's first entry.</summary>
    public ReadOnlySpan<byte> FirstValue(int group) =>
        values.WrittenSpan.Slice(groups[group].ValueStart, groups[group].ValueLength);

    /// <summary>Where a group begins.</summary>
    public long Start(int group) => groups[group].Offset;

    /// <summary>Where a group ends.</summary>
    public long End(int group) => group + 1 < groups.Count ? groups[group + 1].Offset : end;

    /// <summary>The list of a group's first entry; −1 behind the last group.</summary>
    public long FirstList(int group) => group < groups.Count ? groups[group].List : -1;

    /// <summary>The checksum of a group's entries.</summary>
    public uint Checksum(int group) => groups[group].Checksum;

    private void BeginName(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name);
        if (text.Length > 0)
        {
            order.Add(text);
        }
        names.Add(text, (groups.Count, groups.Count));
        lastText = text;
        lastName.Clear();
        lastName.WriteBytes(name);
        inGroup = 0;
    }

    private readonly record struct Group(long Offset, long List, uint Checksum, int ValueStart, int ValueLength);
}
