using Tributary.Binary;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Selection;

/// <summary>A log file as far as it was read.</summary>
/// <param name="Decoder">Reads on in it, and decodes its columns.</param>
/// <param name="Parts">Its parts, in order.</param>
/// <param name="ListedBytes">The length up to which it was read.</param>
/// <param name="Problem">What breaks the format; null when nothing does.</param>
internal sealed record ScannedLogFile(
    LogDecoder Decoder,
    LogPart[] Parts,
    long ListedBytes,
    CorruptDataException? Problem
);

/// <summary>The log files that were read last, with their labels, so that only what was appended since is read. Safe for several threads.</summary>
/// <remarks>A log file only ever grows, and its name is never used again.</remarks>
/// <param name="blobs">Where they lie.</param>
/// <param name="maxBytes">Bytes of files to hold; about twice that is memory.</param>
internal sealed class LogFileCache(IBlobStore blobs, long maxBytes)
{
    private readonly Lock gate = new();
    private readonly LinkedList<(LogFileName Name, ScannedLogFile File)> byUse = [];
    private readonly Dictionary<LogFileName, LinkedListNode<(LogFileName Name, ScannedLogFile File)>> known = [];
    private readonly SeriesTable table = new();
    private long usedBytes;

    /// <summary>Bytes of files that are held.</summary>
    public long UsedBytes
    {
        get
        {
            lock (gate)
            {
                return usedBytes;
            }
        }
    }

    /// <summary>A file, at least up to the length that was listed.</summary>
    /// <exception cref="StoreException">The store cannot be used, or the file is gone.</exception>
    public async Task<ScannedLogFile> ReadAsync(PlannedLogFile file, CancellationToken cancellationToken)
    {
        // Whoever takes it out reads on in it; another one at the same time reads it all.
        var earlier = Take(file);
        if (earlier is not null && (earlier.Problem is not null || earlier.ListedBytes >= file.Blob.LengthBytes))
        {
            Keep(file.Name, earlier);
            return earlier;
        }
        var decoder = earlier?.Decoder ?? new LogDecoder(file.Name, table);
        var parts = new List<LogPart>(earlier?.Parts ?? []);
        CorruptDataException? problem = null;
        try
        {
            var length = file.Blob.LengthBytes;
            await LogFileScan.ReadAsync(blobs, file.Name, length, decoder, parts.Add, cancellationToken);
        }
        catch (CorruptDataException exception)
        {
            problem = exception;
        }
        var scanned = new ScannedLogFile(decoder, [.. parts], file.Blob.LengthBytes, problem);
        Keep(file.Name, scanned);
        return scanned;
    }

    private ScannedLogFile? Take(PlannedLogFile file)
    {
        lock (gate)
        {
            return Remove(file.Name);
        }
    }

    private void Keep(LogFileName name, ScannedLogFile file)
    {
        lock (gate)
        {
            Remove(name);
            if (file.ListedBytes > maxBytes)
            {
                return;
            }
            known.Add(name, byUse.AddLast((name, file)));
            usedBytes += file.ListedBytes;
            if (usedBytes <= maxBytes)
            {
                return;
            }
            while (usedBytes > maxBytes)
            {
                Remove(byUse.First!.Value.Name);
            }
            table.Age();
        }
    }

    private ScannedLogFile? Remove(LogFileName name)
    {
        if (!known.Remove(name, out var node))
        {
            return null;
        }
        byUse.Remove(node);
        usedBytes -= node.Value.File.ListedBytes;
        return node.Value.File;
    }
}
