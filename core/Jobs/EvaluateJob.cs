using Tributary.Configuration;
using Tributary.Configuration.Rules;
using Tributary.Discovery;
using Tributary.Model;
using Tributary.Rules;
using Tributary.Storage.Ledger;
using Tributary.Stores;

namespace Tributary.Jobs;

/// <summary>Evaluate: makes the scheduled evaluations of rule groups that nobody has made yet, in order, each one batch.</summary>
/// <remarks>
/// Any number of processes may do so at once: of two batches of one identity (group, time) one counts, and who wrote the other
/// goes on from the state of the one that counts. Behind an evaluation the batch goes into the log, then what the log cannot
/// say into the group's row, then alerts are sent.
/// </remarks>
/// <param name="parts">The process.</param>
/// <param name="schedule">Which times there are.</param>
/// <param name="time">The clock.</param>
internal sealed class EvaluateJob(EvaluateParts parts, TickSchedule schedule, TimeProvider time)
{
    /// <summary>How long batches that are ready wait for the others of their time.</summary>
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(500);

    /// <summary>What was read of the log is young enough for an evaluation.</summary>
    private static readonly TimeSpan LogAge = TimeSpan.FromSeconds(2);

    /// <summary>The log has the last batch of no group whose interval is this long: its row says when it was.</summary>
    private static readonly TimeSpan LongInterval = TimeSpan.FromHours(1);

    /// <summary>A time so near ahead counts as due, but a tenth of the interval is the most: a timer outside may fire early.</summary>
    public TimeSpan Early
    {
        init => times = new GroupTimes(schedule, value);
    }

    /// <summary>Sources are looked at so often while an evaluation waits for them.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromMilliseconds(500);

    private readonly GroupTimes times = new(schedule, TimeSpan.Zero);
    private readonly Lock gate = new();
    private readonly Dictionary<string, GroupRun> runs = new(StringComparer.Ordinal);
    private readonly GroupRows rows = new(parts.Tables);
    private readonly Completeness completeness = new(parts.Sources, time);
    private IReadOnlyList<string> order = [];
    private RulesConfig rules = new();
    private RuleSettings settings = new();
    private GroupEvaluator evaluator = new(new RuleSettings(), time);
    private long? readAt;

    /// <summary>What an operator has to look at, without secrets.</summary>
    public IReadOnlyList<string> Problems => rows.Problems;

    /// <summary>Sets what is evaluated. Groups and rules that stay keep their state; those that went end.</summary>
    /// <param name="groups">The groups, in their order.</param>
    /// <param name="config">When they are evaluated.</param>
    /// <param name="common">What holds for all rules.</param>
    public void Configure(IReadOnlyList<RuleGroupConfig> groups, RulesConfig config, RuleSettings common)
    {
        lock (gate)
        {
            rules = config;
            if (settings != common)
            {
                (settings, evaluator) = (common, new GroupEvaluator(common, time));
            }
            var byKey = groups.ToDictionary(group => SourceKey.RulesOf(group.File, group.Name), StringComparer.Ordinal);
            order = [.. byKey.Keys];
            foreach (var gone in runs.Values.Where(run => run.IsConfigured && !byKey.ContainsKey(run.Key)))
            {
                gone.Configure(null);
            }
            foreach (var (key, group) in byKey)
            {
                Run(key).Configure(group);
            }
            foreach (var run in runs.Values.Where(run => !run.IsBusy))
            {
                run.Settle();
            }
        }
    }

    /// <summary>Takes a batch of a rule group that was read in the log.</summary>
    public void Take(Batch batch)
    {
        lock (gate)
        {
            Run(batch.Source).Replay(batch);
        }
    }

    /// <summary>The first moment after <paramref name="nowMs"/> at which a group is due; null without groups.</summary>
    public long? NextDueMs(long nowMs)
    {
        lock (gate)
        {
            return order.Count == 0 ? null : order.Min(key => times.NextAfter(runs[key], runs[key].Shown!, nowMs));
        }
    }

    /// <summary>The groups in their order, and how the last evaluation of each went.</summary>
    public IReadOnlyList<RuleGroupStatus> Statuses()
    {
        lock (gate)
        {
            return [.. order.Select(key => runs[key].ToStatus())];
        }
    }

    /// <summary>
    /// Reads what only rows say of alerts that other processes have evaluated, for <see cref="Statuses"/> of a process that
    /// evaluates nothing itself.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task RefreshAsync(CancellationToken cancellationToken) => RefreshAsync(TimeSpan.Zero, cancellationToken);

    /// <summary>
    /// Reads when groups were evaluated whose last batch may be in no file of the log any more, for <see cref="Statuses"/> of
    /// a process that evaluates nothing itself.
    /// </summary>
    /// <exception cref="StoreException">The store cannot be read.</exception>
    public Task RefreshRareAsync(CancellationToken cancellationToken) => RefreshAsync(LongInterval, cancellationToken);

    private async Task RefreshAsync(TimeSpan leastInterval, CancellationToken cancellationToken)
    {
        List<(GroupRun Run, Batch? Last)> waiting;
        lock (gate)
        {
            waiting =
            [
                .. order
                    .Select(key => runs[key])
                    .Where(run => run.NeedsRow && run.Shown?.Interval >= leastInterval)
                    .Select(run => (run, run.Last)),
            ];
        }
        foreach (var (run, last) in waiting)
        {
            var row = await rows.ReadAsync(run.Key, cancellationToken);
            lock (gate)
            {
                // Not under an evaluation, which reads it itself.
                if (run is { NeedsRow: true, IsBusy: false } && ReferenceEquals(run.Last, last))
                {
                    TakeRow(run, row);
                }
            }
        }
    }

    /// <summary>One pass: makes the evaluations that are due, and those that were missed before them, in order of time.</summary>
    /// <returns>How many batches of this process were appended.</returns>
    /// <exception cref="StoreException">
    /// Something could not be read or written; evaluations that are not in the log are still due, and are made later.
    /// </exception>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        using var paid = Payers.By(Payer.Evaluate);
        var horizonMs = NowMs();
        if (!IsAnythingDue(horizonMs))
        {
            return 0;
        }
        await FreshAsync(cancellationToken);
        var pass = new EvaluatePass(TakeFree());
        try
        {
            foreach (var run in pass.Taken.Where(run => run is { NeedsRow: true, Config: not null }).ToList())
            {
                await TakeOverAsync(run, cancellationToken);
            }
            var appended = await EndAsync(pass, horizonMs, cancellationToken);
            while (NextWave(pass, horizonMs) is { Count: > 0 } wave)
            {
                appended += await WaveAsync(pass, wave, cancellationToken);
                await FreshAsync(cancellationToken);
            }
            pass.ThrowIfRefused();
            return appended;
        }
        finally
        {
            Release(pass.Taken);
        }
    }

    /// <summary>The evaluations of the earliest time that is due; groups that have none are free for other passes.</summary>
    private List<DueEvaluation> NextWave(EvaluatePass pass, long horizonMs)
    {
        lock (gate)
        {
            var due = new List<DueEvaluation>();
            foreach (var run in pass.Taken.ToList())
            {
                run.Settle();
                if (times.Due(run, rules, horizonMs) is { } next)
                {
                    due.Add(next);
                }
                else
                {
                    pass.Taken.Remove(run);
                    run.IsBusy = false;
                }
            }
            var firstMs = due.Count == 0 ? 0 : due.Min(one => one.TickMs);
            due.RemoveAll(one => one.TickMs > firstMs);
            return due;
        }
    }

    private async Task<int> WaveAsync(EvaluatePass pass, List<DueEvaluation> wave, CancellationToken cancellationToken)
    {
        var evaluations = wave.ConvertAll(due => EvaluateAsync(pass, due, cancellationToken));
        var appended = 0;
        try
        {
            while (evaluations.Count > 0)
            {
                await Task.WhenAny(evaluations);
                if (evaluations.Exists(one => !one.IsCompleted))
                {
                    await Task.WhenAny(Task.WhenAll(evaluations), Task.Delay(Together, time, cancellationToken));
                }
                var ended = evaluations.FindAll(one => one.IsCompleted);
                evaluations.RemoveAll(ended.Contains);
                var ready = await Task.WhenAll(ended);
                appended += await AppendAsync(pass, [.. ready.OfType<MadeEvaluation>()], cancellationToken);
            }
            return appended;
        }
        finally
        {
            // A group is free when nothing uses its state any more, and not before.
            await Task.WhenAll(evaluations.AsEnumerable<Task>())
                .ConfigureAwait(
                    ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext
                );
        }
    }

    private async Task<MadeEvaluation?> EvaluateAsync(
        EvaluatePass pass,
        DueEvaluation due,
        CancellationToken cancellationToken
    )
    {
        var (run, group) = (due.Run, due.Group);
        try
        {
            if (run.NeedsRow)
            {
                await TakeOverAsync(run, cancellationToken);
            }
            var awaited = await WaitAsync(due, cancellationToken);
            var startedMs = NowMs();
            var outcome = await evaluator.EvaluateAsync(
                group,
                due.IsFirst ? Forgotten(run.State) : run.State,
                due.TickMs,
                parts.Queries(),
                cancellationToken,
                due.IsFirst,
                run.Series
            );
            var missing = completeness.Warnings([.. outcome.Asked.Select(one => (one.Matchers, one.Range))]);
            return new MadeEvaluation(due, outcome, GroupReport.Of(outcome.Rules, [.. missing, .. awaited]), startedMs);
        }
        catch (StoreException exception)
        {
            lock (gate)
            {
                pass.Refuse(run, exception);
            }
            return null;
        }
        finally
        {
            SetWaiting(run, "");
        }
    }

    /// <summary>Behind times that were left out alerts begin anew, but for what the store says of them.</summary>
    private static GroupState Forgotten(GroupState state) =>
        state with
        {
            Rules = [.. state.Rules.Select(rule => rule with { Alerts = [] })],
        };

    /// <summary>Waits for sources that are about to be complete; says which are not when the time is over.</summary>
    private async Task<IReadOnlyList<string>> WaitAsync(DueEvaluation due, CancellationToken cancellationToken)
    {
        var queryMs = due.TickMs - (long)due.Group.QueryOffset.TotalMilliseconds;
        var untilMs = due.TickMs + (long)rules.Grace.TotalMilliseconds;
        while (true)
        {
            var awaited = due.Run.Wait!.Awaited(parts.Sources(), queryMs, rules.Grace);
            var leftMs = untilMs - NowMs();
            if (awaited.Count == 0 || leftMs <= 0)
            {
                return awaited;
            }
            SetWaiting(due.Run, string.Join("; ", awaited));
            var pause = TimeSpan.FromMilliseconds(leftMs);
            await Task.Delay(pause < LookEvery ? pause : LookEvery, time, cancellationToken);
            await FreshAsync(cancellationToken);
        }
    }

    private async Task<int> AppendAsync(
        EvaluatePass pass,
        List<MadeEvaluation> ready,
        CancellationToken cancellationToken
    )
    {
        // What another process has appended meanwhile counts; nothing is added to it.
        foreach (var late in ready.Where(one => parts.Recent.Has(one.Run.Key, one.TickMs)).ToList())
        {
            ready.Remove(late);
            Note(late, isCounted: false);
        }
        if (ready.Count == 0)
        {
            return 0;
        }
        try
        {
            var appended = await parts.Writer.AppendAsync(ready.ConvertAll(one => one.Batch), cancellationToken);
            parts.Recent.Apply(appended);
            for (var i = 0; i < ready.Count; i++)
            {
                Note(ready[i], parts.Recent.IsCounted(appended[i]));
            }
        }
        catch (StoreException exception)
        {
            lock (gate)
            {
                // Perhaps some are in: then they are read on like those of others.
                ready.ForEach(one => pass.Refuse(one.Run, exception));
            }
            return 0;
        }
        await Task.WhenAll(
            ready.Where(one => !one.Run.IsAwaiting).Select(one => FinishAsync(pass, one, cancellationToken))
        );
        return ready.Count;
    }

    private void Note(MadeEvaluation made, bool isCounted)
    {
        lock (gate)
        {
            made.Run.Take(made.Batch, made.Outcome.State, isCounted);
            made.Run.Status = made.Status(made.Run.Status);
        }
    }

    /// <summary>What follows when the batch is in the log: the row, then the alerts.</summary>
    private async Task FinishAsync(EvaluatePass pass, MadeEvaluation made, CancellationToken cancellationToken)
    {
        try
        {
            await SaveAsync(made.Run, made.Due.Group, made.Outcome.State, cancellationToken);
        }
        catch (StoreException exception)
        {
            lock (gate)
            {
                pass.Refuse(
                    null,
                    new StoreException(
                        exception.Error,
                        $"what alerts of a group are like could not be saved and is tried again, its samples are stored and the alerts are sent: {exception.Message}",
                        exception
                    )
                );
            }
        }
        var nowMs = NowMs();
        var isPast = nowMs - made.TickMs > (2 * (long)made.Due.Group.Interval.TotalMilliseconds) + GroupTimes.FirstMs;
        await SendAsync(made.Run, made.Due.Group, made.Outcome.Rules, isPast, cancellationToken);
    }

    private async Task SaveAsync(
        GroupRun run,
        RuleGroupConfig group,
        GroupState state,
        CancellationToken cancellationToken
    )
    {
        var row = GroupRow.Of(state);
        var known = run.SavedRow ?? new GroupRow(0, []);
        if (row.IsAlike(known) && group.Interval < LongInterval)
        {
            return;
        }
        var stored = await rows.WriteAsync(run.Key, row, cancellationToken);
        lock (gate)
        {
            run.SavedRow = stored;
        }
    }

    private async Task SendAsync(
        GroupRun run,
        RuleGroupConfig group,
        IReadOnlyList<RuleStatus>? statuses,
        bool isOnlyNew,
        CancellationToken cancellationToken
    )
    {
        var state = run.State;
        var pace = new NoticePace((long)settings.ResendDelay.TotalMilliseconds, NowMs(), isOnlyNew);
        var notices = AlertNotices.Of(group, state, statuses, pace);
        if (notices.Alerts.Count == 0)
        {
            return;
        }
        await parts.Notify(notices.Alerts, cancellationToken);
        lock (gate)
        {
            run.Sent(state, notices.State);
        }
    }

    /// <summary>
    /// Takes over from another process: reads what it noted, and sends what it perhaps did not before it was killed.
    /// </summary>
    private async Task TakeOverAsync(GroupRun run, CancellationToken cancellationToken)
    {
        await ReadRowAsync(run, cancellationToken);
        if (run.State.TickMs > 0 && NowMs() - run.State.TickMs <= (long)rules.MaxCatchUp.TotalMilliseconds)
        {
            await SendAsync(run, run.Config!, null, isOnlyNew: true, cancellationToken);
        }
    }

    private async Task ReadRowAsync(GroupRun run, CancellationToken cancellationToken)
    {
        var row = await rows.ReadAsync(run.Key, cancellationToken);
        lock (gate)
        {
            TakeRow(run, row);
        }
    }

    private static void TakeRow(GroupRun run, GroupRow? row) =>
        run.TakeRow(row, isChain: run.Config?.Interval >= LongInterval);

    /// <summary>Ends the series of groups that left the configuration: two of their times went by without a batch.</summary>
    private async Task<int> EndAsync(EvaluatePass pass, long nowMs, CancellationToken cancellationToken)
    {
        List<(GroupRun Run, Batch Batch)> endings;
        lock (gate)
        {
            foreach (var run in pass.Taken)
            {
                run.Settle();
            }
            var gone = pass.Taken.Where(run => GroupEnding.IsDue(run, nowMs)).ToList();
            endings = [.. gone.Select(run => (run, GroupEnding.Of(run)!)).Where(one => one.Item2 is not null)];
            foreach (var run in gone)
            {
                pass.Taken.Remove(run);
                runs.Remove(run.Key);
            }
        }
        if (endings.Count == 0)
        {
            return 0;
        }
        try
        {
            var appended = await parts.Writer.AppendAsync(endings.ConvertAll(one => one.Batch), cancellationToken);
            parts.Recent.Apply(appended);
            return endings.Count;
        }
        catch (StoreException exception)
        {
            lock (gate)
            {
                // They end with the next pass.
                endings.ForEach(one => runs.TryAdd(one.Run.Key, one.Run));
                endings.ForEach(one => one.Run.IsBusy = false);
                pass.Refuse(null, exception);
            }
            return 0;
        }
    }

    private bool IsAnythingDue(long nowMs)
    {
        lock (gate)
        {
            return runs.Values.Any(run =>
                !run.IsBusy
                && (
                    run.IsAwaiting
                    || GroupEnding.IsDue(run, nowMs)
                    || (run is { NeedsRow: true, LastTickMs: 0, Config: not null })
                    || times.Due(run, rules, nowMs) is not null
                )
            );
        }
    }

    private HashSet<GroupRun> TakeFree()
    {
        lock (gate)
        {
            var free = runs.Values.Where(run => !run.IsBusy).ToHashSet();
            foreach (var run in free)
            {
                run.IsBusy = true;
            }
            return free;
        }
    }

    private void Release(IEnumerable<GroupRun> held)
    {
        lock (gate)
        {
            foreach (var run in held)
            {
                run.IsBusy = false;
                run.Settle();
            }
        }
    }

    /// <summary>Reads on in the log, if that was not done just now.</summary>
    private async Task FreshAsync(CancellationToken cancellationToken)
    {
        long began;
        lock (gate)
        {
            began = time.GetTimestamp();
            var isAwaiting = runs.Values.Any(run => run.IsAwaiting);
            if (
                !isAwaiting
                && (parts.ReadAge() <= LogAge || (readAt is { } at && time.GetElapsedTime(at, began) <= LogAge))
            )
            {
                return;
            }
        }
        await parts.ReadOn(cancellationToken);
        lock (gate)
        {
            readAt = began;
            foreach (var run in runs.Values)
            {
                run.NoteRead();
            }
        }
    }

    private void SetWaiting(GroupRun run, string text)
    {
        lock (gate)
        {
            run.Status = run.Config is null
                ? run.Status
                : (run.Status ?? new RuleGroupStatus(run.Config)) with
                {
                    Waiting = text,
                };
        }
    }

    private GroupRun Run(string key)
    {
        if (!runs.TryGetValue(key, out var run))
        {
            runs.Add(key, run = new GroupRun(key));
        }
        return run;
    }

    private long NowMs() => time.GetUtcNow().ToUnixTimeMilliseconds();
}
