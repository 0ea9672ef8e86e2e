using Tributary.Binary;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Ledger;

/// <summary>How all samples of a source since the last time are pulled.</summary>
public sealed record PullMemory
{
    private const int MaxRefused = 3;
    private const int MaxReasonChars = 400;

    /// <summary>Before the first pull.</summary>
    public static readonly PullMemory Empty = new();

    /// <summary>Everything up to here was asked for and is in the log, milliseconds since the epoch; 0 before the first pull.</summary>
    public long CursorMs { get; init; }

    /// <summary>
    /// From here on everything up to the cursor was asked for, gaps apart: the beginning of the first pull, milliseconds since
    /// the epoch.
    /// </summary>
    public long SinceMs { get; init; }

    /// <summary>The way that works; null when none was looked for, or none of the lossless ones works.</summary>
    public PullMode? Mode { get; init; }

    /// <summary>The address and port of the server of which this was found out.</summary>
    public string Server { get; init; } = "";

    /// <summary>When its label sets were last compared with those of <c>/federate</c>, milliseconds since the epoch; 0 for never.</summary>
    public long VerifiedMs { get; init; }

    /// <summary>The labels that the source adds to series which it federates.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary>Whether <see cref="ExternalLabels"/> are known.</summary>
    public bool KnowsExternalLabels { get; init; }

    /// <summary>The ways that do not work.</summary>
    public IReadOnlyList<RefusedMode> Refused { get; init; } = [];

    /// <summary>How long behind its newest sample the source may still append, milliseconds; 0 when that is not known.</summary>
    public long OverlapMs { get; init; }

    /// <summary>How many samples the source takes in a second, of those that are asked for; 0 before the first pull.</summary>
    public long SamplesPerSecond { get; init; }

    /// <summary>The most time that one request may ask for, after the source refused more, milliseconds; 0 is no limit.</summary>
    public long SliceMs { get; init; }

    /// <summary>Pulls in a row that failed.</summary>
    public int Failures { get; init; }

    /// <summary>What two processes remember, as one: the cursor that is further, and what was found out later.</summary>
    public PullMemory Merge(PullMemory other)
    {
        var (later, earlier) = LastLookMs >= other.LastLookMs ? (this, other) : (other, this);
        return later with
        {
            CursorMs = Math.Max(CursorMs, other.CursorMs),
            SinceMs =
                CursorMs == 0 ? other.SinceMs
                : other.CursorMs == 0 ? SinceMs
                : Math.Min(SinceMs, other.SinceMs),
            SamplesPerSecond = later.SamplesPerSecond == 0 ? earlier.SamplesPerSecond : later.SamplesPerSecond,
        };
    }

    /// <summary>Why a way does not work; null when nothing speaks against it.</summary>
    public RefusedMode? RefusalOf(PullMode mode)
    {
        foreach (var one in Refused)
        {
            if (one.Mode == mode)
            {
                return one;
            }
        }
        return null;
    }

    /// <summary>The same, with a way that does not work.</summary>
    public PullMemory Refusing(PullMode mode, string reason, long nowMs, bool mayPass = false) =>
        this with
        {
            Mode = Mode == mode ? null : Mode,
            Refused =
            [
                .. Refused.Where(one => one.Mode != mode),
                new RefusedMode(mode, reason.Length <= MaxReasonChars ? reason : reason[..MaxReasonChars], nowMs)
                {
                    MayPass = mayPass,
                },
            ],
        };

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteVarint(CursorMs);
        writer.WriteVarint(SinceMs);
        writer.WriteByte(Mode is { } mode ? (byte)(1 + (byte)mode) : (byte)0);
        writer.WriteString(Server);
        writer.WriteVarint(VerifiedMs);
        writer.WriteByte(KnowsExternalLabels ? (byte)1 : (byte)0);
        SourceMemory.WriteLabels(writer, ExternalLabels);
        writer.WriteUvarint((ulong)Refused.Count);
        foreach (var one in Refused)
        {
            writer.WriteByte((byte)one.Mode);
            writer.WriteString(one.Reason);
            writer.WriteVarint(one.AtMs);
            writer.WriteByte(one.MayPass ? (byte)1 : (byte)0);
        }
        writer.WriteVarint(OverlapMs);
        writer.WriteVarint(SamplesPerSecond);
        writer.WriteVarint(SliceMs);
        writer.WriteUvarint((ulong)Failures);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static PullMemory Decode(ref ByteReader reader)
    {
        var memory = new PullMemory
        {
            CursorMs = reader.ReadVarint(),
            SinceMs = reader.ReadVarint(),
            Mode = reader.ReadByte() is > 0 and var mode ? ModeOf(mode - 1, ref reader) : null,
            Server = reader.ReadString(),
            VerifiedMs = reader.ReadVarint(),
            KnowsExternalLabels = reader.ReadByte() != 0,
            ExternalLabels = SourceMemory.ReadLabels(ref reader),
        };
        var refused = new RefusedMode[RowBytes.ReadCount(ref reader, MaxRefused, "refused modes")];
        for (var i = 0; i < refused.Length; i++)
        {
            refused[i] = new RefusedMode(
                ModeOf(reader.ReadByte(), ref reader),
                reader.ReadString(),
                reader.ReadVarint()
            )
            {
                MayPass = reader.ReadByte() != 0,
            };
        }
        return memory with
        {
            Refused = refused,
            OverlapMs = reader.ReadVarint(),
            SamplesPerSecond = reader.ReadVarint(),
            SliceMs = reader.ReadVarint(),
            Failures = (int)Math.Min(reader.ReadUvarint(), int.MaxValue),
        };
    }

    private long LastLookMs => Math.Max(VerifiedMs, Refused.Select(one => one.AtMs).DefaultIfEmpty().Max());

    private static PullMode ModeOf(int value, ref ByteReader reader) =>
        value <= (int)PullMode.Auto ? (PullMode)value : throw reader.Corrupt($"mode {value}");
}
