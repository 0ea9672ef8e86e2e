using Tributary.Binary;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Ledger;

/// <summary>How a source's scrape is split: into groups of selectors, and each group between metric names.</summary>
public sealed record SplitMemory
{
    /// <summary>The most parts of one scrape.</summary>
    public const int MaxParts = 128;

    /// <summary>The longest name at which a scrape is cut, in UTF-16 units.</summary>
    public const int MaxCutLength = 64;

    private const int MaxGroups = 64;

    /// <summary>Not split.</summary>
    public static readonly SplitMemory Empty = new();

    /// <summary>What tells the selectors of the job from others: a plan is made for them.</summary>
    public string Selectors { get; init; } = "";

    /// <summary>
    /// By group the metric names that parts begin with, in byte order; a group's first part begins before all of them. No
    /// groups when the scrape is not split.
    /// </summary>
    public IReadOnlyList<IReadOnlyList<string>> Cuts { get; init; } = [];

    /// <summary>Ticks behind one another that came near the timeout.</summary>
    public int SlowTicks { get; init; }

    /// <summary>Ticks behind one another after which fewer parts would do.</summary>
    public int CalmTicks { get; init; }

    /// <summary>For so many ticks no plan is made: the source did not take the last one.</summary>
    public int HoldTicks { get; init; }

    /// <summary>Whether there is a plan.</summary>
    public bool IsSplit => Cuts.Count > 0;

    /// <summary>Into how many requests the scrape is split; 1 when it is not.</summary>
    public int PartCount => Cuts.Count == 0 ? 1 : Cuts.Sum(group => group.Count + 1);

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteString(Selectors);
        writer.WriteUvarint((ulong)SlowTicks);
        writer.WriteUvarint((ulong)CalmTicks);
        writer.WriteUvarint((ulong)HoldTicks);
        writer.WriteUvarint((ulong)Cuts.Count);
        foreach (var group in Cuts)
        {
            writer.WriteUvarint((ulong)group.Count);
            foreach (var cut in group)
            {
                writer.WriteString(cut);
            }
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static SplitMemory Decode(ref ByteReader reader)
    {
        var selectors = reader.ReadString();
        var slow = ReadTicks(ref reader);
        var calm = ReadTicks(ref reader);
        var hold = ReadTicks(ref reader);
        var cuts = new IReadOnlyList<string>[RowBytes.ReadCount(ref reader, MaxGroups, "groups")];
        for (var i = 0; i < cuts.Length; i++)
        {
            var group = new string[RowBytes.ReadCount(ref reader, MaxParts, "cuts")];
            for (var k = 0; k < group.Length; k++)
            {
                group[k] = reader.ReadString();
            }
            cuts[i] = group;
        }
        return new SplitMemory
        {
            Selectors = selectors,
            SlowTicks = slow,
            CalmTicks = calm,
            HoldTicks = hold,
            Cuts = cuts,
        };
    }

    private static int ReadTicks(ref ByteReader reader) =>
        (int)Math.Min(RowBytes.ReadLong(ref reader, "the number of ticks"), int.MaxValue);
}
