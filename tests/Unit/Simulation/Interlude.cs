using System.Runtime.CompilerServices;
using Tributary.Stores;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>Counts the calls of one process, and lets something else happen right before one of them.</summary>
internal sealed class Interlude(int call, Func<Task> happen)
{
    /// <summary>Calls so far.</summary>
    public int Calls { get; private set; }

    public Task BeforeCallAsync() => ++Calls == call ? happen() : Task.CompletedTask;
}

/// <summary>Blobs of a process that something comes in between.</summary>
internal sealed class InterludeBlobs(IBlobStore inner, Interlude interlude) : PassingBlobs(inner)
{
    public override async Task<BlobInfo?> GetInfoAsync(string name, CancellationToken cancellationToken)
    {
        await interlude.BeforeCallAsync();
        return await base.GetInfoAsync(name, cancellationToken);
    }

    public override async Task<int> ReadAsync(
        string name,
        long offsetBytes,
        Memory<byte> destination,
        string? ifMatch,
        CancellationToken cancellationToken
    )
    {
        await interlude.BeforeCallAsync();
        return await base.ReadAsync(name, offsetBytes, destination, ifMatch, cancellationToken);
    }

    public override async Task<BlobInfo> WriteAsync(
        string name,
        ReadOnlyMemory<byte> content,
        WriteCondition condition,
        CancellationToken cancellationToken
    )
    {
        await interlude.BeforeCallAsync();
        return await base.WriteAsync(name, content, condition, cancellationToken);
    }

    public override async Task<BlobInfo> SealAsync(string name, CancellationToken cancellationToken)
    {
        await interlude.BeforeCallAsync();
        return await base.SealAsync(name, cancellationToken);
    }

    public override async IAsyncEnumerable<BlobInfo> ListAsync(
        string prefix,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await interlude.BeforeCallAsync();
        await foreach (var info in base.ListAsync(prefix, cancellationToken))
        {
            yield return info;
        }
    }

    public override async Task<bool> DeleteAsync(string name, string? ifMatch, CancellationToken cancellationToken)
    {
        await interlude.BeforeCallAsync();
        return await base.DeleteAsync(name, ifMatch, cancellationToken);
    }
}

/// <summary>Tables of a process that something comes in between.</summary>
internal sealed class InterludeTables(ITableStore inner, Interlude interlude) : PassingTables(inner)
{
    public override async Task<TableRow?> GetAsync(
        string table,
        string partition,
        string row,
        CancellationToken cancellationToken
    )
    {
        await interlude.BeforeCallAsync();
        return await base.GetAsync(table, partition, row, cancellationToken);
    }

    public override async IAsyncEnumerable<TableRow> QueryAsync(
        string table,
        string partition,
        string? from,
        string? to,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        await interlude.BeforeCallAsync();
        await foreach (var row in base.QueryAsync(table, partition, from, to, cancellationToken))
        {
            yield return row;
        }
    }

    public override async Task CommitAsync(
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes,
        CancellationToken cancellationToken
    )
    {
        await interlude.BeforeCallAsync();
        await base.CommitAsync(table, partition, writes, cancellationToken);
    }
}
