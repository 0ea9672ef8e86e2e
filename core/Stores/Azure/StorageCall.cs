using Azure.Core;

namespace Tributary.Stores.Azure;

/// <summary>What one call is, for the policies that its request passes: how it is billed, and whether asking twice is safe.</summary>
internal sealed record StorageCall(OperationClass Class, bool Repeatable)
{
    public static StorageCall? Of(HttpMessage message) =>
        message.TryGetProperty(typeof(StorageCall), out var call) ? (StorageCall?)call : null;
}
