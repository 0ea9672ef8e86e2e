using System.Runtime.CompilerServices;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Storage.AppendLog;

/// <summary>A blob store that a test comes between: it sees every call, and decides when and how it ends.</summary>
internal sealed class ScriptedBlobs(IBlobStore blobs) : IBlobStore
{
    /// <summary>Is handed each call (<c>append</c>, …), its blob, and what the store would do.</summary>
    public Func<string, string, Func<Task>, Task> OnCall { get; set; } = (_, _, effect) => effect();

    /// <summary>The calls so far, as <c>operation blob</c>.</summary>
    public List<string> Calls { get; } = [];

    public StoreOperations Operations => blobs.Operations;

    public static StoreException Error(StoreError error) => new(error, $"scripted: {error}");

    public Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken) =>
        CallAsync("info", name, () => blobs.GetInfoAsync(name, cancellationToken));

    public Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    ) => CallAsync("read", name, () => blobs.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken));

    public Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => CallAsync("write", name, () => blobs.WriteAsync(name, content, condition, cancellationToken));

    public Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            "stage",
            name,
            async () =>
            {
                await blobs.StageAsync(name, upload, offsetBytes, content, cancellationToken);
                return true;
            }
        );

    public Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) =>
        CallAsync(
            "commit",
            name,
            () => blobs.CommitStagedAsync(name, upload, lengthBytes, condition, cancellationToken)
        );

    public Task CreateAppendAsync(string name, CancellationToken cancellationToken) =>
        CallAsync(
            "create",
            name,
            async () =>
            {
                await blobs.CreateAppendAsync(name, cancellationToken);
                return true;
            }
        );

    public Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => CallAsync("append", name, () => blobs.AppendAsync(name, expectedLengthBytes, content, cancellationToken));

    public Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken) =>
        CallAsync("seal", name, () => blobs.SealAsync(name, cancellationToken));

    public async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        var infos = await CallAsync(
            "list",
            prefix,
            async () =>
            {
                var found = new List<BlobInfo>();
                await foreach (var info in blobs.ListAsync(prefix, cancellationToken))
                {
                    found.Add(info);
                }
                return found;
            }
        );
        foreach (var info in infos)
        {
            yield return info;
        }
    }

    public Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken) =>
        CallAsync("delete", name, () => blobs.DeleteAsync(name, ifMatch, cancellationToken));

    public Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken cancellationToken) =>
        blobs.AcquireLeaseAsync(name, duration, cancellationToken);

    public Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        blobs.RenewLeaseAsync(name, leaseId, cancellationToken);

    public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        blobs.ReleaseLeaseAsync(name, leaseId, cancellationToken);

    private async Task<T> CallAsync<T>(string operation, string name, Func<Task<T>> call)
    {
        lock (Calls)
        {
            Calls.Add($"{operation} {name}");
        }
        var result = default(T);
        await OnCall(operation, name, async () => result = await call());
        return result!;
    }
}
