using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Ledger;

/// <summary>What is remembered of a source between its ticks, by whichever process takes them: one row.</summary>
/// <remarks>A row may be older than the log: what it says may be done again, and nothing may be lost by that.</remarks>
/// <param name="Source">The key of the source.</param>
public sealed record SourceMemory(string Source)
{
    private const int MaxErrorChars = 1000;
    private const int MaxLabels = 1000;

    /// <summary>The job.</summary>
    public string Job { get; init; } = "";

    /// <summary>The last tick that was taken, milliseconds since the epoch; 0 before the first.</summary>
    public long LastTickMs { get; init; }

    /// <summary>Its verdict.</summary>
    public Verdict LastVerdict { get; init; } = Verdict.Failed;

    /// <summary>Its error, without secrets.</summary>
    public string LastError { get; init; } = "";

    /// <summary>
    /// Up to here everything that the source had is stored, but for the gaps of the ledger: the tick of the last complete
    /// collect, or what the last pull reached for certain; milliseconds since the epoch, 0 before the first.
    /// </summary>
    public long CompleteUntilMs { get; init; }

    /// <summary>The time between two ticks, milliseconds.</summary>
    public long IntervalMs { get; init; }

    /// <summary>Labels with one value over the whole last complete collect: queries that ask for another do not touch the source.</summary>
    public LabelSet ConstantLabels { get; init; } = LabelSet.Empty;

    /// <summary>When the source's metadata was asked for, milliseconds since the epoch; 0 before the first time.</summary>
    public long MetadataMs { get; init; }

    /// <summary>Why the source did not give its metadata, without secrets; empty when it did.</summary>
    public string MetadataError { get; init; } = "";

    /// <summary>How often in a row it did not.</summary>
    public int MetadataFailures { get; init; }

    /// <summary>How all samples since the last time are pulled.</summary>
    public PullMemory Pull { get; init; } = PullMemory.Empty;

    /// <summary>How a scrape is split.</summary>
    public SplitMemory Split { get; init; } = SplitMemory.Empty;

    /// <summary>Which replica is taken.</summary>
    public ReplicaMemory Replica { get; init; } = ReplicaMemory.Empty;

    /// <summary>Whether it left the configuration: nothing is missing of it from then on.</summary>
    public bool IsEnded => string.Equals(LastError, ScrapeReport.LeftConfiguration, StringComparison.Ordinal);

    /// <summary>What two processes know together: the later tick's, with whatever is further of the other.</summary>
    public static SourceMemory Merge(SourceMemory one, SourceMemory other)
    {
        var (newer, older) = one.LastTickMs >= other.LastTickMs ? (one, other) : (other, one);
        return newer with
        {
            CompleteUntilMs = Math.Max(newer.CompleteUntilMs, older.CompleteUntilMs),
            MetadataMs = Math.Max(newer.MetadataMs, older.MetadataMs),
            Pull = newer.Pull.Merge(older.Pull),
            Replica = newer.Replica.Merge(older.Replica),
        };
    }

    /// <summary>What lies between the pulls of two processes, of which the later one began without knowing of the other's.</summary>
    internal static SourceGap? GapBetween(SourceMemory one, SourceMemory other)
    {
        var (first, second) = one.Pull.SinceMs <= other.Pull.SinceMs ? (one, other) : (other, one);
        return first.Pull.CursorMs == 0 || second.Pull.CursorMs == 0 || second.Pull.SinceMs <= first.CompleteUntilMs
            ? null
            : SourceGap.Of(
                new FoundGap(
                    first.CompleteUntilMs,
                    second.Pull.SinceMs,
                    "a process pulled before it knew how far another one was"
                )
            );
    }

    /// <summary>The row's properties.</summary>
    internal Dictionary<string, object> Encode()
    {
        var writer = RowBytes.Begin();
        writer.WriteString(Source);
        writer.WriteString(Job);
        writer.WriteVarint(LastTickMs);
        writer.WriteByte((byte)LastVerdict);
        writer.WriteString(LastError.Length <= MaxErrorChars ? LastError : LastError[..MaxErrorChars]);
        writer.WriteVarint(CompleteUntilMs);
        writer.WriteVarint(IntervalMs);
        WriteLabels(writer, ConstantLabels);
        writer.WriteVarint(MetadataMs);
        writer.WriteString(MetadataError.Length <= MaxErrorChars ? MetadataError : MetadataError[..MaxErrorChars]);
        writer.WriteUvarint((ulong)MetadataFailures);
        Pull.Encode(writer);
        Split.Encode(writer);
        Replica.Encode(writer);
        return new(StringComparer.Ordinal) { [RowBytes.Property] = RowBytes.End(writer) };
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    internal static SourceMemory Decode(TableRow row, string place)
    {
        var reader = RowBytes.Open(row, place);
        var memory = new SourceMemory(reader.ReadString())
        {
            Job = reader.ReadString(),
            LastTickMs = reader.ReadVarint(),
            LastVerdict = (Verdict)reader.ReadByte(),
            LastError = reader.ReadString(),
            CompleteUntilMs = reader.ReadVarint(),
            IntervalMs = reader.ReadVarint(),
            ConstantLabels = ReadLabels(ref reader),
            MetadataMs = reader.ReadVarint(),
            MetadataError = reader.ReadString(),
            MetadataFailures = (int)Math.Min(reader.ReadUvarint(), int.MaxValue),
            Pull = PullMemory.Decode(ref reader),
            Split = SplitMemory.Decode(ref reader),
            Replica = ReplicaMemory.Decode(ref reader),
        };
        if (memory.LastVerdict > Verdict.Failed)
        {
            throw reader.Corrupt($"verdict {(int)memory.LastVerdict}");
        }
        RowBytes.RequireEnd(ref reader);
        return memory;
    }

    /// <summary>Labels: how many, and each name and value.</summary>
    internal static void WriteLabels(ByteWriter writer, LabelSet labels)
    {
        writer.WriteUvarint((ulong)labels.Labels.Length);
        foreach (var label in labels.Labels)
        {
            writer.WriteString(label.Name);
            writer.WriteString(label.Value);
        }
    }

    /// <summary>Reads what <see cref="WriteLabels"/> wrote.</summary>
    internal static LabelSet ReadLabels(ref ByteReader reader)
    {
        var labels = new Label[RowBytes.ReadCount(ref reader, MaxLabels, "labels")];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = new Label(reader.ReadString(), reader.ReadString());
        }
        return LabelSet.Of(labels);
    }
}
