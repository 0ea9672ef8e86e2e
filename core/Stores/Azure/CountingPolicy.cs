using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>Counts each request as it goes out, attempts included.</summary>
internal sealed class CountingPolicy(StoreOperations operations) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (StorageCall.Of(message) is { } call)
        {
            operations.Count(call.Class);
        }
    }
}
