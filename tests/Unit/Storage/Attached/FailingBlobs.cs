using System.Runtime.CompilerServices;
using Tributary.Stores;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Storage.Attached;

/// <summary>A store whose lists fail while a test says so.</summary>
internal sealed class FailingBlobs(IBlobStore blobs) : PassingBlobs(blobs)
{
    public bool Fails { get; set; }

    public override async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        if (Fails)
        {
            throw new StoreException(StoreError.Unknown, "down");
        }
        await foreach (var info in Inner.ListAsync(prefix, cancellationToken))
        {
            yield return info;
        }
    }
}
