using Tributary.Binary;
using Tributary.Storage.Manifest;

namespace Tributary.Storage.Ledger;

/// <summary>Which replica of a source is taken, and which are left alone; of a target, to which source it belongs.</summary>
/// <remarks>It changes only when something happens: a tick like the one before returns the same object.</remarks>
public sealed record ReplicaMemory
{
    private const int MaxFailures = 100;

    /// <summary>Nothing is known.</summary>
    public static readonly ReplicaMemory Empty = new();

    /// <summary>The replica that is taken, as it is called: its label's value, or its address; empty when nothing is known.</summary>
    public string Taken { get; init; } = "";

    /// <summary>When a replica failed last, or another was taken, milliseconds since the epoch; 0 for never.</summary>
    public long FailedMs { get; init; }

    /// <summary>The replicas that failed since they were taken last, or never were good enough, sorted by name.</summary>
    public IReadOnlyList<ReplicaFailure> Failures { get; init; } = [];

    /// <summary>What a target said of itself when it was asked who it is; null for one that was not asked, and for a source.</summary>
    public ReplicaIdentity? Identity { get; init; }

    /// <summary>What another process knows, joined with this: what happened last counts.</summary>
    public ReplicaMemory Merge(ReplicaMemory other)
    {
        var newer = other.FailedMs > FailedMs ? other : this;
        var identity = (other.Identity?.RecognisedMs ?? 0) > (Identity?.RecognisedMs ?? 0) ? other.Identity : Identity;
        return ReferenceEquals(newer.Identity, identity) ? newer : newer with { Identity = identity };
    }

    /// <summary>The failure of a replica; null when it has none.</summary>
    public ReplicaFailure? FailureOf(string replica) =>
        Failures.FirstOrDefault(failure => string.Equals(failure.Replica, replica, StringComparison.Ordinal));

    /// <summary>Writes the record.</summary>
    internal void Encode(ByteWriter writer)
    {
        writer.WriteString(Taken);
        writer.WriteVarint(FailedMs);
        writer.WriteUvarint((ulong)Failures.Count);
        foreach (var failure in Failures)
        {
            writer.WriteString(failure.Replica);
            writer.WriteVarint(failure.AtMs);
            writer.WriteByte(failure.IsDown ? (byte)1 : (byte)0);
            writer.WriteString(failure.Error);
        }
        writer.WriteByte(Identity is null ? (byte)0 : (byte)1);
        Identity?.Encode(writer);
    }

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    internal static ReplicaMemory Decode(ref ByteReader reader)
    {
        var (taken, failedMs) = (reader.ReadString(), reader.ReadVarint());
        var failures = new ReplicaFailure[RowBytes.ReadCount(ref reader, MaxFailures, "replicas that failed")];
        for (var i = 0; i < failures.Length; i++)
        {
            failures[i] = new ReplicaFailure(reader.ReadString(), reader.ReadVarint(), reader.ReadByte() != 0)
            {
                Error = reader.ReadString(),
            };
        }
        return new ReplicaMemory
        {
            Taken = taken,
            FailedMs = failedMs,
            Failures = failures,
            Identity = reader.ReadByte() == 0 ? null : ReplicaIdentity.Decode(ref reader),
        };
    }

    /// <summary>The same with other failures, as many as are kept.</summary>
    internal ReplicaMemory WithFailures(IEnumerable<ReplicaFailure> failures) =>
        this with
        {
            Failures =
            [
                .. failures
                    .OrderByDescending(failure => failure.AtMs)
                    .Take(MaxFailures)
                    .OrderBy(failure => failure.Replica, StringComparer.Ordinal),
            ],
        };
}

/// <summary>A replica that is left alone for the calm period.</summary>
/// <param name="Replica">What it is called.</param>
/// <param name="AtMs">When it failed last, milliseconds since the epoch.</param>
/// <param name="IsDown">Whether it gave nothing at all then.</param>
public sealed record ReplicaFailure(string Replica, long AtMs, bool IsDown)
{
    /// <summary>Longer errors are cut.</summary>
    internal const int MaxErrorChars = 300;

    /// <summary>Why, without secrets.</summary>
    public string Error { get; init; } = "";
}
