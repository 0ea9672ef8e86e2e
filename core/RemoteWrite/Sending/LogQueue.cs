using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.RemoteWrite.Sending;

/// <summary>The log as the queue of one destination: what it has not taken yet, part by part, by tick.</summary>
/// <remarks>
/// The files of several writers are merged by tick, so that samples go out about in the order in which they were
/// collected; those of one writer keep their order. Of two batches of one identity the first is taken: the better verdict
/// when both are there, and otherwise the one that is there. The other is passed in the same or a later step, so that a
/// cursor never says that the one that counts was taken when it was not.
/// </remarks>
/// <param name="blobs">Where the log lies.</param>
/// <param name="series">Makes equal series one object.</param>
internal sealed class LogQueue(IBlobStore blobs, SeriesTable series)
{
    /// <summary>Samples may lie so far ahead of their tick.</summary>
    private const long AheadMs = 10 * 60 * 1000;

    /// <summary>Windows that are kept open though nothing is left of them: to open one is to read all of it.</summary>
    private const int KeptWindows = 4;

    /// <summary>After so many looks at the log an idle window is closed, but for the last two.</summary>
    private const int IdlePlans = 60;

    private const int RecentWindows = 2;

    private readonly SortedDictionary<Window, QueuedWindow> open = [];
    private readonly List<QueuedSample> decoded = [];
    private readonly List<QueuedSample> wanted = [];

    /// <summary>Damaged files: what is behind the damage cannot be had, so that nothing is looked for there again.</summary>
    private readonly HashSet<LogFileName> damaged = [];

    /// <summary>Where files of windows are that were closed since somebody asked.</summary>
    private readonly Dictionary<LogFileName, LogPosition> finished = [];
    private SortedDictionary<Window, List<PlannedLogFile>> closed = [];
    private Func<LogFileName, LogPosition> positions = _ => default;

    /// <summary>Receives what is wrong with a file that breaks the format, once.</summary>
    public Action<string> OnDamage { get; init; } = _ => { };

    /// <summary>Receives what the log tells of metric families.</summary>
    public Action<MetricMetadata> OnMetadata { get; init; } = _ => { };

    /// <summary>How many bytes of the log are still to be read.</summary>
    public long PendingBytes =>
        closed.Values.SelectMany(files => files).Sum(file => file.Blob.LengthBytes - positions(file.Name).Bytes)
        + open.Values.SelectMany(window => window.Files.Values).Sum(file => file.LengthBytes - file.Position.Bytes);

    /// <summary>Takes note of what the log holds now.</summary>
    /// <param name="log">All its files.</param>
    /// <param name="cursor">How far the destination has taken them.</param>
    /// <returns>Files that are gone though they were not taken to their end.</returns>
    public IReadOnlyList<LogFileName> Plan(IReadOnlyList<PlannedLogFile> log, DestinationCursor cursor)
    {
        positions = cursor.PositionOf;
        closed = [];
        var lost = new List<LogFileName>();
        var windows = log.GroupBy(file => file.Name.Window).ToDictionary(group => group.Key, Listed);
        foreach (var (window, queued) in open.ToList())
        {
            var listed = windows.GetValueOrDefault(window) ?? [];
            var names = listed.Select(file => file.Name.Writer).ToHashSet();
            foreach (var file in queued.Files.Values.Where(file => !names.Contains(file.Name.Writer)).ToList())
            {
                if (!file.IsExhausted)
                {
                    lost.Add(file.Name);
                }
                queued.Files.Remove(file.Name.Writer);
            }
            Grow(queued, listed);
            queued.IdlePlans++;
        }
        foreach (var (window, listed) in windows)
        {
            if (!open.ContainsKey(window) && listed.Exists(file => cursor.Wants(file) && !damaged.Contains(file.Name)))
            {
                closed.Add(window, listed);
            }
        }
        Close();
        return lost;
    }

    /// <summary>Behind what was handed out, for all files that were read since the last call. One part may still be under way.</summary>
    public Dictionary<LogFileName, LogPosition> TakePositions()
    {
        var places = new Dictionary<LogFileName, LogPosition>(finished);
        finished.Clear();
        foreach (var file in open.Values.SelectMany(window => window.Files.Values))
        {
            places[file.Name] = PositionOf(file);
        }
        return places;
    }

    /// <summary>The next part; null when there is none now.</summary>
    /// <exception cref="StoreException">The store cannot be read, or a file is gone: plan again.</exception>
    public async Task<QueuedPart?> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var next = await FirstAsync(cancellationToken);
            if (closed.Count > 0 && (next is null || closed.First().Key.StartMs - AheadMs <= next.Head!.TickMs))
            {
                await OpenAsync(closed.First().Key, cancellationToken);
                continue;
            }
            return next is null ? null : Take(next);
        }
    }

    private static List<PlannedLogFile> Listed(IEnumerable<PlannedLogFile> files) =>
        [.. files.OrderBy(file => file.Name.Writer).Take(CursorRow.MaxFiles)];

    private void Grow(QueuedWindow window, List<PlannedLogFile> listed)
    {
        foreach (var file in listed)
        {
            if (window.Files.TryGetValue(file.Name.Writer, out var known))
            {
                known.Grow(file);
            }
            else
            {
                window.Files.Add(file.Name.Writer, new QueuedFile(file, positions(file.Name), series));
            }
        }
    }

    /// <summary>Lets go of windows that nothing is left of, and that are hardly written to any more.</summary>
    private void Close()
    {
        foreach (var (window, queued) in open.SkipLast(RecentWindows).ToList())
        {
            var isIdle = open.Count > KeptWindows || queued.IdlePlans > IdlePlans;
            if (isIdle && queued.Files.Values.All(file => file.IsExhausted))
            {
                open.Remove(window);
                foreach (var file in queued.Files.Values)
                {
                    finished[file.Name] = PositionOf(file);
                }
            }
        }
    }

    /// <summary>What is behind the last part, and no part itself, counts as taken: a part that ends there is none yet.</summary>
    private static LogPosition PositionOf(QueuedFile file) =>
        file is { IsExhausted: true, Problem: null } ? new LogPosition(file.LengthBytes, 0) : file.Position;

    /// <summary>Opens a window, and reads again what was taken of it: labels, batches, and the last samples.</summary>
    private async Task OpenAsync(Window window, CancellationToken cancellationToken)
    {
        var queued = new QueuedWindow();
        Grow(queued, closed[window]);
        foreach (var file in queued.Files.Values)
        {
            await CatchUpAsync(queued, file, positions(file.Name), cancellationToken);
        }
        closed.Remove(window);
        open.Add(window, queued);
        Close();
    }

    private async Task CatchUpAsync(
        QueuedWindow window,
        QueuedFile file,
        LogPosition taken,
        CancellationToken cancellationToken
    )
    {
        while (true)
        {
            await file.ReadOnAsync(blobs, cancellationToken);
            TellMetadata(file);
            if (file.Head is not { } head || head.EndBytes > taken.Bytes)
            {
                file.Begin(taken);
                return;
            }
            decoded.Clear();
            window.TakeBatch(file.Take(decoded));
            foreach (var sample in decoded)
            {
                window.TakeSample(sample.Series, sample.TimestampMs);
            }
        }
    }

    /// <summary>The file whose head is next: one that was begun, else the earliest tick.</summary>
    private async Task<QueuedFile?> FirstAsync(CancellationToken cancellationToken)
    {
        QueuedFile? first = null;
        foreach (var window in open.Values)
        {
            foreach (var file in window.Files.Values)
            {
                if (!file.IsExhausted)
                {
                    await file.ReadOnAsync(blobs, cancellationToken);
                    TellMetadata(file);
                }
                if (file.Problem is { } problem && damaged.Add(file.Name))
                {
                    OnDamage(problem);
                }
                if (file.Head is not null && (first is null || Compare(file, first) < 0))
                {
                    first = file;
                }
            }
        }
        return first;
    }

    private QueuedPart Take(QueuedFile file)
    {
        var window = open[file.Name.Window];
        var begin = file.Position;
        window.IdlePlans = 0;
        decoded.Clear();
        wanted.Clear();
        var part = file.Take(decoded);
        // What was begun goes on, whatever else there is of its identity: only one batch of each is ever begun.
        if (window.TakeBatch(part) || begin.Samples > 0)
        {
            foreach (var sample in decoded)
            {
                if (window.TakeSample(sample.Series, sample.TimestampMs) && sample.Index >= begin.Samples)
                {
                    wanted.Add(sample);
                }
            }
        }
        return new QueuedPart(file.Name, begin, part.EndBytes, wanted);
    }

    private void TellMetadata(QueuedFile file)
    {
        foreach (var metadata in file.TakeMetadata())
        {
            OnMetadata(metadata);
        }
    }

    private static int Compare(QueuedFile one, QueuedFile other)
    {
        var (mine, theirs) = (one.Head!, other.Head!);
        var order = (other.Position.Samples > 0).CompareTo(one.Position.Samples > 0);
        order = order != 0 ? order : mine.TickMs.CompareTo(theirs.TickMs);
        order = order != 0 ? order : string.CompareOrdinal(mine.Source, theirs.Source);
        order = order != 0 ? order : mine.Verdict.CompareTo(theirs.Verdict);
        return order != 0 ? order : one.Name.Writer.CompareTo(other.Name.Writer);
    }
}
