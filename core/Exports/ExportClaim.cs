using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Exports;

/// <summary>The right of one process to run a run: a row that it renews. Who does not is taken for dead after half a minute.</summary>
internal sealed class ExportClaim : IDisposable
{
    /// <summary>A claim that was not renewed for so long is anybody's.</summary>
    public static readonly TimeSpan Duration = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(8);

    private readonly ExportRows rows;
    private readonly SemaphoreSlim writing = new(1);
    private ExportRow row;
    private bool isLost;

    private ExportClaim(ExportRows rows, ExportRow row) => (this.rows, this.row) = (rows, row);

    /// <summary>The row as it was when it was claimed, or renewed last.</summary>
    public ExportRow Row => row;

    /// <summary>Claims a run.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="row">What is known of the run.</param>
    /// <param name="owner">Who claims; nobody else has this text.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Null: somebody else was faster.</returns>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<ExportClaim?> TryTakeAsync(
        ExportRows rows,
        ExportRow row,
        string owner,
        CancellationToken cancellationToken
    ) =>
        await rows.TryWriteAsync(row with { State = ExportState.Running, Owner = owner }, cancellationToken)
            is { } taken
            ? new ExportClaim(rows, taken)
            : null;

    /// <summary>Does the work, and renews the claim meanwhile; when it is lost, the work is ended.</summary>
    /// <exception cref="ExportClaimLostException">It is lost.</exception>
    public async Task<T> WhileAsync<T>(
        Func<CancellationToken, Task<T>> work,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return await Meanwhile.RunAsync(work, RenewAsync, RenewEvery, time, cancellationToken);
        }
        catch (OperationCanceledException) when (isLost && !cancellationToken.IsCancellationRequested)
        {
            throw new ExportClaimLostException();
        }
    }

    /// <summary>Throws when the claim is somebody else's.</summary>
    /// <exception cref="ExportClaimLostException">It is.</exception>
    public async Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!await RenewAsync(cancellationToken))
        {
            throw new ExportClaimLostException();
        }
    }

    /// <summary>Gives the claim back with what became of the run.</summary>
    /// <returns>False: it was somebody else's.</returns>
    public Task<bool> EndAsync(Func<ExportRow, ExportRow> change, CancellationToken cancellationToken) =>
        WriteAsync(change, cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => writing.Dispose();

    private Task<bool> RenewAsync(CancellationToken cancellationToken) => WriteAsync(same => same, cancellationToken);

    /// <summary>One write at a time: each is on the condition of the one before.</summary>
    private async Task<bool> WriteAsync(Func<ExportRow, ExportRow> change, CancellationToken cancellationToken)
    {
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (isLost || row.State is not ExportState.Running)
            {
                return !isLost;
            }
            if (await rows.TryWriteAsync(change(row), cancellationToken) is { } written)
            {
                row = written;
                return true;
            }
            isLost = true;
            return false;
        }
        finally
        {
            writing.Release();
        }
    }
}

/// <summary>Another process has taken over a run.</summary>
internal sealed class ExportClaimLostException() : Exception("another process has taken over this run");
