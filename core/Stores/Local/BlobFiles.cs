using Microsoft.Win32.SafeHandles;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>The operations on one blob, as file operations; those that change something run under its lock.</summary>
/// <remarks>
/// The commit point of every change is one write of the sidecar. Bytes are on the disk before it, so a process can die
/// between any two steps: before the commit the bytes are not counted, after it the next operation finishes the rest.
/// </remarks>
internal sealed class BlobFiles(StoreFolder folder, TimeProvider time)
{
    private const FileShare Everything = FileShare.ReadWrite | FileShare.Delete;

    /// <summary>Of a blob whose sidecar, which has its ETag, is damaged.</summary>
    private const string DamagedETag = "damaged";

    /// <summary>The sidecar of a living blob, or null.</summary>
    public Sidecar? Find(string name)
    {
        using var sidecar = SidecarFile.Open(folder, folder.SidecarPath(name), FileAccess.Read);
        return sidecar is { Content.IsDeleted: false } ? sidecar.Content : null;
    }

    /// <summary>
    /// What a list says of a blob, or null. One whose sidecar is damaged is named, as somewhat longer than nothing: who
    /// reads it learns what is wrong, and the blobs beside it are not its victims.
    /// </summary>
    public BlobInfo? FindInfo(string name)
    {
        try
        {
            return Find(name)?.ToInfo(name);
        }
        catch (CorruptDataException)
        {
            var data = new FileInfo(folder.DataPath(name));
            var length = data.Exists ? Math.Max(data.Length, 1) : 1;
            return new BlobInfo(name, length, DamagedETag, File.GetLastWriteTimeUtc(folder.SidecarPath(name)));
        }
    }

    /// <summary>Fills the buffer from the version that the sidecar names; needs no lock.</summary>
    public int Read(string name, long offsetBytes, Span<byte> destination, string? ifMatch)
    {
        for (var attempt = 0; ; attempt++)
        {
            using var sidecar = SidecarFile.Open(folder, folder.SidecarPath(name), FileAccess.Read);
            if (sidecar is not { Content: { IsDeleted: false } content })
            {
                throw NotFound("read", name);
            }
            if (ifMatch is not null && ifMatch != content.ETag)
            {
                throw AnotherETag("read", name, ifMatch, content.ETag);
            }
            using var data = OpenData(name, content, FileAccess.Read);
            // The file is this version's if the blob was not replaced or deleted until it was open.
            var after = sidecar.Read();
            if (after.Generation == content.Generation && !after.IsDeleted)
            {
                return data is null
                    ? throw folder.Corrupt(folder.DataPath(name), 0, "the file with the blob's bytes is missing")
                    : ReadCommitted(name, data, content.LengthBytes, offsetBytes, destination);
            }
            if (attempt == 100)
            {
                throw folder.Error(StoreError.Throttled, "read", name, "it is replaced all the time");
            }
        }
    }

    /// <summary>Puts the bytes of a whole write beside the blob; nobody sees them yet.</summary>
    public ulong Stage(string name, ReadOnlySpan<byte> content)
    {
        var generation = Sidecar.NewGeneration();
        var path = folder.StagingPath(name, generation);
        using var file = folder.InFolderOf(
            path,
            "write",
            name,
            () => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, Everything, FileOptions.None, 0)
        );
        try
        {
            RandomAccess.Write(file, content, 0);
            RandomAccess.FlushToDisk(file);
            return generation;
        }
        catch
        {
            file.Dispose();
            File.Delete(path);
            throw;
        }
    }

    /// <summary>Puts one piece of a whole write beside the blob; the commit sees that it is on the disk.</summary>
    public void StagePiece(string name, ulong generation, long offsetBytes, ReadOnlySpan<byte> piece)
    {
        var path = folder.StagingPath(name, generation);
        using var file = folder.InFolderOf(
            path,
            "stage",
            name,
            () => File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.Write, Everything)
        );
        RandomAccess.Write(file, piece, offsetBytes);
    }

    /// <summary>Sees that the staged pieces are there and on the disk.</summary>
    public void CheckStaged(string name, ulong generation, long lengthBytes)
    {
        using var file = TryOpen(folder.StagingPath(name, generation), FileAccess.ReadWrite);
        var found = file is null ? 0 : RandomAccess.GetLength(file);
        if (file is null || found == 0 || found != lengthBytes)
        {
            throw folder.Error(
                StoreError.Rejected,
                "write",
                name,
                $"{lengthBytes} staged bytes are to be committed, {found} are there"
            );
        }
        RandomAccess.FlushToDisk(file);
    }

    /// <summary>Removes what <see cref="Stage"/> put there.</summary>
    public void Unstage(string name, ulong generation) => File.Delete(folder.StagingPath(name, generation));

    /// <summary>Refuses a whole write whose condition does not hold.</summary>
    public void CheckWrite(string name, WriteCondition condition, Sidecar? current)
    {
        if (condition.MustNotExist && current is not null)
        {
            throw folder.Error(StoreError.ConditionNotMet, "create", name, "it exists already");
        }
        if (condition.IfMatch is { } wanted && wanted != current?.ETag)
        {
            throw AnotherETag("write", name, wanted, current?.ETag);
        }
        CheckLease("write", name, current, condition.LeaseId);
    }

    /// <summary>Makes staged bytes the blob.</summary>
    public BlobInfo CommitWrite(string name, ulong generation, long lengthBytes, WriteCondition condition)
    {
        using var sidecar = OpenForChange(name);
        var current = sidecar?.Content;
        CheckWrite(name, condition, current);
        if (!File.Exists(folder.StagingPath(name, generation)))
        {
            throw folder.Error(
                StoreError.Throttled,
                "write",
                name,
                "its bytes were taken for a killed process's leavings, because this one stood still for long; try again"
            );
        }
        MakeDataFolder("write", name);
        var next = new Sidecar
        {
            Flags = SidecarFlags.None,
            Generation = generation,
            LengthBytes = lengthBytes,
            ModifiedTicks = Now(current),
        };
        if (condition.LeaseId is not null && current is not null)
        {
            next = next with
            {
                Lease = current.Lease,
                LeaseEndTicks = current.LeaseEndTicks,
                LeaseTicks = current.LeaseTicks,
            };
        }
        if (sidecar is null)
        {
            PrepareSidecar(name, next);
            SidecarFile.Publish(folder.SidecarPath(name), next);
        }
        else
        {
            sidecar.Write(next);
            Unstage(name, current!.Generation);
        }
        try
        {
            Settle(name, generation);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The write is committed, and readers find the bytes where they are. On Windows a file that is being read
            // cannot be replaced; a later listing moves it.
        }
        return next.ToInfo(name);
    }

    /// <summary>Makes an empty append blob.</summary>
    public Sidecar CreateAppend(string name)
    {
        using (var sidecar = OpenForChange(name))
        {
            if (sidecar is not null)
            {
                throw folder.Error(StoreError.ConditionNotMet, "create", name, "it exists already");
            }
        }
        var content = new Sidecar
        {
            Flags = SidecarFlags.Append,
            Generation = Sidecar.NewGeneration(),
            ModifiedTicks = Now(null),
        };
        // The prepared sidecar comes first, so that a listing finds what is left of a creation that was killed.
        PrepareSidecar(name, content);
        MakeDataFolder("create", name);
        var path = folder.DataPath(name);
        // A new file, not an old one emptied: somebody may still read a deleted blob of this name.
        folder.InFolderOf(path, "create", name, () => DeleteFile(path));
        folder
            .InFolderOf(
                path,
                "create",
                name,
                () => File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, Everything)
            )
            .Dispose();
        SidecarFile.Publish(folder.SidecarPath(name), content);
        return content;
    }

    /// <summary>Writes behind the committed bytes, over whatever a killed writer left there, and commits the new length.</summary>
    public long Append(string name, long expectedLengthBytes, ReadOnlySpan<byte> content)
    {
        using var sidecar = OpenForChange(name) ?? throw NotFound("append to", name);
        var current = sidecar.Content;
        CheckAppendBlob("append to", name, current);
        if (current.IsSealed)
        {
            throw folder.Error(StoreError.Sealed, "append to", name, "it is sealed");
        }
        if (current.LengthBytes != expectedLengthBytes)
        {
            throw folder.Error(
                StoreError.ConditionNotMet,
                "append to",
                name,
                $"it has {current.LengthBytes} bytes, not {expectedLengthBytes}"
            );
        }
        // Every change of an append blob but the seal is an append.
        if (current.Changes >= StoreLimits.AppendsPerBlob)
        {
            throw folder.Error(
                StoreError.Rejected,
                "append to",
                name,
                $"it has had {current.Changes} appends; begin a new blob"
            );
        }
        CheckLease("append to", name, current, null);
        using (var data = OpenData(name, current, FileAccess.ReadWrite))
        {
            if (data is null || RandomAccess.GetLength(data) < current.LengthBytes)
            {
                throw folder.Corrupt(
                    folder.DataPath(name),
                    data is null ? 0 : RandomAccess.GetLength(data),
                    $"the file is missing or shorter than the blob's {current.LengthBytes} bytes"
                );
            }
            RandomAccess.Write(data, content, current.LengthBytes);
            RandomAccess.FlushToDisk(data);
        }
        var length = current.LengthBytes + content.Length;
        sidecar.Write(
            current with
            {
                LengthBytes = length,
                Changes = current.Changes + 1,
                ModifiedTicks = Now(current),
            }
        );
        return length;
    }

    /// <summary>Ends appending.</summary>
    public BlobInfo Seal(string name)
    {
        using var sidecar = OpenForChange(name) ?? throw NotFound("seal", name);
        var current = sidecar.Content;
        CheckAppendBlob("seal", name, current);
        if (!current.IsSealed)
        {
            CheckLease("seal", name, current, null);
            sidecar.Write(
                current with
                {
                    Flags = current.Flags | SidecarFlags.Sealed,
                    Changes = current.Changes + 1,
                    ModifiedTicks = Now(current),
                }
            );
        }
        return sidecar.Content.ToInfo(name);
    }

    /// <summary>Deletes a blob; the commit is the mark in its sidecar.</summary>
    public bool Delete(string name, string? ifMatch)
    {
        if (ifMatch is null or DamagedETag && FindInfo(name)?.ETag == DamagedETag)
        {
            RemoveDamaged(name);
            return true;
        }
        using var sidecar = OpenForChange(name);
        if (sidecar is null)
        {
            return false;
        }
        var current = sidecar.Content;
        if (ifMatch is not null && ifMatch != current.ETag)
        {
            throw AnotherETag("delete", name, ifMatch, current.ETag);
        }
        CheckLease("delete", name, current, null);
        sidecar.Write(current with { Flags = current.Flags | SidecarFlags.Deleted });
        Remove(name, current.Generation);
        return true;
    }

    /// <summary>Changes the lease: <paramref name="change"/> gets the sidecar and the time.</summary>
    public Sidecar ChangeLease(string operation, string name, Func<Sidecar, DateTimeOffset, Sidecar?> change)
    {
        using var sidecar = OpenForChange(name) ?? throw NotFound(operation, name);
        sidecar.Write(
            change(sidecar.Content, time.GetUtcNow())
                ?? throw folder.Error(
                    StoreError.LeaseConflict,
                    operation,
                    name,
                    "somebody else holds its lease, or the lease is lost"
                )
        );
        return sidecar.Content;
    }

    /// <summary>Finishes what a killed process left of a blob: a deletion, a committed write, a write that never was.</summary>
    public bool Repair(string name, IEnumerable<string> leftFiles)
    {
        ulong? current;
        using (var sidecar = OpenForChange(name))
        {
            current = sidecar?.Content.Generation;
        }
        foreach (var file in leftFiles)
        {
            if (!File.Exists(file))
            {
                continue;
            }
            if (current is { } generation && file == folder.StagingPath(name, generation))
            {
                Settle(name, generation);
            }
            else
            {
                File.Delete(file);
            }
        }
        if (current is null)
        {
            DeleteFile(folder.DataPath(name));
            RemoveEmptyFolders(name);
        }
        return true;
    }

    private SidecarFile? OpenForChange(string name)
    {
        var sidecar = SidecarFile.Open(folder, folder.SidecarPath(name), FileAccess.ReadWrite);
        if (sidecar is not { Content.IsDeleted: true })
        {
            return sidecar;
        }
        using (sidecar)
        {
            Remove(name, sidecar.Content.Generation);
        }
        return null;
    }

    private void PrepareSidecar(string name, Sidecar content)
    {
        var path = folder.SidecarPath(name);
        folder.InFolderOf(path, "create", name, () => SidecarFile.Prepare(path, content));
    }

    private void MakeDataFolder(string operation, string name)
    {
        var path = folder.DataPath(name);
        folder.MakeFolderOf(path, operation, name);
        if (Directory.Exists(path))
        {
            throw folder.Error(StoreError.Rejected, operation, name, "blobs lie in a folder of this name");
        }
    }

    /// <summary>Moves committed bytes to their place; until then readers take them from the staging file.</summary>
    private void Settle(string name, ulong generation)
    {
        var path = folder.DataPath(name);
        folder.InFolderOf(
            path,
            "write",
            name,
            () =>
            {
                File.Move(folder.StagingPath(name, generation), path, overwrite: true);
                return path;
            }
        );
    }

    /// <summary>Nobody can read the blob or write it; what is staged of it is found by a later listing.</summary>
    private void RemoveDamaged(string name)
    {
        DeleteFile(folder.DataPath(name));
        File.Delete(folder.SidecarPath(name));
        RemoveEmptyFolders(name);
    }

    /// <summary>The sidecar goes last: while it stands, the next operation knows that there is something to remove.</summary>
    private void Remove(string name, ulong generation)
    {
        DeleteFile(folder.DataPath(name));
        DeleteFile(folder.StagingPath(name, generation));
        File.Delete(folder.SidecarPath(name));
        RemoveEmptyFolders(name);
    }

    private void RemoveEmptyFolders(string name)
    {
        StoreFolder.RemoveEmptyFoldersOf(folder.DataPath(name), folder.Root);
        StoreFolder.RemoveEmptyFoldersOf(folder.SidecarPath(name), folder.Sidecars);
    }

    private static bool DeleteFile(string path)
    {
        var exists = File.Exists(path);
        if (exists)
        {
            File.Delete(path);
        }
        return exists;
    }

    private SafeFileHandle? OpenData(string name, Sidecar content, FileAccess access)
    {
        var staged = content.IsAppend ? null : TryOpen(folder.StagingPath(name, content.Generation), access);
        return staged ?? TryOpen(folder.DataPath(name), access);
    }

    private static SafeFileHandle? TryOpen(string path, FileAccess access)
    {
        try
        {
            return File.Exists(path) ? File.OpenHandle(path, FileMode.Open, access, Everything) : null;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private int ReadCommitted(
        string name,
        SafeFileHandle data,
        long committedBytes,
        long offsetBytes,
        Span<byte> destination
    )
    {
        var wanted = (int)Math.Clamp(committedBytes - offsetBytes, 0, destination.Length);
        var done = 0;
        while (done < wanted)
        {
            var count = RandomAccess.Read(data, destination[done..wanted], offsetBytes + done);
            if (count == 0)
            {
                throw folder.Corrupt(
                    folder.DataPath(name),
                    offsetBytes + done,
                    $"the file ends here, but the blob has {committedBytes} bytes"
                );
            }
            done += count;
        }
        return done;
    }

    private long Now(Sidecar? before) => Math.Max(time.GetUtcNow().UtcTicks, before?.ModifiedTicks ?? 0);

    private void CheckLease(string operation, string name, Sidecar? current, string? leaseId)
    {
        var held = current is not null && current.IsLeased(time.GetUtcNow()) ? current.Lease.ToString() : null;
        if (held != leaseId)
        {
            throw folder.Error(
                StoreError.LeaseConflict,
                operation,
                name,
                held is null ? "the lease is lost" : "somebody else holds its lease"
            );
        }
    }

    private void CheckAppendBlob(string operation, string name, Sidecar current)
    {
        if (!current.IsAppend)
        {
            throw folder.Error(StoreError.Rejected, operation, name, "it was written whole; it is not an append blob");
        }
    }

    private StoreException NotFound(string operation, string name) =>
        folder.Error(StoreError.NotFound, operation, name, "there is no such blob");

    private StoreException AnotherETag(string operation, string name, string wanted, string? found) =>
        folder.Error(
            StoreError.ConditionNotMet,
            operation,
            name,
            $"ETag '{wanted}' is wanted, {(found is null ? "but there is no such blob" : $"it has '{found}'")}"
        );
}
