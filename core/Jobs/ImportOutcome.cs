namespace Tributary.Jobs;

/// <summary>What became of a block that was to be imported.</summary>
public enum ImportOutcome
{
    /// <summary>Its samples count from now on.</summary>
    Imported = 1,

    /// <summary>All its samples were in the store before; nothing was changed.</summary>
    AlreadyThere = 2,

    /// <summary>It was not taken.</summary>
    Refused = 3,
}
