using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Manifest;

/// <summary>Lists log files.</summary>
internal static class LogListing
{
    /// <summary>The files of all windows that a range touches, by name; one list.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    public static async Task<List<PlannedLogFile>> OfAsync(
        IBlobStore blobs,
        TimeRange range,
        CancellationToken cancellationToken
    )
    {
        var files = new List<PlannedLogFile>();
        if (range.MaxMs < 0 || range.MinMs > range.MaxMs)
        {
            return files;
        }
        var first = Window.Of(Math.Max(0, range.MinMs));
        var last = Window.Of(range.MaxMs);
        await foreach (var blob in blobs.ListAsync(CommonPrefix(first, last), cancellationToken))
        {
            if (
                LogFileName.TryParse(blob.Name, out var name)
                && name.Window.CompareTo(first) >= 0
                && name.Window.CompareTo(last) <= 0
            )
            {
                files.Add(new PlannedLogFile(name, blob));
            }
        }
        return files;
    }

    /// <summary>All files of the log, by name.</summary>
    public static Task<List<PlannedLogFile>> AllAsync(IBlobStore blobs, CancellationToken cancellationToken) =>
        OfAsync(blobs, new TimeRange(0, long.MaxValue), cancellationToken);

    /// <summary>What all names between begin with; starts of different lengths share no digits.</summary>
    private static string CommonPrefix(Window first, Window last)
    {
        var (from, to) = (LogFileName.PrefixOf(first), LogFileName.PrefixOf(last));
        return from.Length == to.Length ? from[..from.AsSpan().CommonPrefixLength(to)] : LogFileName.Prefix;
    }
}
