using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Tributary.Api;
using Tributary.Configuration.Yaml;
using Tributary.Costs;
using Tributary.Discovery;
using Tributary.Federation;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Head;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Collect: scrapes the sources that are due, puts their batches into the log together, and into the head.</summary>
/// <param name="collector">Makes batches of sources.</param>
/// <param name="ledger">What is remembered of sources between their ticks.</param>
/// <param name="writer">Puts batches into the log.</param>
/// <param name="recent">The head, and what others have put into the log.</param>
/// <param name="schedule">Which ticks there are.</param>
/// <param name="time">The clock.</param>
public sealed class CollectJob(
    SourceCollector collector,
    SourceLedger ledger,
    LogWriter writer,
    RecentLog recent,
    TickSchedule schedule,
    TimeProvider time
)
{
    /// <summary>So many that sources which do not answer hold up no others before they are very many.</summary>
    private const int MaxScrapesAtOnce = 128;

    /// <summary>How long batches that are ready wait for the others of their pass.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    /// <summary>How long a batch may take into the log behind the end of its interval, up to which a scrape may last.</summary>
    private static readonly TimeSpan Landing = TimeSpan.FromSeconds(5);

    /// <summary>Who has read so often in a row without a batch of anybody else's is taken for the only one.</summary>
    private const int LonelyReadings = 3;

    /// <summary>Also who is alone reads so often: another process may have begun that has saved nothing yet.</summary>
    private static readonly TimeSpan ReadAtLeastEvery = TimeSpan.FromMinutes(5);

    /// <summary>A tick so near ahead counts as due, but a tenth of its interval is the most: a timer outside may fire early.</summary>
    public TimeSpan Early { get; init; }

    /// <summary>How often somebody outside calls, if that may be rarer than intervals: what he does not ask for is no gap.</summary>
    public TimeSpan Cadence
    {
        get => book.Cadence;
        init => book = new TickBook(ledger, recent) { Cadence = value };
    }

    /// <summary>Makes what this process' pulls are called in the log; never the same twice.</summary>
    public Func<uint> NewName { get; init; } =
        () => BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(sizeof(uint)));

    /// <summary>Takes the evaluations of rule groups that are read in the log, of this process and of others.</summary>
    public Action<Batch>? Evaluated { get; set; }

    /// <summary>Takes batches of remote write that are read in the log: those of other processes, and at the start all.</summary>
    public Action<Batch>? Written { get; set; }

    /// <summary>Takes what sources answered.</summary>
    public UsageMeter? Meter { get; set; }

    private readonly TickBook book = new(ledger, recent);
    private readonly Lock gate = new();
    private readonly SemaphoreSlim places = new(MaxScrapesAtOnce);
    private readonly Dictionary<string, SourceRun> runs = new(StringComparer.Ordinal);
    private List<Target> targets = [];
    private bool isLoaded;
    private uint? pullName;
    private long knownUntilMs = long.MinValue;
    private int lonelyReadings;
    private bool hasMet;
    private long foreignRows;

    /// <summary>Sets what to scrape. Sources that stay keep their state; those that went end at their next tick.</summary>
    public void Configure(IReadOnlyList<Target> configured)
    {
        lock (gate)
        {
            targets = [.. configured];
            foreach (var run in runs.Values)
            {
                run.Targets = [];
            }
            foreach (var source in configured.GroupBy(target => target.Source, StringComparer.Ordinal))
            {
                Run(source.Key).Targets = [.. source];
            }
        }
    }

    /// <summary>Reads the recent log: the last minutes into the head and into the sources' states.</summary>
    /// <exception cref="StoreException">The log cannot be read; no staleness markers are written until it could be.</exception>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.Otherwise(Payer.Start);
        var nowMs = NowMs();
        await Task.WhenAll(ledger.TryLoadAsync(cancellationToken), recent.LoadAsync(Replay, cancellationToken));
        lock (gate)
        {
            isLoaded = true;
            (knownUntilMs, lonelyReadings, hasMet) = (nowMs, 0, false);
            foreach (var run in runs.Values)
            {
                run.State.MarkLoaded();
                book.CatchUp(run);
            }
        }
    }

    /// <summary>Reads on what other processes have put into the log.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.Otherwise(Payer.Collect);
        var nowMs = NowMs();
        var foreign = ledger.ForeignRows;
        await recent.RefreshAsync(Replay, cancellationToken);
        lock (gate)
        {
            lonelyReadings = hasMet ? 0 : lonelyReadings + 1;
            (knownUntilMs, hasMet, foreignRows) = (nowMs, false, foreign);
            foreach (var run in runs.Values)
            {
                book.CatchUp(run);
            }
        }
    }

    /// <summary>
    /// Whether this process is the only one that collects, as far as can be seen without the log: it took the last tick of each
    /// source itself and none went by since, no reading has found batches of others for a time, and nobody else has written
    /// the rows of the sources, which whoever collects does within a minute. What it overlooks costs a scrape twice, and no
    /// sample: of equal batches of a tick this process' counts, as its file is older, and when a scrape went worse than the one
    /// before, so that another's batch may count, the log is read before the next.
    /// </summary>
    public bool IsAlone
    {
        get
        {
            var nowMs = NowMs();
            lock (gate)
            {
                return lonelyReadings >= LonelyReadings
                    && !hasMet
                    && foreignRows == ledger.ForeignRows
                    && nowMs - knownUntilMs < (long)ReadAtLeastEvery.TotalMilliseconds
                    // With a window the head forgets another one.
                    && Window.Of(nowMs) == Window.Of(knownUntilMs)
                    && runs.Values.All(run => run.Targets.Count > 0 && IsOurs(run, nowMs));
            }
        }
    }

    /// <summary>The first moment after <paramref name="nowMs"/> at which a source is due; null without sources.</summary>
    public long? NextDueMs(long nowMs)
    {
        lock (gate)
        {
            return targets.Count == 0 ? null : targets.Min(target => schedule.NextTickAfter(target, nowMs));
        }
    }

    /// <summary>One pass: scrapes what is due now and is not taken yet, and returns when all of it is in the log.</summary>
    /// <returns>How many batches were appended.</returns>
    /// <exception cref="StoreException">
    /// The log could not be written; the batches that were ready then are lost, later ones of the pass may be in. Or what is
    /// remembered of sources could not be saved; nothing is lost, the next pass saves it.
    /// </exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Collect);
        var due = TakeDue();
        var endings = TakeEndings();
        var pass = new Pass([.. due.Select(item => item.Run), .. endings.Select(ending => ending.Run)]);
        var scrapes = due.Select(item => ScrapeAsync(item, cancellationToken)).ToList();
        var broken = new List<Task>();
        try
        {
            var appended = await TryAppendAsync(endings, pass, cancellationToken);
            while (scrapes.Count > 0)
            {
                await WaitAsync(scrapes, cancellationToken);
                var ended = scrapes.FindAll(scrape => scrape.IsCompleted);
                scrapes.RemoveAll(ended.Contains);
                var ready = await Task.WhenAll(ended.Where(scrape => scrape.IsCompletedSuccessfully));
                appended += await TryAppendAsync([.. ready], pass, cancellationToken);
                broken.AddRange(ended.Where(scrape => !scrape.IsCompletedSuccessfully));
            }
            await RememberAsync(pass, cancellationToken);
            pass.Refusal?.Throw();
            // Only now: what breaks one scrape must not lose the batches of the others.
            await Task.WhenAll(broken);
            return appended;
        }
        finally
        {
            // A source is free when its scrape no longer uses its state, and not before.
            await Task.WhenAll(scrapes.AsEnumerable<Task>())
                .ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
                );
            Release(pass.Taken);
        }
    }

    /// <summary>The state of all targets, in the order of the configuration.</summary>
    public IReadOnlyList<TargetStatus> Targets()
    {
        lock (gate)
        {
            return [.. targets.Select(target => runs[target.Source].Status(target, ledger.Of(target.Source).Replica))];
        }
    }

    /// <summary>What each target says of its metric families, in the order of <see cref="Targets"/>.</summary>
    public IReadOnlyList<TargetMetadata> Metadata()
    {
        lock (gate)
        {
            return
            [
                .. targets.Select(target => new TargetMetadata(target.OwnLabels, runs[target.Source].State.Metadata)),
            ];
        }
    }

    /// <summary>What this process did with each source.</summary>
    public IReadOnlyList<SourceTotals> Totals()
    {
        lock (gate)
        {
            return [.. Configured().Select(run => run.Totals)];
        }
    }

    /// <summary>The series that sources had last, by the keys of the sources; those of the log as well.</summary>
    public IReadOnlyDictionary<string, SeriesList> LastSeries()
    {
        lock (gate)
        {
            return runs
                .Values.Where(run => run.LastSeries is { IsNumbered: false })
                .ToDictionary(run => run.Source, run => run.LastSeries!, StringComparer.Ordinal);
        }
    }

    /// <summary>All sources, in the order of the configuration.</summary>
    public IReadOnlyList<SourceStatus> Sources()
    {
        lock (gate)
        {
            return
            [
                .. Configured()
                    .Select(run => new SourceStatus
                    {
                        Memory = ledger.Of(run.Source),
                        Gaps = ledger.GapsOf(run.Source),
                        Job = run.Targets[0].Job,
                        Urls = [.. run.Targets.Select(target => CredentialText.Hide(target.Url.OriginalString))],
                        Interval = run.Targets[0].IntervalText,
                        Config = run.Targets[0].Config.Source,
                        IsFederate = run.Targets[0].IsFederate,
                    }),
            ];
        }
    }

    /// <summary>How complete the sources are that are collected; no store is asked.</summary>
    internal IReadOnlyList<SourceCompleteness> Completeness()
    {
        lock (gate)
        {
            return
            [
                .. Configured()
                    .Select(run => (Run: run, Memory: ledger.Of(run.Source)))
                    .Select(one => new SourceCompleteness(
                        one.Memory,
                        ledger.GapsOf(one.Run.Source),
                        book.ToleranceMs(one.Run.Targets[0], one.Memory)
                    )
                    {
                        IsPulled = TickBook.IsPulled(one.Run, one.Memory),
                    }),
            ];
        }
    }

    /// <summary>The targets that are a source, the preferred first; none when it is not collected.</summary>
    public IReadOnlyList<Target> TargetsOf(string source)
    {
        lock (gate)
        {
            return runs.TryGetValue(source, out var run) ? run.Targets : [];
        }
    }

    /// <summary>Half of the time between two ticks later, nobody has left one out.</summary>
    private static bool IsOurs(SourceRun run, long nowMs) =>
        run.Targets[0].IsPending
        || (run.IsOwn && !run.HasWorsened && nowMs - run.LastTickMs < run.GapMs + (run.GapMs / 2));

    private IEnumerable<SourceRun> Configured() => targets.Select(target => runs[target.Source]).Distinct();

    private async Task<(SourceRun Run, Collected Collected)> ScrapeAsync(
        DueTick due,
        CancellationToken cancellationToken
    )
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            var turn = new SourceTurn(due.Replicas, due.Run.State, ledger.Of(due.Run.Source), due.TickMs);
            var collected = await collector.CollectAsync(turn, cancellationToken);
            var batch = collected.Batch;
            return (
                due.Run,
                collected with
                {
                    Batch = batch with { Report = batch.Report with { Missed = due.Missed } },
                }
            );
        }
        finally
        {
            places.Release();
        }
    }

    /// <summary>Waits until all scrapes are done, but no longer than the grace time after the first.</summary>
    private async Task WaitAsync(
        List<Task<(SourceRun Run, Collected Collected)>> scrapes,
        CancellationToken cancellationToken
    )
    {
        await Task.WhenAny(scrapes);
        if (scrapes.Exists(scrape => !scrape.IsCompleted))
        {
            await Task.WhenAny(Task.WhenAll(scrapes), Task.Delay(Grace, time, cancellationToken));
        }
    }

    /// <summary>Appends what is ready, notes it when the store refuses, and in any case frees its sources for the next pass.</summary>
    private async Task<int> TryAppendAsync(
        List<(SourceRun Run, Collected Collected)> ready,
        Pass pass,
        CancellationToken cancellationToken
    )
    {
        try
        {
            return ready.Count == 0 ? 0 : await AppendAsync(ready, cancellationToken);
        }
        catch (StoreException exception)
        {
            pass.Refusal ??= ExceptionDispatchInfo.Capture(exception);
            lock (gate)
            {
                // Some of it may be in: the next pull of the same tick must not compete with it.
                pullName = null;
                ready.ForEach(item => item.Run.NoteLost(item.Collected.Batch.TickMs));
            }
            return 0;
        }
        finally
        {
            foreach (var (run, _) in ready)
            {
                // Not twice: the next pass may have taken it by then.
                pass.Taken.Remove(run);
                Release([run]);
            }
        }
    }

    private async Task<int> AppendAsync(
        List<(SourceRun Run, Collected Collected)> ready,
        CancellationToken cancellationToken
    )
    {
        uint name;
        lock (gate)
        {
            name = pullName ??= NewName();
        }
        var appended = await writer.AppendAsync(
            [.. ready.SelectMany(item => item.Collected.StoredBy(name))],
            cancellationToken
        );
        recent.Apply(appended);
        lock (gate)
        {
            foreach (var (run, collected) in ready)
            {
                run.Apply(collected.Batch);
                Count(collected.Batch);
                run.NoteReplicas(collected.Asked);
                book.Note(run, collected);
            }
        }
        return ready.Count;
    }

    private void Count(Batch batch) =>
        Meter?.CountTick(
            Payer.Collect.For(batch.Source),
            batch.Report.BodyBytes,
            batch.Scraped.Count + batch.Added.Count
        );

    /// <summary>Saves what is remembered of sources, now that their batches are in the log.</summary>
    private async Task RememberAsync(Pass pass, CancellationToken cancellationToken)
    {
        try
        {
            if (!ledger.IsLoaded)
            {
                await ledger.LoadAsync(cancellationToken);
                lock (gate)
                {
                    foreach (var run in runs.Values)
                    {
                        book.CatchUp(run);
                    }
                }
            }
            await ledger.SaveAsync(cancellationToken);
        }
        catch (StoreException exception)
        {
            pass.Refusal ??= ExceptionDispatchInfo.Capture(
                new StoreException(
                    exception.Error,
                    $"what is remembered of sources could not be saved and is tried again, their samples are stored: {exception.Message}",
                    exception
                )
            );
        }
    }

    /// <summary>The sources that are due and not taken; overdue ticks of one collapse into the last.</summary>
    private List<DueTick> TakeDue()
    {
        var nowMs = NowMs();
        lock (gate)
        {
            var due = new List<DueTick>();
            foreach (var run in Configured())
            {
                var target = run.Targets[0];
                if (target.IsPending)
                {
                    continue;
                }
                // By a part of the interval at most: else an overdue tick would be left for the next one.
                var aheadMs = Math.Min((long)Early.TotalMilliseconds, (long)target.Interval.TotalMilliseconds / 10);
                var tickMs = schedule.TickAtOrBefore(target, nowMs + aheadMs);
                if (!run.IsBusy && tickMs > run.LastTickMs && !recent.Has(target.Source, tickMs))
                {
                    run.Settle();
                    run.IsBusy = true;
                    due.Add(new DueTick(run, run.Targets, tickMs, MissedBefore(run, target, tickMs)));
                }
            }
            return due;
        }
    }

    private MissedTicks? MissedBefore(SourceRun run, Target target, long tickMs)
    {
        var afterMs =
            run.LastTickMs == long.MinValue ? recent.LastBefore(run.Source, tickMs)
            : run.Report!.IsEnding ? null
            : run.LastTickMs;
        return afterMs is { } after
            ? run.MissedBefore(tickMs, schedule.NextTickAfter(target, tickMs) - tickMs, after)
            : null;
    }

    /// <summary>The markers of the sources that nobody scrapes any more: two of their ticks went by without a batch.</summary>
    private List<(SourceRun Run, Collected Collected)> TakeEndings()
    {
        var nowMs = NowMs();
        lock (gate)
        {
            var endings = new List<(SourceRun, Collected)>();
            // Another process may scrape it: up to the last look into the log only is it known that there was no batch.
            var landedMs = knownUntilMs - (knownUntilMs == long.MinValue ? 0 : (long)Landing.TotalMilliseconds);
            var left = runs
                .Values.Where(run =>
                    run.Targets.Count == 0 && !run.IsBusy && landedMs > run.LastTickMs + (2 * run.GapMs)
                )
                .ToList();
            left.ForEach(run => run.Settle());
            var elsewhere = NewestOf(left, nowMs);
            foreach (var run in left)
            {
                if (run.State.MarkersForRemoval(run.Source, nowMs, elsewhere) is { } markers)
                {
                    run.IsBusy = true;
                    endings.Add((run, new Collected(markers, ledger.Of(run.Source))));
                }
                else
                {
                    run.State.Release();
                    runs.Remove(run.Source);
                }
            }
            return endings;
        }
    }

    /// <summary>The series of sources that left, with the time at which any source had them last.</summary>
    /// <remarks>Another path or parameter makes another source of a target, with the same series: they did not end.</remarks>
    private Dictionary<LabelSet, long> NewestOf(List<SourceRun> left, long nowMs)
    {
        var newest = new Dictionary<LabelSet, long>();
        left.ForEach(run => run.State.AddEnded(newest, nowMs));
        if (newest.Count > 0)
        {
            foreach (var run in runs.Values)
            {
                run.RaiseTo(newest);
            }
        }
        return newest;
    }

    private void Release(IEnumerable<SourceRun> held)
    {
        lock (gate)
        {
            foreach (var run in held)
            {
                run.IsBusy = false;
            }
        }
    }

    private void Replay(Batch batch)
    {
        if (SourceKey.IsBackfill(batch.Source))
        {
            return;
        }
        if (SourceKey.IsWrite(batch.Source))
        {
            // Not remembered: nobody goes on with what another process wrote.
            Written?.Invoke(batch);
            return;
        }
        writer.Remember(batch);
        if (SourceKey.IsRules(batch.Source))
        {
            Evaluated?.Invoke(batch);
            return;
        }
        lock (gate)
        {
            var source = SourceKey.WithoutPull(batch.Source);
            hasMet = true;
            Run(source).Replay(ReferenceEquals(source, batch.Source) ? batch : batch with { Source = source });
        }
    }

    private SourceRun Run(string source)
    {
        if (!runs.TryGetValue(source, out var run))
        {
            run = new SourceRun(source, collector.CreateState());
            if (isLoaded)
            {
                run.State.MarkLoaded();
            }
            runs.Add(source, run);
        }
        return run;
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>A tick that is to be taken, and the gap before it.</summary>
    private sealed record DueTick(SourceRun Run, IReadOnlyList<Target> Replicas, long TickMs, MissedTicks? Missed);

    /// <summary>One pass: the sources that it still keeps from others, and what the store said against its batches first.</summary>
    private sealed class Pass(HashSet<SourceRun> taken)
    {
        public HashSet<SourceRun> Taken { get; } = taken;

        public ExceptionDispatchInfo? Refusal { get; set; }
    }
}
