using Tributary.Binary;

namespace Tributary.Storage.Ledger;

/// <summary>Which replica of a source is taken.</summary>
public sealed record ReplicaMemory
{
    /// <summary>Nothing is known.</summary>
    public static readonly ReplicaMemory Empty = new();

    /// <summary>The replica that is taken, as it is called: its label's value, or its address; empty when nothing is known.</summary>
    public string Taken { get; init; } = "";

    /// <summary>When the preferred one failed last, milliseconds since the epoch; 0 for never.</summary>
    public long FailedMs { get; init; }

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteString(Taken);
        writer.WriteVarint(FailedMs);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static ReplicaMemory Decode(ref ByteReader reader) =>
        new() { Taken = reader.ReadString(), FailedMs = reader.ReadVarint() };
}
