namespace Tributary.Stores.Azure;

/// <summary>What the service's error codes mean to a caller.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/blob-service-error-codes and …/table-service-error-codes</remarks>
internal static class ServiceErrors
{
    /// <summary>The container or table itself is missing: it is made, and the call repeated.</summary>
    public const string ContainerNotFound = "ContainerNotFound";

    public const string TableNotFound = "TableNotFound";

    public const string BlobIsSealed = "BlobIsSealed";

    /// <summary>The account takes no keys.</summary>
    public const string KeysNotPermitted = "KeyBasedAuthenticationNotPermitted";

    /// <summary>Who asks is known, and has no role (or a signature without the permission).</summary>
    public const string NoPermission = "AuthorizationPermissionMismatch";

    /// <summary>Whoever asks, not from this network.</summary>
    public const string Firewall = "AuthorizationFailure";

    /// <summary>The account has a hierarchical namespace, with which the operation does not work.</summary>
    public const string HierarchicalNamespace = "FeatureNotYetSupportedForHierarchicalNamespaceAccounts";

    /// <summary>Only codes for which the status alone would mislead; all others go by their status.</summary>
    private static readonly Dictionary<string, StoreError> ByCode = new(StringComparer.Ordinal)
    {
        ["BlobNotFound"] = StoreError.NotFound,
        [ContainerNotFound] = StoreError.NotFound,
        ["ResourceNotFound"] = StoreError.NotFound,
        ["EntityNotFound"] = StoreError.NotFound,
        [TableNotFound] = StoreError.NotFound,
        ["BlobAlreadyExists"] = StoreError.ConditionNotMet,
        ["EntityAlreadyExists"] = StoreError.ConditionNotMet,
        ["ConditionNotMet"] = StoreError.ConditionNotMet,
        ["TargetConditionNotMet"] = StoreError.ConditionNotMet,
        ["UpdateConditionNotSatisfied"] = StoreError.ConditionNotMet,
        ["AppendPositionConditionNotMet"] = StoreError.ConditionNotMet,
        [BlobIsSealed] = StoreError.Sealed,
        ["LeaseAlreadyPresent"] = StoreError.LeaseConflict,
        ["LeaseAlreadyBroken"] = StoreError.LeaseConflict,
        ["LeaseIdMissing"] = StoreError.LeaseConflict,
        ["LeaseIdMismatchWithBlobOperation"] = StoreError.LeaseConflict,
        ["LeaseIdMismatchWithLeaseOperation"] = StoreError.LeaseConflict,
        ["LeaseIsBreakingAndCannotBeAcquired"] = StoreError.LeaseConflict,
        ["LeaseIsBreakingAndCannotBeChanged"] = StoreError.LeaseConflict,
        ["LeaseIsBrokenAndCannotBeRenewed"] = StoreError.LeaseConflict,
        ["LeaseLost"] = StoreError.LeaseConflict,
        ["LeaseNotPresentWithBlobOperation"] = StoreError.LeaseConflict,
        ["LeaseNotPresentWithLeaseOperation"] = StoreError.LeaseConflict,
        ["ServerBusy"] = StoreError.Throttled,
        ["TooManyRequests"] = StoreError.Throttled,
        // A deleted container's or table's name is free again after half a minute or more.
        ["ContainerBeingDeleted"] = StoreError.Throttled,
        ["TableBeingDeleted"] = StoreError.Throttled,
        ["AccountBeingCreated"] = StoreError.Throttled,
        ["InvalidAuthenticationInfo"] = StoreError.Denied,
    };

    /// <summary>The meaning of an answer that is not a success.</summary>
    public static StoreError Meaning(int status, string code) =>
        ByCode.TryGetValue(code, out var known)
            ? known
            : status switch
            {
                401 or 403 => StoreError.Denied,
                // Without a code of the service's own, a gateway on the way may have answered.
                404 or 412 or 429 when code.Length == 0 => StoreError.Unknown,
                404 => StoreError.NotFound,
                412 => StoreError.ConditionNotMet,
                429 => StoreError.Throttled,
                408 or >= 500 => StoreError.Unknown,
                // A redirect or an answer that no storage service gives: someone else answered.
                < 400 => StoreError.Unknown,
                _ => StoreError.Rejected,
            };
}
