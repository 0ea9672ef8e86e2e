using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Tries every operation that a server needs, in a place of the run's own, which is removed behind it.</summary>
/// <param name="store">The store.</param>
/// <param name="time">The clock.</param>
internal sealed class PermissionsCheck(ScratchStore store, TimeProvider time)
{
    /// <summary>A living run is younger.</summary>
    private static readonly TimeSpan LeftAfter = TimeSpan.FromHours(1.5);

    /// <summary>Removing what was made takes this long at most, also when the check is out of time.</summary>
    private static readonly TimeSpan Cleanup = TimeSpan.FromSeconds(10);

    /// <summary>Tries the operations.</summary>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        var blobs = new BlobTrial(store, findings, time);
        await ThenCleanAsync(() => blobs.RunAsync(stop), blobs.CleanAsync, findings);
        var tables = new TableTrial(store, findings);
        await ThenCleanAsync(() => tables.RunAsync(stop), tables.CleanAsync, findings);
        if (!findings.HasFailure)
        {
            await SweepAsync(findings, stop);
        }
    }

    /// <summary>Runs something, and removes what it made, whatever came of it.</summary>
    private async Task ThenCleanAsync(Func<Task> run, Func<CancellationToken, Task> clean, FindingList findings)
    {
        try
        {
            await run();
        }
        finally
        {
            using var limit = new CancellationTokenSource(Cleanup, time);
            try
            {
                await clean(limit.Token);
            }
            catch (Exception exception) when (exception is StoreException or OperationCanceledException)
            {
                var reason = exception is StoreException ? exception.Message : "the store did not answer";
                findings.Warn(
                    $"what was made to try permissions could not be removed: {reason}",
                    $"Remove what begins with {ScratchStore.ContainerPrefix} or {ScratchStore.TablePrefix}, or run the doctor again "
                        + "in two hours: it removes what is left by others."
                );
            }
        }
    }

    /// <summary>Removes what runs left that were killed.</summary>
    private async Task SweepAsync(FindingList findings, CancellationToken stop)
    {
        try
        {
            foreach (var name in await store.ScratchContainersAsync(stop))
            {
                if (IsLeft(name, ScratchStore.ContainerPrefix))
                {
                    await store.DropContainerAsync(name, stop);
                    findings.Ok($"{name}, left by a run that was killed, is removed");
                }
            }
            foreach (var name in await store.ScratchTablesAsync(stop))
            {
                if (IsLeft(name, ScratchStore.TablePrefix))
                {
                    await store.DropTableAsync(name, stop);
                    findings.Ok($"{name}, left by a run that was killed, is removed");
                }
            }
        }
        catch (StoreException exception)
        {
            findings.Skip($"whether an earlier run left something behind: {exception.Message}");
        }
    }

    private bool IsLeft(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && Ulid.TryParse(name[prefix.Length..].ToUpperInvariant(), out var run)
        && time.GetUtcNow().ToUnixTimeMilliseconds() - run.TimeMs > LeftAfter.TotalMilliseconds;
}
