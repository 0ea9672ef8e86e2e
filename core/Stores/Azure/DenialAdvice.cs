namespace Tributary.Stores.Azure;

/// <summary>What to do about a request that the service understood and refused, by the service's code.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/common-rest-api-error-codes</remarks>
internal static class DenialAdvice
{
    /// <summary>The advice; null for codes that say no more than the status.</summary>
    /// <param name="code">The code.</param>
    /// <param name="account">The account, and how we say who we are.</param>
    /// <param name="who">The identity that asks, as people call it.</param>
    /// <param name="role">The role that the service's operations need.</param>
    public static string? Of(string code, AzureAccount account, string who, string role) =>
        (code, HowAsked(account)) switch
        {
            (ServiceErrors.KeysNotPermitted, _) =>
                $"The account '{account.Name}' takes no keys (allowSharedKeyAccess is false): name it by its URL, "
                    + $"{account.BlobEndpoint.GetLeftPart(UriPartial.Authority)}, and use an identity.",
            (ServiceErrors.NoPermission, Asked.ByIdentity) => $"Give {who} {role} on the account "
                + "(Owner and Contributor are not enough; a new assignment takes some minutes).",
            (ServiceErrors.NoPermission, Asked.BySignature) =>
                "The shared access signature lacks a permission: it needs read, add, create, write, delete, list and update "
                    + "(sp=rwdlacu).",
            ("AuthorizationResourceTypeMismatch", _) =>
                "The shared access signature is not for this kind of resource: it needs service, container and object (srt=sco).",
            ("AuthorizationServiceMismatch", _) =>
                "The shared access signature is not for this service: it needs blobs and tables (ss=bt).",
            ("AuthorizationSourceIPMismatch", _) =>
                "The shared access signature is for other addresses than this machine's (sip).",
            (ServiceErrors.Firewall, Asked.ByIdentity) =>
                "The account's firewall does not let this network in: add this machine's address or the app's subnet to the "
                    + "account's network rules, or use its private endpoint.",
            ("AccountIsDisabled", _) =>
                $"The account '{account.Name}' is disabled: look at the state of its subscription.",
            ("InsufficientAccountPermissions", _) =>
                $"The account '{account.Name}' may only be read: look at the state of its subscription.",
            _ => null,
        };

    private static Asked HowAsked(AzureAccount account) =>
        account.Key is not null ? Asked.ByKey
        : account.SharedAccessSignature is not null ? Asked.BySignature
        : Asked.ByIdentity;

    private enum Asked
    {
        ByKey,
        BySignature,
        ByIdentity,
    }
}
