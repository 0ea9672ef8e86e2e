using System.Text;
using Microsoft.Win32.SafeHandles;
using Tributary.Binary;

namespace Tributary.Stores.Local;

/// <summary>Locks that hold across processes and that the kernel releases when a process dies.</summary>
/// <remarks>
/// A fixed number of lock files, which are never deleted (deleting one that another process is about to lock would make two
/// holders), opened without sharing: <c>flock</c> on Unix. Two names may share a lock; no operation takes two.
/// </remarks>
internal sealed class FolderLocks(StoreFolder folder, TimeProvider time)
{
    private const int Stripes = 256;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(20);

    private readonly SemaphoreSlim[] gates = [.. Enumerable.Range(0, Stripes).Select(_ => new SemaphoreSlim(1))];
    private volatile bool proven;

    /// <summary>Takes the lock of a name; disposing gives it back.</summary>
    /// <exception cref="StoreException">Throttled: another process holds it for a minute. Unusable.</exception>
    public async Task<IDisposable> TakeAsync(string operation, string name, CancellationToken cancellationToken)
    {
        var stripe = (int)(Crc32C.Compute(Encoding.UTF8.GetBytes(name)) % Stripes);
        // Within this process the tasks queue here, so that only one of them polls the file.
        await gates[stripe].WaitAsync(cancellationToken);
        try
        {
            var file = await LockFileAsync(stripe, operation, name, cancellationToken);
            return new Held(gates[stripe], file);
        }
        catch
        {
            gates[stripe].Release();
            throw;
        }
    }

    private async Task<SafeFileHandle> LockFileAsync(
        int stripe,
        string operation,
        string name,
        CancellationToken cancellationToken
    )
    {
        var path = Path.Join(folder.Locks, $"{stripe:x2}");
        var start = time.GetTimestamp();
        var pause = TimeSpan.FromMilliseconds(1);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            try
            {
                Prove();
                if (TryLock(path) is { } file)
                {
                    return file;
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw folder.Unusable(operation, name, exception);
            }
            if (time.GetElapsedTime(start) > LongestWait)
            {
                throw folder.Error(
                    StoreError.Throttled,
                    operation,
                    name,
                    $"another process has held the lock '{path}' for {LongestWait.TotalSeconds:f0} s; is it stopped?"
                );
            }
            await Task.Delay(pause, time, cancellationToken);
            pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
        }
    }

    /// <summary>Sees once that locks exclude: a setting of the runtime and some network file systems turn them off.</summary>
    private void Prove()
    {
        if (proven)
        {
            return;
        }
        Directory.CreateDirectory(folder.Locks);
        var probe = Path.Join(folder.Locks, $"probe-{Guid.NewGuid():n}");
        using (var first = TryLock(probe))
        {
            using var second = TryLock(probe);
            File.Delete(probe);
            if (second is not null)
            {
                throw new IOException(
                    "File locks have no effect here (a network file system, or DOTNET_SYSTEM_IO_DISABLEFILELOCKING is set)."
                );
            }
        }
        proven = true;
    }

    private static SafeFileHandle? TryLock(string path)
    {
        try
        {
            return File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException exception) when (IsSharingViolation(exception))
        {
            return null;
        }
    }

    /// <summary>The runtime reports a held lock as EWOULDBLOCK (Linux 11, macOS 35) or as Windows' violations.</summary>
    private static bool IsSharingViolation(IOException exception) =>
        exception.GetType() == typeof(IOException)
        && exception.HResult is 11 or 35 or unchecked((int)0x80070020) or unchecked((int)0x80070021);

    private sealed class Held(SemaphoreSlim gate, SafeFileHandle file) : IDisposable
    {
        public void Dispose()
        {
            file.Dispose();
            gate.Release();
        }
    }
}
