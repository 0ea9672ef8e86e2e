using Tributary.Configuration;
using Tributary.Storage.Ledger;

namespace Tributary.Federation;

/// <summary>How a source is asked now.</summary>
/// <param name="Mode">The way; null when there is none.</param>
/// <param name="Memory">What is to be remembered.</param>
internal sealed record PullChoice(PullMode? Mode, PullMemory Memory)
{
    /// <summary>Why there is no way, or why it could not be found out; empty when there is one.</summary>
    public string Problem { get; init; } = "";

    /// <summary>Whether that was only found out, and is not something that may pass.</summary>
    public bool IsRefused { get; init; }

    /// <summary>Whether the source has no series yet.</summary>
    public bool IsEmpty { get; init; }
}
