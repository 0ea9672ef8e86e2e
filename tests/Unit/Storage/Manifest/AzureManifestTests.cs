using System.Runtime.CompilerServices;
using Tributary.Stores;
using Tributary.Stores.Azure;
using Tributary.Tests.Unit.Simulation;
using Tributary.Tests.Unit.Stores;

namespace Tributary.Tests.Unit.Storage.Manifest;

/// <summary>The manifest on Azurite; each test has names of its own, because all share one account.</summary>
public sealed class AzureManifestTests(AzuriteFixture azurite) : ManifestContract
{
    protected override async Task<(IBlobStore Blobs, ITableStore Tables)> CreateAsync()
    {
        var account = await azurite.AccountAsync();
        var own = Guid.NewGuid().ToString("N")[..12];
        return (
            new OwnBlobs(new AzureBlobStore(account, TimeProvider.System), own),
            new OwnTables(new AzureTableStore(account, TimeProvider.System), own)
        );
    }

    private sealed class OwnTables(ITableStore inner, string own) : PassingTables(inner)
    {
        public override Task<TableRow?> GetAsync(string table, string partition, string row, CancellationToken token) =>
            base.GetAsync(table + own, partition, row, token);

        public override IAsyncEnumerable<TableRow> QueryAsync(
            string table,
            string partition,
            string? from,
            string? to,
            CancellationToken token
        ) => base.QueryAsync(table + own, partition, from, to, token);

        public override Task CommitAsync(
            string table,
            string partition,
            IReadOnlyList<TableWrite> writes,
            CancellationToken token
        ) => base.CommitAsync(table + own, partition, writes, token);
    }

    /// <summary>Puts the test's own mark before the container's name.</summary>
    private sealed class OwnBlobs(IBlobStore inner, string own) : IBlobStore
    {
        public StoreOperations Operations => inner.Operations;

        public async Task<BlobInfo?> GetInfoAsync(string name, CancellationToken token) =>
            await inner.GetInfoAsync(own + name, token) is { } info ? Shown(info) : null;

        public Task<int> ReadAsync(string name, long at, Memory<byte> into, string? ifMatch, CancellationToken token) =>
            inner.ReadAsync(own + name, at, into, ifMatch, token);

        public async Task<BlobInfo> WriteAsync(
            string name,
            ReadOnlyMemory<byte> content,
            WriteCondition condition,
            CancellationToken token
        ) => Shown(await inner.WriteAsync(own + name, content, condition, token));

        public Task StageAsync(
            string name,
            ulong upload,
            long offset,
            ReadOnlyMemory<byte> content,
            CancellationToken token
        ) => inner.StageAsync(own + name, upload, offset, content, token);

        public async Task<BlobInfo> CommitStagedAsync(
            string name,
            ulong upload,
            long length,
            WriteCondition condition,
            CancellationToken token
        ) => Shown(await inner.CommitStagedAsync(own + name, upload, length, condition, token));

        public Task CreateAppendAsync(string name, CancellationToken token) =>
            inner.CreateAppendAsync(own + name, token);

        public Task<long> AppendAsync(
            string name,
            long expected,
            ReadOnlyMemory<byte> content,
            CancellationToken token
        ) => inner.AppendAsync(own + name, expected, content, token);

        public async Task<BlobInfo> SealAsync(string name, CancellationToken token) =>
            Shown(await inner.SealAsync(own + name, token));

        public async IAsyncEnumerable<BlobInfo> ListAsync(
            string prefix,
            [EnumeratorCancellation] CancellationToken token
        )
        {
            await foreach (var info in inner.ListAsync(own + prefix, token))
            {
                yield return Shown(info);
            }
        }

        public Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken token) =>
            inner.DeleteAsync(own + name, ifMatch, token);

        public Task<string> AcquireLeaseAsync(string name, TimeSpan duration, CancellationToken token) =>
            inner.AcquireLeaseAsync(own + name, duration, token);

        public Task RenewLeaseAsync(string name, string leaseId, CancellationToken token) =>
            inner.RenewLeaseAsync(own + name, leaseId, token);

        public Task ReleaseLeaseAsync(string name, string leaseId, CancellationToken token) =>
            inner.ReleaseLeaseAsync(own + name, leaseId, token);

        private BlobInfo Shown(BlobInfo info) => info with { Name = info.Name[own.Length..] };
    }
}
