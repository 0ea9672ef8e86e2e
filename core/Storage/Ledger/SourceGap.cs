namespace Tributary.Storage.Ledger;

/// <summary>An interval in which a source was not collected completely.</summary>
/// <param name="FromMs">The last moment before it of which everything is here, milliseconds since the epoch.</param>
/// <param name="ToMs">The first moment behind it of which everything is here.</param>
/// <param name="State">What becomes of it.</param>
/// <param name="Reason">Why it is there, without secrets.</param>
/// <param name="Note">Why it is given up; empty for others.</param>
public sealed record SourceGap(long FromMs, long ToMs, GapState State, string Reason, string Note = "")
{
    /// <summary>The state as people and programs read it.</summary>
    public string StateName =>
        State switch
        {
            GapState.Open => "open",
            GapState.GivenUp => "given up",
            _ => "filled",
        };

    /// <summary>A gap as it is found: open, or given up at once when it cannot be filled.</summary>
    public static SourceGap Of(FoundGap found) =>
        new(
            found.FromMs,
            found.ToMs,
            found.Unfillable.Length == 0 ? GapState.Open : GapState.GivenUp,
            found.Reason,
            found.Unfillable
        );

    /// <summary>Which of two that overlap counts where they do: the higher state; else any, but always the same.</summary>
    internal static SourceGap Stronger(SourceGap one, SourceGap other)
    {
        var order = one.State.CompareTo(other.State);
        order = order != 0 ? order : string.CompareOrdinal(other.Reason, one.Reason);
        order = order != 0 ? order : string.CompareOrdinal(other.Note, one.Note);
        return order >= 0 ? one : other;
    }
}
