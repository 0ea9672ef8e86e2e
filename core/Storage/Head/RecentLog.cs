using Tributary.Model;
using Tributary.PromQL.Syntax;
using Tributary.Storage.AppendLog;
using Tributary.Stores;

namespace Tributary.Storage.Head;

/// <summary>The head, kept up with the log: what this process appends goes in at once, what others append is read on.</summary>
/// <remarks>
/// <see cref="LoadAsync"/> and <see cref="RefreshAsync"/> are called one at a time; everything else at any time. The head
/// holds the window before the present one and whatever is later.
/// </remarks>
/// <param name="blobs">Where the log lies.</param>
/// <param name="series">Makes equal series one object.</param>
/// <param name="writer">This process' writer; its files are not read, or null when it has none.</param>
/// <param name="time">Says which windows are recent.</param>
/// <param name="lister">Lists the log; null for one that nobody shares.</param>
public sealed class RecentLog(
    IBlobStore blobs,
    SeriesTable series,
    LogWriter? writer,
    TimeProvider time,
    LogLister? lister = null
)
{
    /// <summary>How far back the first decoding goes: the lookback of <c>/federate</c> and of instant queries.</summary>
    public static readonly TimeSpan Lookback = TimeSpan.FromMinutes(5);

    private readonly Lock gate = new();
    private readonly HeadDeletes deletes = new();
    private LogFollower follower = new(blobs, series, lister);
    private BatchLedger ledger = new();
    private RecentHead head = new();
    private LogReplay? history;
    private Window oldest;
    private long ownBatches;
    private bool rebuilding;
    private TimeRange? whole;
    private long loadedFromMs;

    /// <summary>What the head holds.</summary>
    internal HeadCounts Counts => Head.Counts;

    /// <summary>About how many series the head holds.</summary>
    public int SeriesCount => Head.SeriesCount;

    /// <summary>Identities that more than one batch claimed.</summary>
    public long BatchConflicts
    {
        get
        {
            lock (gate)
            {
                return ledger.Conflicts;
            }
        }
    }

    /// <summary>
    /// The head with what it is of. It changes before samples are dropped: who has used it asks again whether it is still
    /// the same.
    /// </summary>
    internal HeadCoverage Coverage
    {
        get
        {
            lock (gate)
            {
                return new HeadCoverage(head, whole, deletes.Content, deletes.Applied);
            }
        }
    }

    /// <summary>Log files that do not follow the format, with what is wrong.</summary>
    public IReadOnlyDictionary<LogFileName, string> Problems => follower.Problems;

    private RecentHead Head
    {
        get
        {
            lock (gate)
            {
                return head;
            }
        }
    }

    /// <summary>Reads the recent windows and decodes the last minutes; <see cref="LoadHistory"/> decodes the rest.</summary>
    /// <param name="onBatch">Receives the batches of the last minutes, by tick.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task LoadAsync(Action<Batch>? onBatch, CancellationToken cancellationToken)
    {
        var windows = RecentWindows();
        var found = await follower.ReadOnAsync(windows, _ => false, cancellationToken);
        var recentFromMs = NowMs() - (long)Lookback.TotalMilliseconds;
        if (Take(found, recentFromMs, onBatch) is { } planned)
        {
            lock (gate)
            {
                history = planned;
                loadedFromMs = windows[0].StartMs;
                whole = new TimeRange(recentFromMs, windows[^1].EndMs - 1);
            }
            return;
        }
        await RebuildAsync(windows, onBatch, cancellationToken);
    }

    /// <summary>Decodes what <see cref="LoadAsync"/> has left out. Takes long; reads and appends go on meanwhile.</summary>
    public void LoadHistory()
    {
        var planned = history;
        var older = planned?.History();
        lock (gate)
        {
            if (older is not null && history == planned)
            {
                history = null;
                foreach (var part in older)
                {
                    head.Prepend(part);
                }
                whole = whole is { } known
                    ? known with
                    {
                        MinMs = Math.Min(known.MinMs, Math.Max(loadedFromMs, oldest.StartMs)),
                    }
                    : null;
            }
        }
    }

    /// <summary>Reads on what other writers have appended, and forgets windows that are over.</summary>
    /// <param name="onBatch">Receives their batches, by tick.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task RefreshAsync(Action<Batch>? onBatch, CancellationToken cancellationToken)
    {
        var windows = RecentWindows();
        if (windows[0] != oldest)
        {
            oldest = windows[0];
            lock (gate)
            {
                WholeFrom(oldest.StartMs);
                head.Forget(oldest.StartMs);
                ledger.Forget(oldest.StartMs);
                deletes.Forget(oldest.StartMs);
            }
            series.Age();
        }
        var known = KnownDeletes();
        var found = await follower.ReadOnAsync(windows, file => writer?.IsOwn(file) == true, cancellationToken);
        if (Take(found, long.MinValue, onBatch) is null || HasDeleted(known))
        {
            await RebuildAsync(windows, onBatch, cancellationToken);
            return;
        }
        lock (gate)
        {
            deletes.Apply(known);
            whole = whole is { } range ? range with { MaxMs = windows[^1].EndMs - 1 } : null;
        }
    }

    /// <summary>Takes note of deletes: behind the next <see cref="RefreshAsync"/> the head is without what they take away.</summary>
    /// <returns>Whether it is so already.</returns>
    internal bool Delete(IEnumerable<LogDelete> found)
    {
        lock (gate)
        {
            return deletes.Add(found);
        }
    }

    /// <summary>
    /// With more series than so many, drops those that answers about the present do not need: without a sample within the
    /// lookback. They stay in the log.
    /// </summary>
    /// <returns>How many were dropped.</returns>
    public int Shrink(long maxSeries)
    {
        if (SeriesCount <= maxSeries)
        {
            return 0;
        }
        var idleSinceMs = NowMs() - (long)Lookback.TotalMilliseconds;
        lock (gate)
        {
            WholeFrom(idleSinceMs);
            // What is still to be decoded would bring back only a part of what is dropped.
            loadedFromMs = Math.Max(loadedFromMs, idleSinceMs);
        }
        var dropped = Head.ForgetIdle(idleSinceMs);
        if (dropped > 0)
        {
            series.Age();
        }
        return dropped;
    }

    /// <summary>Takes in what this process has appended.</summary>
    public void Apply(IReadOnlyList<AppendedBatch> appended)
    {
        lock (gate)
        {
            ownBatches++;
            foreach (var batch in appended)
            {
                rebuilding |= ledger.Offer(batch);
                if (!ledger.Counts(batch))
                {
                    // Written twice, because the file was lost behind it: own files are not read otherwise.
                    rebuilding |= ledger.SharesParts(batch);
                }
                else
                {
                    var isDeleted = deletes.Of(batch);
                    head.Append(batch.Batch.Scraped, isDeleted);
                    head.Append(batch.Batch.Added, isDeleted);
                }
                deletes.Read(batch.Home);
                foreach (var other in batch.Others)
                {
                    deletes.Read(other);
                }
            }
        }
    }

    /// <summary>Whether a batch that this process has appended, and taken in here, counts; else another of its identity does.</summary>
    internal bool IsCounted(AppendedBatch appended)
    {
        lock (gate)
        {
            return ledger.Counts(appended);
        }
    }

    /// <summary>Whether the log has a batch of this identity already.</summary>
    public bool Has(string source, long tickMs)
    {
        lock (gate)
        {
            return ledger.Has(source, tickMs);
        }
    }

    /// <summary>The newest tick of a source before another that has a batch; null when none is known, or the batch there ends it.</summary>
    public long? LastBefore(string source, long tickMs)
    {
        lock (gate)
        {
            return ledger.LastBefore(source, tickMs);
        }
    }

    /// <summary>The ticks of a source after another that have a batch, in order: how they ended, and whether they end the source.</summary>
    internal IReadOnlyList<(long TickMs, Verdict Verdict, bool IsEnding)> TicksAfter(string source, long tickMs)
    {
        lock (gate)
        {
            return ledger.TicksAfter(source, tickMs);
        }
    }

    /// <summary>The newest sample in a range of each matching series, by metric name and labels; without stale series.</summary>
    public IReadOnlyList<LatestSample> SelectLatest(IReadOnlyList<VectorSelector> selectors, TimeRange range) =>
        Head.SelectLatest(selectors, range);

    /// <summary>The samples in a range of each matching series, by metric name and labels.</summary>
    public IReadOnlyList<SelectedSeries> Select(IReadOnlyList<VectorSelector> selectors, TimeRange range) =>
        Head.Select(selectors, range);

    /// <summary>What <c>/api/v1/status/tsdb</c> tells of the head.</summary>
    /// <param name="limit">The length of each list.</param>
    internal HeadStatistics Statistics(int limit) => Head.Statistics(limit);

    /// <summary>Takes in what was read. Null: the head holds a batch that does not count any more, and is to be made anew.</summary>
    private LogReplay? Take(IReadOnlyList<FollowedParts> found, long recentFromMs, Action<Batch>? onBatch)
    {
        var batches = new List<Batch>();
        LogReplay? taken;
        lock (gate)
        {
            // Before anything is in the head, nothing in it can be contradicted.
            var hasBatches = !ledger.IsEmpty;
            rebuilding |= Offer(found, ledger) && hasBatches;
            var replay = new LogReplay(found, ledger, recentFromMs);
            // In any case, so that whoever waits for batches gets each once: a rebuilding hands out none.
            replay.Recent(head, onBatch is null ? null : batches.Add, isHandedOut: null, deletes.Of);
            foreach (var file in FilesOf(found))
            {
                deletes.Read(file);
            }
            taken = rebuilding ? null : replay;
        }
        // Outside the lock: the receiver has one of its own, under which it asks whether there is a batch.
        batches.ForEach(batch => onBatch!(batch));
        return taken;
    }

    /// <summary>
    /// Reads everything anew, own files too, because a batch that counted does not any more; until it is done, the head
    /// goes on with that batch in it. Hands out what had not been read before.
    /// </summary>
    private async Task RebuildAsync(List<Window> windows, Action<Batch>? onBatch, CancellationToken cancellationToken)
    {
        var freshFollower = new LogFollower(blobs, series, lister);
        var found = new List<FollowedParts>();
        while (true)
        {
            long before;
            var known = KnownDeletes();
            lock (gate)
            {
                rebuilding = true;
                before = ownBatches;
            }
            found.AddRange(await freshFollower.ReadOnAsync(windows, _ => false, cancellationToken));
            // Decoded beside the answers and appends that go on; what was appended meanwhile is read on.
            var freshLedger = new BatchLedger();
            Offer(found, freshLedger);
            if (!IsUpToDate(before))
            {
                continue;
            }
            var freshHead = new RecentHead();
            var batches = new List<Batch>();
            new LogReplay(found, freshLedger, long.MinValue).Recent(
                freshHead,
                onBatch is null ? null : batches.Add,
                IsUnread,
                DeletedOf
            );
            if (known.Count > 0)
            {
                // Series of which everything is deleted.
                freshHead.Forget(long.MinValue);
            }
            if (TakeOver())
            {
                batches.ForEach(batch => onBatch!(batch));
                return;
            }
            // The columns' states are used up by the decoding.
            freshFollower = new LogFollower(blobs, series, lister);
            found.Clear();

            bool TakeOver()
            {
                lock (gate)
                {
                    if (before != ownBatches)
                    {
                        return false;
                    }
                    (follower, ledger, head) = (freshFollower, freshLedger, freshHead);
                    (history, rebuilding) = (null, false);
                    deletes.Replace(FilesOf(found));
                    deletes.Apply(known);
                    whole = new TimeRange(windows[0].StartMs, windows[^1].EndMs - 1);
                    return true;
                }
            }
        }
    }

    /// <summary>Whether a part of another process' was not read before.</summary>
    private bool IsUnread(LogPart part) =>
        writer?.IsOwn(part.File) != true
        && (part.OffsetBytes >= follower.OffsetOf(part.File) || !Has(part.Source, part.TickMs));

    private IReadOnlyList<Ulid> KnownDeletes()
    {
        lock (gate)
        {
            return deletes.Known;
        }
    }

    private Func<LabelSet, long, bool>? DeletedOf(LogFileName file)
    {
        lock (gate)
        {
            return deletes.Of(file);
        }
    }

    private bool HasDeleted(IReadOnlyList<Ulid> known)
    {
        lock (gate)
        {
            return deletes.Touch(known, follower.IsListed);
        }
    }

    private static IEnumerable<LogFileName> FilesOf(IReadOnlyList<FollowedParts> found) =>
        found.Where(file => file.Parts.Count > 0).Select(file => file.Parts[0].File);

    private bool IsUpToDate(long knownOwnBatches)
    {
        lock (gate)
        {
            return knownOwnBatches == ownBatches;
        }
    }

    private void WholeFrom(long minMs) =>
        whole = whole is { } known ? known with { MinMs = Math.Max(known.MinMs, minMs) } : null;

    private static bool Offer(IReadOnlyList<FollowedParts> found, BatchLedger ledger)
    {
        var contradicted = false;
        foreach (var part in found.SelectMany(file => file.Parts))
        {
            contradicted |= ledger.Offer(part);
        }
        return contradicted;
    }

    private List<Window> RecentWindows()
    {
        var present = Window.Of(NowMs());
        return [new Window(present.StartMs - Window.LengthMs), present, new Window(present.StartMs + Window.LengthMs)];
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
