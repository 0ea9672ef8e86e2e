using System.Collections.Concurrent;
using Tributary.Binary;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>Reads what other writers have put into the log's recent windows, by ranged reads from the known lengths.</summary>
/// <remarks>A file that does not follow the format is left at the place of the error, named in <see cref="Problems"/>.</remarks>
/// <param name="blobs">Where the log lies.</param>
/// <param name="table">Makes equal series one object.</param>
/// <param name="lister">Lists it; null for one that nobody shares.</param>
internal sealed class LogFollower(IBlobStore blobs, SeriesTable table, LogLister? lister = null)
{
    private const int MaxPlans = 3;

    private readonly LogLister lister = lister ?? new LogLister(blobs);

    /// <summary>Files that are read at once: most of a start is waiting for the store.</summary>
    private const int MaxReads = 8;

    /// <summary>Bytes of files that are read ahead of the one that is taken in.</summary>
    private const long MaxAheadBytes = 16 * 1024 * 1024;

    private readonly ConcurrentDictionary<LogFileName, FollowedFile> files = [];

    private volatile HashSet<LogFileName> listed = [];

    /// <summary>What was read and not returned yet, because the reading after it failed.</summary>
    private List<FollowedParts> found = [];

    /// <summary>What is wrong with which file; may be asked for while files are read.</summary>
    public IReadOnlyDictionary<LogFileName, string> Problems =>
        files.Where(file => file.Value.Problem is not null).ToDictionary(file => file.Key, file => file.Value.Problem!);

    /// <summary>Files known.</summary>
    public int Count => files.Count;

    /// <summary>Whether a file was there at the last reading.</summary>
    public bool IsListed(LogFileName name) => listed.Contains(name);

    /// <summary>How far a file was read; 0 when it is not known.</summary>
    public long OffsetOf(LogFileName name) => files.TryGetValue(name, out var file) ? file.Decoder.OffsetBytes : 0;

    /// <summary>Reads on, in all files of the windows.</summary>
    /// <param name="windows">The windows, in order.</param>
    /// <param name="isSkipped">Files that are not read: the caller knows what is in them.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>The parts that became complete, by file in the order of names, in each file in its order.</returns>
    /// <exception cref="StoreException">
    /// The store cannot be used, or files vanish while they are read, again and again; the next call returns what was found
    /// until then, too.
    /// </exception>
    public async Task<IReadOnlyList<FollowedParts>> ReadOnAsync(
        IReadOnlyList<Window> windows,
        Func<LogFileName, bool> isSkipped,
        CancellationToken cancellationToken
    )
    {
        for (var plan = 1; ; plan++)
        {
            var infos = await ListAsync(windows, cancellationToken);
            listed = infos.Keys.ToHashSet();
            foreach (var gone in files.Keys.Where(known => !infos.ContainsKey(known)).ToList())
            {
                files.TryRemove(gone, out _);
            }
            try
            {
                await ReadOnAsync([.. infos.Where(one => !isSkipped(one.Key))], cancellationToken);
                var complete = found;
                found = [];
                return complete;
            }
            catch (StoreException exception) when (exception.Error == StoreError.NotFound && plan < MaxPlans)
            {
                // Deleted between list and read: what it held is elsewhere by now, so plan anew.
            }
        }
    }

    /// <summary>The recent files with their lengths, by name.</summary>
    private async Task<SortedDictionary<LogFileName, BlobInfo>> ListAsync(
        IReadOnlyList<Window> windows,
        CancellationToken cancellationToken
    )
    {
        var infos = new SortedDictionary<LogFileName, BlobInfo>(
            Comparer<LogFileName>.Create(
                (a, b) => a.Window != b.Window ? a.Window.CompareTo(b.Window) : a.Writer.CompareTo(b.Writer)
            )
        );
        foreach (var (name, info) in (await lister.ListAsync(windows[0], windows[^1], cancellationToken)).Files)
        {
            infos[name] = info;
        }
        return infos;
    }

    /// <summary>Reads files on, several at once, and takes them in one after the other.</summary>
    private async Task ReadOnAsync(
        IReadOnlyList<KeyValuePair<LogFileName, BlobInfo>> all,
        CancellationToken cancellationToken
    )
    {
        var ahead = new Queue<Reading>();
        var bytes = 0L;
        var next = 0;
        try
        {
            while (ahead.Count > 0 || next < all.Count)
            {
                while (next < all.Count && ahead.Count < MaxReads && (ahead.Count == 0 || bytes < MaxAheadBytes))
                {
                    var (name, info) = all[next++];
                    var begun = Begin(name, info.LengthBytes, cancellationToken);
                    if (begun.Length > begun.From)
                    {
                        bytes += begun.Length - begun.From;
                        ahead.Enqueue(begun);
                    }
                }
                if (ahead.TryPeek(out var first))
                {
                    await TakeAsync(first, cancellationToken);
                    bytes -= first.Length - first.From;
                    ahead.Dequeue();
                }
            }
        }
        finally
        {
            // Nobody awaits these any more; what breaks in them breaks in the next reading, too.
            await Task.WhenAll(ahead.Select<Reading, Task>(one => one.First))
                .ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
                );
        }
    }

    private Reading Begin(LogFileName name, long length, CancellationToken cancellationToken)
    {
        var file = files.GetOrAdd(name, added => new FollowedFile(new LogDecoder(added, table)));
        var from = file.Decoder.OffsetBytes;
        return file.Problem is not null || from >= length
            ? new Reading(name, file, from, from, Task.FromResult((ReadOnlyMemory<byte>.Empty, (string?)null)))
            : new Reading(name, file, from, length, ReadAsync(name, from, length, cancellationToken));
    }

    private async Task<(ReadOnlyMemory<byte> Bytes, string? Problem)> ReadAsync(
        LogFileName name,
        long from,
        long length,
        CancellationToken cancellationToken
    )
    {
        var bytes = new byte[Math.Min(length - from, LogFormat.MaxFileBytes)];
        var (read, damage) = await LogPiece.ReadAsync(blobs, name.ToString(), from, bytes, cancellationToken);
        return (bytes.AsMemory(0, read), damage?.Message);
    }

    private async Task TakeAsync(Reading reading, CancellationToken cancellationToken)
    {
        var file = reading.File;
        var parts = new List<LogPart>();
        var (bytes, problem) = await reading.First;
        for (var from = reading.From; ; )
        {
            try
            {
                file.Decoder.Scan(bytes, parts);
                file.Problem = problem;
            }
            catch (CorruptDataException exception)
            {
                file.Problem = exception.Message;
            }
            if (file.Decoder.OffsetBytes == from)
            {
                break;
            }
            from = file.Decoder.OffsetBytes;
            if (file.Problem is not null || from >= reading.Length)
            {
                break;
            }
            (bytes, problem) = await ReadAsync(reading.Name, from, reading.Length, cancellationToken);
        }
        if (parts.Count == 0)
        {
            return;
        }
        // One entry a file, so that its columns are planned together.
        var earlier = found.FindIndex(one => one.File == file);
        if (earlier >= 0)
        {
            found[earlier] = new FollowedParts(file, [.. found[earlier].Parts, .. parts]);
        }
        else
        {
            found.Add(new FollowedParts(file, parts));
        }
    }

    /// <summary>A file whose next bytes are being read.</summary>
    /// <param name="Name">The file.</param>
    /// <param name="File">How far it was read.</param>
    /// <param name="From">Where the reading begins.</param>
    /// <param name="Length">Where it ends.</param>
    /// <param name="First">The bytes, or as many as are read at once, and what is wrong behind them.</param>
    private sealed record Reading(
        LogFileName Name,
        FollowedFile File,
        long From,
        long Length,
        Task<(ReadOnlyMemory<byte> Bytes, string? Problem)> First
    );
}
