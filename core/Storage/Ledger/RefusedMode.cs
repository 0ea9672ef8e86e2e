using Tributary.Configuration;

namespace Tributary.Storage.Ledger;

/// <summary>A way to pull that does not work at a source.</summary>
/// <param name="Mode">The way.</param>
/// <param name="Reason">Why not, without secrets.</param>
/// <param name="AtMs">When that was found, milliseconds since the epoch.</param>
public sealed record RefusedMode(PullMode Mode, string Reason, long AtMs)
{
    /// <summary>Whether it may be the server that does not work, and not the way.</summary>
    public bool MayPass { get; init; }
}
