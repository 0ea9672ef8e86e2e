using Tributary.Api;
using Tributary.Configuration;
using Tributary.Configuration.Yaml;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Scraping;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;

namespace Tributary.Jobs;

/// <summary>One source with all that is kept of it between its ticks. Guarded by the job's lock, but for a scrape's own time.</summary>
internal sealed class SourceRun(string source, SourceState state)
{
    /// <summary>Half the lookback: after two of them the series are stale without markers.</summary>
    private static readonly long UnknownGapMs = (long)RecentLog.Lookback.TotalMilliseconds / 2;

    private readonly long[] verdicts = new long[4];
    private readonly long[] missed = new long[3];
    private readonly Queue<Batch> replayed = [];
    private readonly Dictionary<string, ScrapeReport> replicas = new(StringComparer.Ordinal);
    private long intervalMs;
    private long lastGapMs;
    private long earlierGapMs;
    private long lostMs = long.MinValue;

    public string Source { get; } = source;

    /// <summary>What to collect, several for replicas; empty when only the log knows the source.</summary>
    public IReadOnlyList<Target> Targets
    {
        get;
        set
        {
            field = value;
            intervalMs = value.Count == 0 ? intervalMs : (long)value[0].Interval.TotalMilliseconds;
        }
    } = [];

    public SourceState State { get; } = state;

    /// <summary>Whether a scrape or an append of it is under way.</summary>
    public bool IsBusy { get; set; }

    /// <summary>The last tick with a batch, of this process or another.</summary>
    public long LastTickMs { get; private set; } = long.MinValue;

    /// <summary>Whether the batch of the last tick is this process' own.</summary>
    public bool IsOwn { get; private set; }

    /// <summary>Whether this process' last scrape ended worse than the one before: of that tick another's batch may count.</summary>
    public bool HasWorsened { get; private set; }

    /// <summary>The time in which the next tick can be expected; as long as possible when nothing tells.</summary>
    /// <remarks>
    /// Of what only others scrape two gaps tell: one alone can be short by chance, behind the markers of a target that
    /// left and came back, or a change of the interval.
    /// </remarks>
    public long GapMs =>
        intervalMs == 0 && earlierGapMs == 0
            ? UnknownGapMs
            : Math.Min(Math.Max(intervalMs, Math.Max(lastGapMs, earlierGapMs)), Math.Max(intervalMs, UnknownGapMs));

    /// <summary>The time in which the next tick can be expected, by the configuration if it has the source.</summary>
    public long ExpectedMs => intervalMs > 0 ? intervalMs : GapMs;

    /// <summary>Whether the log may have ticks that the ledger does not know.</summary>
    public bool IsBehind { get; set; } = true;

    /// <summary>Whether a complete batch came behind one of a later tick.</summary>
    public bool HasLate { get; set; }

    /// <summary>The series by which the constant labels were computed last.</summary>
    public SeriesList? ConstantsOf { get; set; }

    /// <summary>The series of its last batch that had any.</summary>
    public SeriesList? LastSeries { get; private set; }

    public ScrapeReport? Report { get; private set; }

    public long? NewestSampleMs { get; private set; }

    public int Series { get; private set; }

    public SourceTotals Totals { get; private set; } = new(source, new long[4], 0, 0, 0, 0, new long[3]);

    /// <summary>Keeps a batch of the log until no scrape uses the state.</summary>
    public void Replay(Batch batch)
    {
        replayed.Enqueue(batch);
        IsBehind = true;
        HasLate |= batch.TickMs < LastTickMs && batch.Report.Verdict is Verdict.Complete;
        IsOwn &= batch.TickMs < LastTickMs;
        Note(batch);
        if (!IsBusy)
        {
            Settle();
        }
    }

    /// <summary>Sets the times of series to those at which this source had them last, where they are newer.</summary>
    public void RaiseTo(Dictionary<LabelSet, long> table)
    {
        State.RaiseTo(table);
        foreach (var batch in replayed)
        {
            RaiseTo(table, batch.Scraped, batch.TickMs);
            RaiseTo(table, batch.Added, long.MinValue);
        }
    }

    /// <summary>Notes that a tick was scraped and could not be stored.</summary>
    public void NoteLost(long tickMs) => lostMs = tickMs;

    /// <summary>The ticks right before one of them that have no batch.</summary>
    /// <param name="tickMs">The tick that is taken now.</param>
    /// <param name="everyMs">The time between two ticks.</param>
    /// <param name="afterMs">The last tick before with a batch.</param>
    public MissedTicks? MissedBefore(long tickMs, long everyMs, long afterMs)
    {
        var count = (tickMs - afterMs - 1) / everyMs;
        if (count < 1)
        {
            return null;
        }
        var reason =
            lostMs > afterMs ? MissReason.NotStored
            : afterMs == LastTickMs && Report!.StartedMs + (Report.DurationSeconds * 1000) > tickMs - everyMs
                ? MissReason.Overrun
            : MissReason.NotCollected;
        return new MissedTicks(afterMs, (int)Math.Min(count, int.MaxValue), reason);
    }

    /// <summary>Takes the replayed batches into the state.</summary>
    public void Settle()
    {
        while (replayed.TryDequeue(out var batch))
        {
            State.Apply(batch);
        }
    }

    /// <summary>Takes a batch of this process into the state; it is in the log.</summary>
    public void Apply(Batch batch)
    {
        State.Apply(batch);
        IsOwn |= batch.TickMs >= LastTickMs;
        HasWorsened = batch.Report.Verdict > (Report?.Verdict ?? Verdict.Complete);
        Note(batch);
        verdicts[(int)batch.Report.Verdict]++;
        if (batch.Report.Missed is { } gap)
        {
            missed[(int)gap.Reason] += gap.Count;
        }
        Totals = Totals with
        {
            Scrapes = verdicts.ToArray(),
            Samples = Totals.Samples + batch.Scraped.Count,
            OutOfBounds = Totals.OutOfBounds + batch.Report.OutOfBounds,
            Duplicates = Totals.Duplicates + batch.Report.Duplicates,
            BodyBytes = Totals.BodyBytes + batch.Report.BodyBytes,
            MissedTicks = missed.ToArray(),
        };
    }

    /// <summary>Notes what became of each replica that was asked.</summary>
    public void NoteReplicas(IReadOnlyList<AskedReplica> asked)
    {
        foreach (var (target, report) in asked)
        {
            replicas[target.Replica] = report;
        }
    }

    public TargetStatus Status(Target target, ReplicaMemory memory)
    {
        var status = Status(target);
        if (target.IsPending)
        {
            return status with
            {
                Note = "not collected yet: it is being asked whether it is a replica of another target",
            };
        }
        if (Targets.Count < 2)
        {
            return status with
            {
                Note =
                    target.Alternates && memory.Taken.Length > 0
                        ? $"{target.ReplicaLabel}=\"{memory.Taken}\" is taken"
                        : "",
            };
        }
        var taken =
            Targets.FirstOrDefault(one => string.Equals(one.Replica, memory.Taken, StringComparison.Ordinal))
            ?? Targets[0];
        if (ReferenceEquals(taken, target))
        {
            return status with { Note = "taken" };
        }
        var own = replicas.GetValueOrDefault(target.Replica);
        var failure = memory.FailureOf(target.Replica);
        return status with
        {
            Report = failure is null ? null : ReportOf(failure, own),
            LastScrapeMs = own?.StartedMs ?? failure?.AtMs,
            NewestSampleMs = null,
            Series = 0,
            Note = failure is null
                ? $"not asked while {taken.Replica} answers"
                : $"left alone after a failure; {taken.Replica} is taken",
        };
    }

    private static ScrapeReport ReportOf(ReplicaFailure failure, ScrapeReport? own) =>
        own is not null && own.StartedMs >= failure.AtMs
            ? own
            : new ScrapeReport
            {
                Verdict = failure.IsDown ? Verdict.Failed : Verdict.Partial,
                StartedMs = failure.AtMs,
                Error = failure.Error,
            };

    private TargetStatus Status(Target target) =>
        new()
        {
            Source = Source,
            Replica = target.Replica,
            ScrapePool = target.Job,
            ScrapeUrl = CredentialText.Hide(target.Url.OriginalString),
            Labels = target.OwnLabels,
            DiscoveredLabels = Redaction.OfLabels(target.DiscoveredLabels),
            Interval = target.IntervalText,
            Timeout = target.TimeoutText,
            Report = Report,
            LastScrapeMs = Report?.StartedMs,
            NewestSampleMs = NewestSampleMs,
            Series = Series,
        };

    private static void RaiseTo(Dictionary<LabelSet, long> table, SampleColumns columns, long tickMs)
    {
        for (var i = 0; i < columns.Count; i++)
        {
            var seenMs = Math.Max(columns.TimestampsMs.Span[i], tickMs);
            if (!columns.IsStale(i) && table.TryGetValue(columns.Series[i], out var at) && at < seenMs)
            {
                table[columns.Series[i]] = seenMs;
            }
        }
    }

    private void Note(Batch batch)
    {
        if (batch.TickMs <= LastTickMs)
        {
            return;
        }
        earlierGapMs = lastGapMs;
        lastGapMs = LastTickMs == long.MinValue ? 0 : batch.TickMs - LastTickMs;
        LastTickMs = batch.TickMs;
        Report = batch.Report;
        if (batch.Scraped.Count > 0)
        {
            Series = batch.Scraped.Count;
            LastSeries = batch.Scraped.Series;
            var newestMs = long.MinValue;
            foreach (var timestampMs in batch.Scraped.TimestampsMs.Span)
            {
                newestMs = Math.Max(newestMs, timestampMs);
            }
            NewestSampleMs = newestMs;
        }
    }
}
