using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Storage.Ledger;

/// <summary>What is remembered of all sources, and the gaps in what they delivered: read once, saved when it changes.</summary>
/// <remarks>
/// Several processes may save the same source: the one that comes second reads again, and takes what is further. Safe for
/// several threads. A row that cannot be read is a problem that is named, and is begun anew.
/// </remarks>
/// <param name="tables">Where the rows are.</param>
/// <param name="time">The clock of pauses.</param>
public sealed class SourceLedger(ITableStore tables, TimeProvider? time = null)
{
    private const int MaxTries = 8;

    /// <summary>A row that says no more than how far a source is, is saved so often at most: about once a minute.</summary>
    private static readonly long ProgressEveryMs = (long)TimeSpan.FromSeconds(50).TotalMilliseconds;

    private readonly TimeProvider time = time ?? TimeProvider.System;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim storing = new(1);
    private readonly Dictionary<string, Entry> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, byte[]> written = new(StringComparer.Ordinal);
    private IReadOnlyList<string> damaged = [];
    private string? unread;
    private long foreignRows;

    /// <summary>The rows as they are, until something is written.</summary>
    private LedgerRows? rows;

    /// <summary>Whether the rows were read: before that nobody knows where a source stood.</summary>
    public bool IsLoaded { get; private set; }

    /// <summary>Sources that are gone for longer than this are forgotten, and settled gaps that are older.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(15);

    /// <summary>Rows that cannot be read, and why the ledger as a whole could not, without secrets.</summary>
    public IReadOnlyList<string> Problems
    {
        get
        {
            lock (gate)
            {
                return unread is null ? damaged : [.. damaged, unread];
            }
        }
    }

    /// <summary>How often a row that this process had written was another one's when it was read again.</summary>
    internal long ForeignRows
    {
        get
        {
            lock (gate)
            {
                return foreignRows;
            }
        }
    }

    /// <summary>All sources that are known, by key, with their gaps.</summary>
    public IReadOnlyList<(SourceMemory Memory, SourceGaps Gaps)> All
    {
        get
        {
            lock (gate)
            {
                return
                [
                    .. entries
                        .Values.OrderBy(entry => entry.Memory.Source, StringComparer.Ordinal)
                        .Select(entry => (entry.Memory, entry.Gaps)),
                ];
            }
        }
    }

    /// <summary>Reads all rows, and takes what is further than what is known: one query.</summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await storing.WaitAsync(cancellationToken);
        try
        {
            await ReadAsync(cancellationToken);
        }
        finally
        {
            storing.Release();
        }
    }

    /// <summary>The same for those who can do without for now: what cannot be read is a problem, and is tried again.</summary>
    public async Task TryLoadAsync(CancellationToken cancellationToken)
    {
        try
        {
            await LoadAsync(cancellationToken);
        }
        catch (StoreException exception)
        {
            lock (gate)
            {
                unread = $"what is remembered of sources could not be read: {exception.Message}";
            }
        }
    }

    /// <summary>What is remembered of a source; of one that is not known, nothing.</summary>
    public SourceMemory Of(string source)
    {
        lock (gate)
        {
            return entries.TryGetValue(source, out var entry) ? entry.Memory : new SourceMemory(source);
        }
    }

    /// <summary>The gaps of a source.</summary>
    public SourceGaps GapsOf(string source)
    {
        lock (gate)
        {
            return entries.TryGetValue(source, out var entry) ? entry.Gaps : new SourceGaps(source);
        }
    }

    /// <summary>Up to here everything that a source had is stored, or is known to be lost: 0 when nothing is known.</summary>
    public long WatermarkOf(string source)
    {
        lock (gate)
        {
            return entries.TryGetValue(source, out var entry) ? Watermark(entry.Memory, entry.Gaps) : 0;
        }
    }

    /// <summary>The watermark by what is known: it stops at the oldest gap that is to be filled.</summary>
    public static long Watermark(SourceMemory memory, SourceGaps gaps) =>
        Math.Min(memory.CompleteUntilMs, gaps.OldestOpenMs ?? long.MaxValue);

    /// <summary>Remembers in this process; <see cref="SaveAsync"/> does for all.</summary>
    public void Note(SourceMemory memory) => Note(memory, [], isOwn: true);

    /// <summary>Remembers a source and gaps of it.</summary>
    /// <param name="memory">The source.</param>
    /// <param name="found">Gaps that were found; the same ones again are nothing new.</param>
    /// <param name="isOwn">Whether it is to be saved; what the log says all know. Gaps are saved in any case.</param>
    public void Note(SourceMemory memory, IReadOnlyList<SourceGap> found, bool isOwn)
    {
        lock (gate)
        {
            var entry = EntryOf(memory.Source);
            // Who is a replica of what may have been found out while the source was collected.
            memory = memory with
            {
                Replica = memory.Replica.Merge(entry.Memory.Replica),
            };
            entry.IsUrgent |= isOwn && (entry.SavedMs is null || !IsAlike(entry.Memory, memory));
            entry.Memory = memory;
            entry.IsChanged |= isOwn;
            Take(entry, found.Aggregate(entry.Gaps, (gaps, gap) => gaps.With(gap)));
        }
    }

    /// <summary>Raises the state of a source's gaps in an interval.</summary>
    /// <param name="source">The key of the source.</param>
    /// <param name="fromMs">Where the interval begins.</param>
    /// <param name="toMs">Where it ends.</param>
    /// <param name="state">The state.</param>
    /// <param name="note">Why they are given up; empty for filled ones.</param>
    public void Raise(string source, long fromMs, long toMs, GapState state, string note)
    {
        lock (gate)
        {
            if (entries.TryGetValue(source, out var entry))
            {
                Take(entry, entry.Gaps.Raise(fromMs, toMs, state, note));
            }
        }
    }

    /// <summary>
    /// Saves what is due: gaps and choices at once, mere progress about once a minute. What cannot be saved stays due.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be read or written.</exception>
    public async Task SaveAsync(CancellationToken cancellationToken)
    {
        if (Due().Count == 0)
        {
            return;
        }
        await storing.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                if (rows is null)
                {
                    await ReadAsync(cancellationToken);
                }
                try
                {
                    await WriteAsync(rows!, cancellationToken);
                    return;
                }
                catch (StoreException exception)
                    when (exception.Error is StoreError.ConditionNotMet or StoreError.NotFound && attempt < MaxTries)
                {
                    // Another process was faster, or a try of this one whose outcome was not known: read again, and merge.
                    continue;
                }
                finally
                {
                    rows = null;
                }
            }
        }
        finally
        {
            storing.Release();
        }
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var read = await LedgerRows.ReadAsync(tables, cancellationToken);
        lock (gate)
        {
            foreach (var memory in read.Memories)
            {
                var entry = EntryOf(memory.Source);
                // What was begun without knowing it does not count: it is done again from where the row stands.
                if (IsLoaded && SourceMemory.GapBetween(entry.Memory, memory) is { } gap)
                {
                    Take(entry, entry.Gaps.With(gap));
                }
                entry.Memory = IsLoaded ? SourceMemory.Merge(entry.Memory, memory) : memory;
            }
            foreach (var gaps in read.Gaps)
            {
                var entry = EntryOf(gaps.Source);
                entry.Gaps = entry.Gaps.Merge(gaps);
            }
            foreach (var row in written.Where(row => !read.Says(row.Key, row.Value)).Select(row => row.Key).ToList())
            {
                foreignRows++;
                written.Remove(row);
            }
            damaged = [.. read.Problems.Values];
            (rows, unread, IsLoaded) = (read, null, true);
        }
    }

    private async Task WriteAsync(LedgerRows read, CancellationToken cancellationToken)
    {
        var due = Due();
        var writes = new List<TableWrite>();
        var oldestMs = NowMs() - (long)Retention.TotalMilliseconds;
        foreach (var saved in due)
        {
            var gaps = saved.Gaps.Without(oldestMs);
            if (gaps.All.Count + gaps.Dropped > 0 || saved.Gaps.All.Count > 0)
            {
                Add(LedgerRows.GapsRowOf(saved.Memory.Source), gaps.Encode());
            }
            // Behind its gaps: when only the first transaction gets there, the source has not come further.
            Add(LedgerRows.RowOf(saved.Memory.Source), saved.Memory.Encode());
        }
        var old = read.Old(Retention, IsKept);
        writes.AddRange(old);
        foreach (var group in Transactions(writes))
        {
            await StoreRetry.RunAsync(
                () => tables.CommitAsync(LedgerRows.Table, LedgerRows.Partition, group, cancellationToken),
                time,
                cancellationToken
            );
        }
        lock (gate)
        {
            foreach (var write in writes.Where(write => write.Properties?[RowBytes.Property] is byte[]))
            {
                written[write.Row] = (byte[])write.Properties![RowBytes.Property];
            }
            due.ForEach(saved => MarkSaved(saved, oldestMs));
            foreach (var write in old)
            {
                Forget(write.Row);
            }
        }

        void Add(string row, Dictionary<string, object> properties)
        {
            if (read.WriteOf(row, properties) is { } write)
            {
                writes.Add(write);
            }
        }
    }

    /// <summary>Groups that each fit a transaction.</summary>
    private static IEnumerable<IReadOnlyList<TableWrite>> Transactions(List<TableWrite> writes)
    {
        // A record has 64 KiB at most; what surrounds it in a request is small, but not nothing.
        const int MaxBytes = StoreLimits.BytesPerTransaction / 2;
        var group = new List<TableWrite>();
        var bytes = 0;
        foreach (var write in writes)
        {
            var size = write.Properties?[RowBytes.Property] is byte[] record ? record.Length : 0;
            if (group.Count == StoreLimits.RowsPerTransaction || (group.Count > 0 && bytes + size > MaxBytes))
            {
                yield return group;
                (group, bytes) = ([], 0);
            }
            group.Add(write);
            bytes += size;
        }
        if (group.Count > 0)
        {
            yield return group;
        }
    }

    private List<Saved> Due()
    {
        var nowMs = NowMs();
        lock (gate)
        {
            return
            [
                .. entries
                    .Values.Where(entry =>
                        entry.IsUrgent
                        || entry.HasNewGaps
                        || (entry.IsChanged && (entry.SavedMs is not { } ms || nowMs - ms >= ProgressEveryMs))
                    )
                    .Select(entry => new Saved(entry, entry.Memory, entry.Gaps)),
            ];
        }
    }

    private void MarkSaved(Saved saved, long oldestMs)
    {
        var entry = saved.Entry;
        entry.SavedMs = NowMs();
        // What was noted meanwhile is still to be saved.
        entry.IsChanged &= !ReferenceEquals(entry.Memory, saved.Memory);
        entry.IsUrgent &= !ReferenceEquals(entry.Memory, saved.Memory);
        entry.HasNewGaps &= !ReferenceEquals(entry.Gaps, saved.Gaps);
        entry.Gaps = entry.HasNewGaps ? entry.Gaps : entry.Gaps.Without(oldestMs);
    }

    private bool IsKept(string row)
    {
        lock (gate)
        {
            return entries.Values.Any(entry =>
                (entry.SavedMs is not null || entry.IsChanged) && LedgerRows.RowOf(entry.Memory.Source) == row
            );
        }
    }

    private void Forget(string row)
    {
        foreach (var source in entries.Keys.Where(source => LedgerRows.RowOf(source) == row).ToList())
        {
            entries.Remove(source);
        }
    }

    private static void Take(Entry entry, SourceGaps gaps)
    {
        if (!ReferenceEquals(gaps, entry.Gaps) && !gaps.IsSame(entry.Gaps))
        {
            entry.Gaps = gaps;
            entry.HasNewGaps = true;
        }
    }

    /// <summary>Whether the next process would do the same by both, but for where it goes on.</summary>
    private static bool IsAlike(SourceMemory one, SourceMemory other) =>
        one.Replica == other.Replica && one.IsEnded == other.IsEnded && one.Pull.Mode == other.Pull.Mode;

    private Entry EntryOf(string source)
    {
        if (!entries.TryGetValue(source, out var entry))
        {
            entries.Add(source, entry = new Entry(new SourceMemory(source), new SourceGaps(source)));
        }
        return entry;
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    private sealed class Entry(SourceMemory memory, SourceGaps gaps)
    {
        public SourceMemory Memory { get; set; } = memory;

        public SourceGaps Gaps { get; set; } = gaps;

        public long? SavedMs { get; set; }

        public bool IsChanged { get; set; }

        public bool IsUrgent { get; set; }

        public bool HasNewGaps { get; set; }
    }

    /// <summary>What is being saved of an entry.</summary>
    private sealed record Saved(Entry Entry, SourceMemory Memory, SourceGaps Gaps);
}
