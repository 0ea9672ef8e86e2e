namespace Tributary.Stores;

/// <summary>A store operation failed. The message names the store, the operation, the blob or row, and what to do.</summary>
public sealed class StoreException(StoreError error, string message, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>What may be concluded.</summary>
    public StoreError Error { get; } = error;
}
