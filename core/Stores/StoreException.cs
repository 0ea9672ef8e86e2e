namespace Tributary.Stores;

/// <summary>A store operation failed. The message names the store, the operation, the blob or row, and what to do.</summary>
public sealed class StoreException(StoreError error, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What may be concluded.</summary>
    public StoreError Error { get; } = error;

    /// <summary>The service's own code for it, such as <c>AuthorizationPermissionMismatch</c>; empty where there is none.</summary>
    public string Code { get; init; } = "";

    /// <summary>The end of the message, which says what to do; empty where that is not apart.</summary>
    public string Advice { get; init; } = "";
}
