using Tributary.Functions.Diagnosis;
using Tributary.Stores;
using Tributary.Tests.Unit.Scraping;
using Tributary.Tests.Unit.Simulation;

namespace Tributary.Tests.Unit.Functions.Diagnosis;

/// <summary>An account in memory that refuses some operations, as one does whose identity lacks a role.</summary>
internal sealed class RefusingScratchStore : ScratchStore
{
    public const string NoPermission = "AuthorizationPermissionMismatch";

    private readonly HashSet<string> refused;

    public RefusingScratchStore(string run, ManualTime time, params IEnumerable<string> refused)
        : base(run)
    {
        this.refused = [.. refused];
        var storage = new SimulatedStorage(time);
        All = storage.ImmediateBlobs();
        Blobs = new RefusingBlobs(this);
        Tables = new RefusingTables(this, storage.ImmediateTables());
    }

    /// <summary>The blobs, with nothing refused.</summary>
    public IBlobStore All { get; }

    public HashSet<string> Containers { get; } = new(StringComparer.Ordinal);

    public HashSet<string> TableNames { get; } = new(StringComparer.Ordinal);

    /// <summary>The code of refusals.</summary>
    public string Code { get; init; } = NoPermission;

    /// <summary>Whether it has a hierarchical namespace.</summary>
    public bool IsHierarchical { get; init; }

    /// <summary>Is called before each operation.</summary>
    public Func<string, Task> OnCall { get; init; } = _ => Task.CompletedTask;

    public override IBlobStore Blobs { get; }

    public override ITableStore Tables { get; }

    public override string Account => "acct";

    public override bool UsesIdentity => true;

    public override async Task MakeContainerAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("make container");
        Containers.Add(name);
    }

    public override async Task DropContainerAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("drop container");
        Containers.Remove(name);
        await foreach (var blob in All.ListAsync(name + "/", cancellationToken))
        {
            await All.DeleteAsync(blob.Name, null, cancellationToken);
        }
    }

    public override async Task<bool> HasContainerAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("look at container");
        return Containers.Contains(name);
    }

    public override async Task<IReadOnlyList<string>> ScratchContainersAsync(CancellationToken cancellationToken)
    {
        await CallAsync("list containers");
        return [.. Containers];
    }

    public override async Task MakeTableAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("make table");
        TableNames.Add(name);
    }

    public override async Task DropTableAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("drop table");
        TableNames.Remove(name);
    }

    public override async Task<bool> HasTableAsync(string name, CancellationToken cancellationToken)
    {
        await CallAsync("look at table");
        return TableNames.Contains(name);
    }

    public override async Task<IReadOnlyList<string>> ScratchTablesAsync(CancellationToken cancellationToken)
    {
        await CallAsync("list tables");
        return [.. TableNames];
    }

    public override Task<bool> IsHierarchicalAsync(string blob, CancellationToken cancellationToken) =>
        Task.FromResult(IsHierarchical);

    private async Task CallAsync(string operation)
    {
        await OnCall(operation);
        if (refused.Contains(operation))
        {
            const string advice = "Ask the administrator.";
            throw new StoreException(StoreError.Denied, $"{operation} failed: 403 {Code}. {advice}")
            {
                Code = Code,
                Advice = advice,
            };
        }
    }

    private sealed class RefusingBlobs(RefusingScratchStore store) : PassingBlobs(store.All)
    {
        public override async Task<BlobInfo> WriteAsync(
            string name,
            ReadOnlyMemory<byte> content,
            WriteCondition condition,
            CancellationToken cancellationToken
        )
        {
            await store.CallAsync("write");
            return await base.WriteAsync(name, content, condition, cancellationToken);
        }

        public override async Task<int> ReadAsync(
            string name,
            long offsetBytes,
            Memory<byte> destination,
            string? ifMatch,
            CancellationToken cancellationToken
        )
        {
            await store.CallAsync("read");
            return await base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
        }

        public override async IAsyncEnumerable<BlobInfo> ListAsync(
            string prefix,
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken
        )
        {
            await store.CallAsync("list");
            await foreach (var blob in base.ListAsync(prefix, cancellationToken))
            {
                yield return blob;
            }
        }

        public override async Task CreateAppendAsync(string name, CancellationToken cancellationToken)
        {
            await store.CallAsync("create");
            await base.CreateAppendAsync(name, cancellationToken);
        }

        public override async Task<long> AppendAsync(
            string name,
            long expectedLengthBytes,
            ReadOnlyMemory<byte> content,
            CancellationToken cancellationToken
        )
        {
            await store.CallAsync("append");
            return await base.AppendAsync(name, expectedLengthBytes, content, cancellationToken);
        }

        public override async Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken)
        {
            await store.CallAsync("seal");
            return await base.SealAsync(name, cancellationToken);
        }

        public override async Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken)
        {
            await store.CallAsync("delete");
            return await base.DeleteAsync(name, ifMatch, cancellationToken);
        }

        public override async Task<string> AcquireLeaseAsync(
            string name,
            TimeSpan duration,
            CancellationToken cancellationToken
        )
        {
            await store.CallAsync("lease");
            return await base.AcquireLeaseAsync(name, duration, cancellationToken);
        }
    }

    private sealed class RefusingTables(RefusingScratchStore store, ITableStore inner) : PassingTables(inner)
    {
        public override async Task<TableRow?> GetAsync(
            string table,
            string partition,
            string row,
            CancellationToken cancellationToken
        )
        {
            await store.CallAsync("get");
            return await base.GetAsync(table, partition, row, cancellationToken);
        }

        public override async Task CommitAsync(
            string table,
            string partition,
            IReadOnlyList<TableWrite> writes,
            CancellationToken cancellationToken
        )
        {
            await store.CallAsync(
                writes.Any(write => write.Action is TableAction.Delete) ? "delete rows"
                : writes.Count > 1 ? "transaction"
                : writes[0].Action is TableAction.Insert ? "insert"
                : "replace"
            );
            await base.CommitAsync(table, partition, writes, cancellationToken);
        }
    }
}
