using System.Collections.Immutable;
using Tributary.Model;
using Tributary.Stores;

namespace Tributary.Storage.AppendLog;

/// <summary>Lists the log, and remembers what it saw for those who can do with a list that is some seconds old.</summary>
/// <remarks>A list costs as much as a write, and the ten queries of a dashboard need the same one. Safe for several threads.</remarks>
/// <param name="blobs">Where the log lies.</param>
/// <param name="time">The clock of ages; not needed without <see cref="MaxAge"/>.</param>
public sealed class LogLister(IBlobStore blobs, TimeProvider? time = null)
{
    /// <summary>The age of a list as long as nothing can have come to the log but by this process.</summary>
    private static readonly TimeSpan QuietAge = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private long begun;
    private Listing? last;

    /// <summary>How old a list may be for those who plan with it. Zero: each plan makes its own.</summary>
    public TimeSpan MaxAge { get; init; }

    /// <summary>Whether only this process writes to the log.</summary>
    public Func<bool> IsQuiet { get; set; } = () => false;

    /// <summary>The files that the head has samples of at this moment.</summary>
    internal Func<ImmutableHashSet<LogFileName>> Known { get; set; } = () => [];

    /// <summary>The number of the list that was begun last: what is learned now is older than lists of higher numbers.</summary>
    internal long Begun
    {
        get
        {
            lock (gate)
            {
                return begun;
            }
        }
    }

    /// <summary>Lists the files of some windows now.</summary>
    /// <exception cref="StoreException">The store cannot be used.</exception>
    internal async Task<LogList> ListAsync(Window first, Window last, CancellationToken cancellationToken)
    {
        var listing = new Listing(first, last, time?.GetTimestamp() ?? 0);
        long number;
        lock (gate)
        {
            number = ++begun;
            this.last = listing;
        }
        LogList? list = null;
        try
        {
            list = await ReadAsync(number, first, last, cancellationToken);
            return list;
        }
        finally
        {
            listing.Made.SetResult(list);
        }
    }

    /// <summary>The last list, also one under way, if it has all of some windows and is young enough; else null.</summary>
    internal async Task<LogList?> RecentAsync(Window first, Window last, CancellationToken cancellationToken)
    {
        Listing? listing;
        lock (gate)
        {
            listing = this.last;
        }
        if (
            time is null
            || MaxAge <= TimeSpan.Zero
            || listing is null
            || listing.First.CompareTo(first) > 0
            || listing.Last.CompareTo(last) < 0
            || time.GetElapsedTime(listing.Began) > (IsQuiet() ? QuietAge : MaxAge)
        )
        {
            return null;
        }
        var list = await listing.Made.Task.WaitAsync(cancellationToken);
        // Without a file that this process has begun since, the head would be taken for one of another time.
        return list is not null && Known().All(file => list.Names.Contains(file) || list.Known.Contains(file))
            ? list
            : null;
    }

    private async Task<LogList> ReadAsync(long number, Window first, Window last, CancellationToken cancellationToken)
    {
        var known = Known();
        var files = new List<(LogFileName Name, BlobInfo Blob)>();
        await foreach (var blob in blobs.ListAsync(CommonPrefix(first, last), cancellationToken))
        {
            if (
                LogFileName.TryParse(blob.Name, out var name)
                && name.Window.CompareTo(first) >= 0
                && name.Window.CompareTo(last) <= 0
            )
            {
                files.Add((name, blob));
            }
        }
        return new LogList(number, files, known);
    }

    /// <summary>What all names between begin with; starts of different lengths share no digits.</summary>
    private static string CommonPrefix(Window first, Window last)
    {
        var (from, to) = (LogFileName.PrefixOf(first), LogFileName.PrefixOf(last));
        return from.Length == to.Length ? from[..from.AsSpan().CommonPrefixLength(to)] : LogFileName.Prefix;
    }

    /// <summary>A list, made or under way; null when it could not be made.</summary>
    private sealed record Listing(Window First, Window Last, long Began)
    {
        public TaskCompletionSource<LogList?> Made { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
