namespace Tributary.Storage.Ledger;

/// <summary>An interval for which a source's data is not here, as it is found.</summary>
/// <param name="FromMs">The last moment before it of which everything is here, milliseconds since the epoch.</param>
/// <param name="ToMs">The first moment behind it of which everything is here.</param>
/// <param name="Reason">Why, without secrets.</param>
public sealed record FoundGap(long FromMs, long ToMs, string Reason)
{
    /// <summary>Why it cannot be filled; empty when it can.</summary>
    public string Unfillable { get; init; } = "";
}
