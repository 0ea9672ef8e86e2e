using Tributary.Binary;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Ledger;

/// <summary>How a source's scrape is split: between which metric names it is cut.</summary>
public sealed record SplitMemory
{
    private const int MaxCuts = 1000;

    /// <summary>Not split.</summary>
    public static readonly SplitMemory Empty = new();

    /// <summary>The metric names that parts begin with, in byte order; the first part begins before all of them.</summary>
    public IReadOnlyList<string> Cuts { get; init; } = [];

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteUvarint((ulong)Cuts.Count);
        foreach (var cut in Cuts)
        {
            writer.WriteString(cut);
        }
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static SplitMemory Decode(ref ByteReader reader)
    {
        var cuts = new string[RowBytes.ReadCount(ref reader, MaxCuts, "cuts")];
        for (var i = 0; i < cuts.Length; i++)
        {
            cuts[i] = reader.ReadString();
        }
        return cuts.Length == 0 ? Empty : new SplitMemory { Cuts = cuts };
    }
}
