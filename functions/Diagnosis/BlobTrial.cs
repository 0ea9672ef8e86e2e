using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Every operation on blobs that a server needs, tried on two blobs of the run's own.</summary>
/// <param name="store">The store.</param>
/// <param name="findings">Gets what was found.</param>
/// <param name="time">The clock.</param>
internal sealed class BlobTrial(ScratchStore store, FindingList findings, TimeProvider time)
{
    private const string Role = "Storage Blob Data Contributor";
    private const string LogContainer = "log";

    /// <summary>What a server writes to from its first minute on.</summary>
    private static readonly string[] Needed = [LogContainer, "blocks", "store", "leases"];

    /// <summary>What it writes to when it is asked to: deletes, snapshots, exports.</summary>
    private static readonly string[] Optional = ["deletes", "snapshots", "exports"];

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(15);

    /// <summary>The store's stamps have whole seconds, and the write itself takes a while.</summary>
    private static readonly TimeSpan SkewToMention = TimeSpan.FromSeconds(30);

    private static readonly ReadOnlyMemory<byte> Content = "tributary doctor"u8.ToArray();

    private readonly Trial trial = new("blobs", Role, store, findings);

    /// <summary>The blobs that may have been made.</summary>
    private readonly List<string> made = [];
    private bool hasContainer;

    /// <summary>Tries them.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        if (await PlaceAsync(stop) is not { } place)
        {
            return;
        }
        var whole = place + "whole";
        var append = place + "append";
        if (await WriteAsync(whole, stop))
        {
            await trial.TryAsync("read", () => ReadAsync(whole, stop));
            await trial.TryAsync("listed", () => ListAsync(place, whole, stop));
            await trial.TryAsync("leased", () => LeaseAsync(whole, stop));
        }
        if (await trial.TryAsync("made for appending", () => CreateAsync(append, stop)))
        {
            await trial.TryAsync("appended to", () => AppendAsync(append, stop));
            await trial.TryAsync("sealed", () => store.Blobs.SealAsync(append, stop));
        }
        if (made.Count > 0)
        {
            await trial.TryAsync("deleted", () => DeleteAsync(stop));
        }
        trial.End();
    }

    /// <summary>Removes what is still there.</summary>
    /// <exception cref="StoreException">It cannot be removed.</exception>
    public async Task CleanAsync(CancellationToken cancellationToken)
    {
        if (hasContainer)
        {
            await store.DropContainerAsync(store.Container, cancellationToken);
            return;
        }
        await DeleteAsync(cancellationToken);
    }

    /// <summary>Where to try: a container of our own, or that of the log where none can be made; null where there is neither.</summary>
    private async Task<string?> PlaceAsync(CancellationToken stop)
    {
        try
        {
            // Also after an unknown outcome there is something to remove.
            hasContainer = true;
            await store.MakeContainerAsync(store.Container, stop);
            return store.Container + "/";
        }
        catch (StoreException exception) when (exception.Error is StoreError.Denied)
        {
            hasContainer = false;
            return await WithoutContainerAsync(exception, stop);
        }
        catch (StoreException exception)
        {
            trial.Fail("no container can be made", exception);
            return null;
        }
    }

    private async Task<string?> WithoutContainerAsync(StoreException denied, CancellationToken stop)
    {
        List<string> missing;
        try
        {
            missing = await MissingAsync(Needed, stop);
        }
        catch (StoreException exception)
        {
            trial.Fail("containers can neither be made nor looked at", exception);
            return null;
        }
        if (missing.Count > 0)
        {
            var commands = missing.Select(name =>
                $"az storage container create --account-name {store.Account} --name {name} --auth-mode login"
            );
            trial.Fail(
                $"no container can be made, and {string.Join(", ", missing)} are not there",
                denied,
                $"Or make them by hand: {string.Join("; ", commands)}."
            );
        }
        else if (await MissingAsync(Optional, stop) is { Count: > 0 } optional)
        {
            findings.Warn(
                $"no container can be made; those that a server needs are there, but not {string.Join(", ", optional)}, which "
                    + "deletes, snapshots and exports write to",
                $"Make them when you use these; or give the role '{Role}' on the account."
            );
        }
        return missing.Contains(LogContainer, StringComparer.Ordinal) ? null : $"{LogContainer}/{store.Container}/";
    }

    private async Task<List<string>> MissingAsync(IEnumerable<string> names, CancellationToken stop)
    {
        var missing = new List<string>();
        foreach (var name in names)
        {
            if (!await store.HasContainerAsync(name, stop))
            {
                missing.Add(name);
            }
        }
        return missing;
    }

    private async Task<bool> WriteAsync(string name, CancellationToken stop)
    {
        BlobInfo? written = null;
        made.Add(name);
        var hasWritten = await trial.TryAsync(
            "written",
            async () => written = await store.Blobs.WriteAsync(name, Content, WriteCondition.Create, stop)
        );
        if (!hasWritten)
        {
            return false;
        }
        var skew = time.GetUtcNow() - written!.LastModified;
        if (written.LastModified != default && skew.Duration() > SkewToMention)
        {
            findings.Warn(
                $"the store's clock says {written.LastModified.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z, this machine's is "
                    + $"{skew.Duration().TotalSeconds:0} s {(skew > TimeSpan.Zero ? "ahead" : "behind")}",
                "Set this machine's clock (timedatectl set-ntp true)."
            );
        }
        try
        {
            if (await store.IsHierarchicalAsync(name, stop))
            {
                findings.Warn(
                    $"the account '{store.Account}' has a hierarchical namespace (Data Lake Storage), for which Tributary is not "
                        + "made: appending, sealing and leases differ there",
                    "Use an account without one (isHnsEnabled: false; az storage account create "
                        + "--enable-hierarchical-namespace false): it cannot be switched off."
                );
            }
        }
        catch (StoreException exception)
        {
            findings.Skip($"whether the account has a hierarchical namespace: {exception.Message}");
        }
        return true;
    }

    private async Task ReadAsync(string name, CancellationToken stop)
    {
        var bytes = new byte[Content.Length + 1];
        var read = await store.Blobs.ReadAsync(name, 0, bytes, null, stop);
        if (!bytes.AsSpan(0, read).SequenceEqual(Content.Span))
        {
            throw new StoreException(StoreError.Unknown, $"'{name}' reads as something else than was written");
        }
    }

    private async Task ListAsync(string place, string name, CancellationToken stop)
    {
        await foreach (var blob in store.Blobs.ListAsync(place, stop))
        {
            if (blob.Name == name)
            {
                return;
            }
        }
        throw new StoreException(StoreError.Unknown, $"a list of '{place}' lacks '{name}', which was written just now");
    }

    private async Task LeaseAsync(string name, CancellationToken stop)
    {
        var lease = await store.Blobs.AcquireLeaseAsync(name, Lease, stop);
        await store.Blobs.RenewLeaseAsync(name, lease, stop);
        await store.Blobs.ReleaseLeaseAsync(name, lease, stop);
    }

    private Task CreateAsync(string name, CancellationToken stop)
    {
        made.Add(name);
        return store.Blobs.CreateAppendAsync(name, stop);
    }

    private async Task AppendAsync(string name, CancellationToken stop)
    {
        var length = await store.Blobs.AppendAsync(name, 0, Content, stop);
        await store.Blobs.AppendAsync(name, length, Content, stop);
    }

    private async Task DeleteAsync(CancellationToken stop)
    {
        foreach (var name in made.ToList())
        {
            await store.Blobs.DeleteAsync(name, ifMatch: null, stop);
            made.Remove(name);
        }
    }
}
