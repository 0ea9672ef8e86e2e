using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Ledger;

/// <summary>Who a target is, by the labels that it sends, and to which source it belongs.</summary>
public sealed record ReplicaIdentity
{
    /// <summary>More labels are not remembered: such a target is taken for no replica.</summary>
    internal const int MaxLabels = 100;

    /// <summary>More values of one address are not told apart.</summary>
    internal const int MaxValues = 16;

    /// <summary>The key of the source that the target was collected as; its own one, or that of a source with replicas.</summary>
    public string Source { get; init; } = "";

    /// <summary>Whether it is collected as a replica, without the label that tells replicas apart.</summary>
    public bool IsReplica { get; init; }

    /// <summary>The label that tells replicas apart; empty when it sends none that is the same over all series.</summary>
    public string Label { get; init; } = "";

    /// <summary>The values of the label: several when replicas answer alternately at the address.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>The other labels that are the same over all series, but for <c>job</c> and <c>instance</c>.</summary>
    public LabelSet Constant { get; init; } = LabelSet.Empty;

    /// <summary>The names of the labels that are not the same over all series.</summary>
    public IReadOnlyList<string> Varying { get; init; } = [];

    /// <summary>A sample of its series without the label: replicas of one source have mostly the same.</summary>
    public SeriesSketch Sketch { get; init; } = SeriesSketch.Empty;

    /// <summary>When the target said so, milliseconds since the epoch.</summary>
    public long RecognisedMs { get; init; }

    /// <summary>Whether both send the same label to tell replicas apart, nothing else tells them apart, and they watch the same.</summary>
    public bool IsLike(ReplicaIdentity other) =>
        Label.Length > 0
        && string.Equals(Label, other.Label, StringComparison.Ordinal)
        && Has(other)
        && other.Has(this)
        && Sketch.IsLike(other.Sketch);

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteString(Source);
        writer.WriteByte(IsReplica ? (byte)1 : (byte)0);
        writer.WriteString(Label);
        WriteTexts(writer, Values);
        SourceMemory.WriteLabels(writer, Constant);
        WriteTexts(writer, Varying);
        Sketch.Encode(writer);
        writer.WriteVarint(RecognisedMs);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static ReplicaIdentity Decode(ref ByteReader reader) =>
        new()
        {
            Source = reader.ReadString(),
            IsReplica = reader.ReadByte() != 0,
            Label = reader.ReadString(),
            Values = ReadTexts(ref reader, MaxValues, "values"),
            Constant = SourceMemory.ReadLabels(ref reader),
            Varying = ReadTexts(ref reader, MaxLabels, "names of labels"),
            Sketch = SeriesSketch.Decode(ref reader),
            RecognisedMs = reader.ReadVarint(),
        };

    /// <summary>Whether every label that is the same over all series here is so there, or at least is there.</summary>
    private bool Has(ReplicaIdentity other)
    {
        foreach (var label in other.Constant.Labels)
        {
            var isSame = Constant.Get(label.Name) is { } value
                ? string.Equals(value, label.Value, StringComparison.Ordinal)
                : Varying.Contains(label.Name, StringComparer.Ordinal);
            if (!isSame)
            {
                return false;
            }
        }
        return true;
    }

    private static void WriteTexts(ByteWriter writer, IReadOnlyList<string> texts)
    {
        writer.WriteUvarint((ulong)texts.Count);
        foreach (var text in texts)
        {
            writer.WriteString(text);
        }
    }

    private static string[] ReadTexts(ref ByteReader reader, int atMost, string what)
    {
        var texts = new string[RowBytes.ReadCount(ref reader, atMost, what)];
        for (var i = 0; i < texts.Length; i++)
        {
            texts[i] = reader.ReadString();
        }
        return texts;
    }
}
