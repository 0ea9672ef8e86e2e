namespace Tributary.Stores;

/// <summary>What a caller may conclude from a failed store operation.</summary>
public enum StoreError
{
    /// <summary>Not known whether the operation happened, or it may still happen: time-out, broken connection, 5xx.</summary>
    Unknown,

    /// <summary>The blob, row or table is not there. Nothing happened.</summary>
    NotFound,

    /// <summary>It exists already, has another ETag, or another length. Nothing happened (by this call).</summary>
    ConditionNotMet,

    /// <summary>The append blob is sealed. Nothing happened.</summary>
    Sealed,

    /// <summary>Somebody else holds the lease, or it is lost. Nothing happened.</summary>
    LeaseConflict,

    /// <summary>The service asks to come back later (429, 503 with that meaning). Nothing happened.</summary>
    Throttled,

    /// <summary>Wrong key, missing role, clock skew, unknown account: an operator has to act. Nothing happened.</summary>
    Denied,

    /// <summary>The store cannot be used as it is: unreachable at start, not writable, no space. An operator has to act.</summary>
    Unusable,

    /// <summary>The store refuses the request as malformed or too large: a bug here. Nothing happened.</summary>
    Rejected,
}
