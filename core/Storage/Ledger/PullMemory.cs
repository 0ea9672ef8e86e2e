using Tributary.Binary;

namespace Tributary.Storage.Ledger;

/// <summary>How all samples of a source since the last time are pulled.</summary>
public sealed record PullMemory
{
    /// <summary>Before the first pull.</summary>
    public static readonly PullMemory Empty = new();

    /// <summary>Everything up to here was asked for and is in the log, milliseconds since the epoch; 0 before the first pull.</summary>
    public long CursorMs { get; init; }

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer) => writer.WriteVarint(CursorMs);

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static PullMemory Decode(ref ByteReader reader) => new() { CursorMs = reader.ReadVarint() };
}
