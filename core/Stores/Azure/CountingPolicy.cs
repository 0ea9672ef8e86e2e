using Azure.Core;
using Azure.Core.Pipeline;

namespace Tributary.Stores.Azure;

/// <summary>Counts each request as it goes out, attempts included, and what it carries to a blob.</summary>
internal sealed class CountingPolicy(StoreOperations operations) : HttpPipelineSynchronousPolicy
{
    public override void OnSendingRequest(HttpMessage message)
    {
        if (StorageCall.Of(message) is { } call)
        {
            var bytes = 0L;
            if (call.Class is OperationClass.BlobWrite)
            {
                message.Request.Content?.TryComputeLength(out bytes);
            }
            operations.Count(call.Class, bytes);
        }
    }
}
