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
                foreach (var (name, info) in infos)
                {
                    if (!isSkipped(name))
                    {
                        await ReadOnAsync(name, info.LengthBytes, cancellationToken);
                    }
                }
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

    private async Task ReadOnAsync(LogFileName name, long length, CancellationToken cancellationToken)
    {
        var file = files.GetOrAdd(name, added => new FollowedFile(new LogDecoder(added, table)));
        var parts = new List<LogPart>();
        for (var from = file.Decoder.OffsetBytes; file.Problem is null && from < length; )
        {
            var bytes = new byte[Math.Min(length - from, LogFormat.MaxFileBytes)];
            var read = await blobs.ReadAsync(name.ToString(), from, bytes, ifMatch: null, cancellationToken);
            try
            {
                file.Decoder.Scan(bytes.AsMemory(0, read), parts);
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
}
