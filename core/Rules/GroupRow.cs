using System.IO.Compression;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Rules;

/// <summary>What the log cannot say of the alerts of a group: since when they fire, what was sent, what is over.</summary>
/// <remarks>
/// It may be older than the group's last batch, whose process was killed before it wrote the row; times in it that are later
/// than that batch count for nothing.
/// </remarks>
/// <param name="TickMs">The evaluation that it is of, milliseconds since the epoch.</param>
/// <param name="Alerts">The alerts, with the position of their rule.</param>
internal sealed record GroupRow(long TickMs, IReadOnlyList<(int Rule, ActiveAlert Alert)> Alerts)
{
    private const int MaxAlerts = 100_000;
    private const int MaxLabels = 1000;
    private const int MaxContentBytes = 64 << 20;

    /// <summary>The record is cut into properties of so many bytes, and so many of them.</summary>
    private const int PieceBytes = 60_000;

    private const int MaxPieces = 12;
    private const string PieceName = "p";

    /// <summary>The row of a state.</summary>
    public static GroupRow Of(GroupState state) =>
        new(state.TickMs, [.. state.Rules.SelectMany((rule, i) => rule.Alerts.Select(alert => (i, alert)))]);

    /// <summary>The same with what another process has sent since, of the same alerts.</summary>
    public GroupRow Heard(GroupRow other)
    {
        var sent = new Dictionary<LabelSet, long>();
        foreach (var (_, alert) in other.Alerts)
        {
            sent[alert.Labels] = alert.LastSentMs;
        }
        return this with
        {
            Alerts =
            [
                .. Alerts.Select(one =>
                    (
                        one.Rule,
                        one.Alert with
                        {
                            LastSentMs = Math.Max(one.Alert.LastSentMs, sent.GetValueOrDefault(one.Alert.Labels)),
                        }
                    )
                ),
            ],
        };
    }

    /// <summary>Whether two say the same of alerts, but for values and texts, which change all the time.</summary>
    public bool IsAlike(GroupRow other)
    {
        if (Alerts.Count != other.Alerts.Count)
        {
            return false;
        }
        for (var i = 0; i < Alerts.Count; i++)
        {
            if (Alerts[i].Rule != other.Alerts[i].Rule || Bare(Alerts[i].Alert) != Bare(other.Alerts[i].Alert))
            {
                return false;
            }
        }
        return true;

        static ActiveAlert Bare(ActiveAlert alert) => alert with { Annotations = [], Value = 0 };
    }

    /// <summary>The row's properties; without the annotations when they are too long for a row.</summary>
    /// <exception cref="ArgumentException">There are more alerts than a row takes.</exception>
    public Dictionary<string, object> Encode()
    {
        var bytes = Compressed(hasAnnotations: true);
        if (bytes.Length > PieceBytes * MaxPieces)
        {
            bytes = Compressed(hasAnnotations: false);
        }
        if (bytes.Length > PieceBytes * MaxPieces)
        {
            throw new ArgumentException($"{Alerts.Count} alerts of one group are more than its row takes");
        }
        var properties = new Dictionary<string, object>(StringComparer.Ordinal);
        var header = RowBytes.Begin();
        header.WriteUvarint((ulong)bytes.Length);
        header.WriteUInt32(Crc32C.Compute(bytes));
        properties[RowBytes.Property] = RowBytes.End(header);
        for (var from = 0; from < bytes.Length; from += PieceBytes)
        {
            properties[NameOf(from / PieceBytes)] = bytes[from..Math.Min(bytes.Length, from + PieceBytes)];
        }
        return properties;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptDataException">The row is not one of this format.</exception>
    public static GroupRow Decode(TableRow row, string place)
    {
        var header = RowBytes.Open(row, place);
        var length = header.ReadUvarint();
        if (length > PieceBytes * MaxPieces)
        {
            throw header.Corrupt($"{length} bytes of alerts");
        }
        var checksum = header.ReadUInt32();
        var bytes = new byte[(int)length];
        for (var from = 0; from < bytes.Length; from += PieceBytes)
        {
            if (
                !row.Properties.TryGetValue(NameOf(from / PieceBytes), out var value)
                || value is not byte[] piece
                || piece.Length != Math.Min(PieceBytes, bytes.Length - from)
            )
            {
                throw header.Corrupt($"property {NameOf(from / PieceBytes)} is not whole");
            }
            piece.CopyTo(bytes, from);
        }
        return Crc32C.Compute(bytes) == checksum
            ? Read(Inflate(bytes, place), place)
            : throw header.Corrupt("the checksum of the alerts does not match");
    }

    private byte[] Compressed(bool hasAnnotations)
    {
        var writer = new ByteWriter();
        writer.WriteVarint(TickMs);
        writer.WriteUvarint((ulong)Alerts.Count);
        foreach (var (rule, alert) in Alerts)
        {
            writer.WriteUvarint((ulong)rule);
            Write(writer, alert.Labels.Labels);
            Write(writer, hasAnnotations ? [.. alert.Annotations] : []);
            writer.WriteByte((byte)alert.State);
            writer.WriteUInt64(BitConverter.DoubleToUInt64Bits(alert.Value));
            writer.WriteVarint(alert.ActiveAtMs);
            writer.WriteVarint(alert.FiredAtMs);
            writer.WriteVarint(alert.ResolvedAtMs);
            writer.WriteVarint(alert.KeepFiringSinceMs);
            writer.WriteVarint(alert.LastSentMs);
        }
        using var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(writer.WrittenSpan);
        }
        return output.ToArray();
    }

    private static byte[] Inflate(byte[] bytes, string place)
    {
        using var input = new DeflateStream(new MemoryStream(bytes), CompressionMode.Decompress);
        using var output = new MemoryStream();
        var buffer = new byte[1 << 16];
        try
        {
            for (int read; (read = input.Read(buffer)) > 0; )
            {
                output.Write(buffer, 0, read);
                if (output.Length > MaxContentBytes)
                {
                    throw new CorruptDataException(place, 0, $"more than {MaxContentBytes} bytes of alerts");
                }
            }
        }
        catch (InvalidDataException exception)
        {
            throw new CorruptDataException(place, 0, $"the alerts cannot be read: {exception.Message}");
        }
        return output.ToArray();
    }

    private static GroupRow Read(byte[] content, string place)
    {
        var reader = new ByteReader(content, place);
        var tickMs = reader.ReadVarint();
        var alerts = new (int, ActiveAlert)[RowBytes.ReadCount(ref reader, MaxAlerts, "alerts")];
        for (var i = 0; i < alerts.Length; i++)
        {
            var rule = (int)Math.Min(reader.ReadUvarint(), int.MaxValue);
            var labels = ReadLabels(ref reader);
            var annotations = ReadLabels(ref reader);
            var state = (AlertState)reader.ReadByte();
            if (state > AlertState.Firing)
            {
                throw reader.Corrupt($"state {(int)state}");
            }
            alerts[i] = (
                rule,
                new ActiveAlert
                {
                    Labels = LabelSet.Of(labels),
                    Annotations = annotations,
                    State = state,
                    Value = BitConverter.UInt64BitsToDouble(reader.ReadUInt64()),
                    ActiveAtMs = reader.ReadVarint(),
                    FiredAtMs = reader.ReadVarint(),
                    ResolvedAtMs = reader.ReadVarint(),
                    KeepFiringSinceMs = reader.ReadVarint(),
                    LastSentMs = reader.ReadVarint(),
                }
            );
        }
        RowBytes.RequireEnd(ref reader);
        return new GroupRow(tickMs, alerts);
    }

    private static void Write(ByteWriter writer, ReadOnlySpan<Label> labels)
    {
        writer.WriteUvarint((ulong)labels.Length);
        foreach (var label in labels)
        {
            writer.WriteString(label.Name);
            writer.WriteString(label.Value);
        }
    }

    private static Label[] ReadLabels(ref ByteReader reader)
    {
        var labels = new Label[RowBytes.ReadCount(ref reader, MaxLabels, "labels")];
        for (var i = 0; i < labels.Length; i++)
        {
            labels[i] = new Label(reader.ReadString(), reader.ReadString());
        }
        return labels;
    }

    private static string NameOf(int piece) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{PieceName}{piece}");
}
