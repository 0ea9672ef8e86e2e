using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>A store that passes everything on; what derives from it does one thing wrong.</summary>
internal class PassingBlobs(IBlobStore inner) : IBlobStore
{
    public StoreOperations Operations => inner.Operations;

    protected IBlobStore Inner => inner;

    public virtual Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken) =>
        inner.GetInfoAsync(name, cancellationToken);

    public virtual Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    ) => inner.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);

    public virtual Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => inner.WriteAsync(name, content, condition, cancellationToken);

    public virtual Task StageAsync(
        string name,
        ulong upload,
        long offsetBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => inner.StageAsync(name, upload, offsetBytes, content, cancellationToken);

    public virtual Task<BlobInfo> CommitStagedAsync(
        string name,
        ulong upload,
        long lengthBytes,
        WriteCondition condition,
        CancellationToken cancellationToken
    ) => inner.CommitStagedAsync(name, upload, lengthBytes, condition, cancellationToken);

    public virtual Task CreateAppendAsync(string name, CancellationToken cancellationToken) =>
        inner.CreateAppendAsync(name, cancellationToken);

    public virtual Task<long> AppendAsync(
        string name,
        long expectedLengthBytes,
        ReadOnlyMemory<byte> content,
        CancellationToken cancellationToken
    ) => inner.AppendAsync(name, expectedLengthBytes, content, cancellationToken);

    public virtual Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken) =>
        inner.SealAsync(name, cancellationToken);

    public virtual IAsyncEnumerable<BlobInfo> ListAsync(string prefix, CancellationToken cancellationToken) =>
        inner.ListAsync(prefix, cancellationToken);

    public virtual Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken) =>
        inner.DeleteAsync(name, ifMatch, cancellationToken);

    public virtual Task<string> AcquireLeaseAsync(
        string name,
        TimeSpan duration,
        CancellationToken cancellationToken
    ) => inner.AcquireLeaseAsync(name, duration, cancellationToken);

    public virtual Task RenewLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        inner.RenewLeaseAsync(name, leaseId, cancellationToken);

    public virtual Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken cancellationToken) =>
        inner.ReleaseLeaseAsync(name, leaseId, cancellationToken);
}
