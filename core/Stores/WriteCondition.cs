namespace Tributary.Stores;

/// <summary>What must hold for a whole write to happen.</summary>
/// <param name="MustNotExist">There must be no blob of that name.</param>
/// <param name="IfMatch">The blob must have this ETag.</param>
/// <param name="LeaseId">The lease that the writer holds; needed while the blob is leased.</param>
public readonly record struct WriteCondition(bool MustNotExist = false, string? IfMatch = null, string? LeaseId = null)
{
    /// <summary>Overwrites whatever is there.</summary>
    public static WriteCondition None => default;

    /// <summary>Only creates.</summary>
    public static WriteCondition Create => new(MustNotExist: true);
}
