namespace Tributary.Storage.Ledger;

/// <summary>What becomes of a gap; a greater number stands above a smaller one when two processes disagree.</summary>
public enum GapState : byte
{
    /// <summary>It is to be filled.</summary>
    Open = 0,

    /// <summary>It stays: it cannot be filled, or not any more.</summary>
    GivenUp = 1,

    /// <summary>Everything that the source had is stored.</summary>
    Filled = 2,
}
