using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Jobs;

/// <summary>One rule group with all that is kept of it between its evaluations. Guarded by the job's lock.</summary>
/// <param name="key">What the log calls it.</param>
internal sealed class GroupRun(string key)
{
    private readonly Queue<Batch> replayed = [];
    private RuleGroupConfig? pending;
    private bool isPending;
    private Batch? last;
    private int reads;

    public string Key { get; } = key;

    /// <summary>The group; null when only the log knows it.</summary>
    public RuleGroupConfig? Config { get; private set; }

    /// <summary>Whether the configuration has it, as far as it is known now.</summary>
    public bool IsConfigured => (isPending ? pending : Config) is not null;

    /// <summary>What it waits for in its evaluations; null without a group.</summary>
    public RuleWait? Wait { get; private set; }

    /// <summary>Whether an evaluation or an append of it is under way.</summary>
    public bool IsBusy { get; set; }

    /// <summary>What the next evaluation goes on from.</summary>
    public GroupState State { get; private set; } = new(0, []);

    /// <summary>The series of the last batch.</summary>
    public SeriesList Series => last?.Scraped.Series ?? SeriesList.Empty;

    /// <summary>The last batch of the group, of this process or another; null when none is known.</summary>
    public Batch? Last => last;

    /// <summary>The last scheduled time with a batch, or of which the row tells; 0 when none is known, or it ended the group.</summary>
    public long LastTickMs => last is { Report.IsEnding: true } ? 0 : Math.Max(State.TickMs, last?.TickMs ?? 0);

    /// <summary>The time between the last two batches that were read; 0 when that is not known.</summary>
    public long GapMs { get; private set; }

    /// <summary>Whether the row has to be read before the next evaluation.</summary>
    public bool NeedsRow { get; private set; } = true;

    /// <summary>The row as it was read or written last.</summary>
    public GroupRow? SavedRow { get; set; }

    /// <summary>How the last evaluation went.</summary>
    public RuleGroupStatus? Status { get; set; }

    /// <summary>Whether the batch of the last evaluation does not count, and the one that does has not been read yet.</summary>
    public bool IsAwaiting { get; private set; }

    /// <summary>Sets the group; null when it left the configuration. It is in use from <see cref="Settle"/> on.</summary>
    public void Configure(RuleGroupConfig? group)
    {
        if (Config is not null && group is not null && RuleGroups.AreSame(Config, group))
        {
            (pending, isPending) = (null, false);
            return;
        }
        (pending, isPending) = (group, true);
    }

    /// <summary>The group as the API shows it: the new one as soon as it is there.</summary>
    public RuleGroupConfig? Shown => isPending ? pending : Config;

    /// <summary>How the last evaluation went, as the API shows it.</summary>
    public RuleGroupStatus ToStatus()
    {
        var group = Shown!;
        var status = Status;
        if (status is null || !ReferenceEquals(status.Config, group))
        {
            // It was changed: its rules are as they were only if they are the same.
            status = new RuleGroupStatus(group) { LastEvaluationMs = LastTickMs };
        }
        if (status.Rules.Count != group.Rules.Count)
        {
            status = status with { Rules = [.. group.Rules.Select(rule => new RuleStatus(rule))] };
        }
        if (!ReferenceEquals(Config, group) || State.Rules.Count != status.Rules.Count)
        {
            return status;
        }
        return status with
        {
            Rules = [.. status.Rules.Select((rule, i) => rule with { Alerts = State.Rules[i].Alerts })],
        };
    }

    /// <summary>Keeps a batch of the log until nothing uses the state.</summary>
    public void Replay(Batch batch)
    {
        replayed.Enqueue(batch);
        if (!IsBusy)
        {
            Settle();
        }
    }

    /// <summary>Takes in a new configuration and the batches that were read.</summary>
    public void Settle()
    {
        if (isPending)
        {
            Change();
        }
        var isNew = false;
        while (replayed.TryDequeue(out var batch))
        {
            var knownMs = last?.TickMs ?? 0;
            if (batch.TickMs < Math.Max(State.TickMs, knownMs))
            {
                continue;
            }
            GapMs = knownMs > 0 && batch.TickMs > knownMs ? batch.TickMs - knownMs : GapMs;
            last = batch;
            isNew = true;
            IsAwaiting = false;
        }
        if (isNew && Config is not null)
        {
            Adopt(Config, last!);
        }
    }

    /// <summary>Takes an evaluation of this process; its batch is in the log.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="state">The state behind it.</param>
    /// <param name="isCounted">Whether the batch counts; else the one that does is waited for.</param>
    public void Take(Batch batch, GroupState state, bool isCounted)
    {
        GapMs = last is not null && batch.TickMs > last.TickMs ? batch.TickMs - last.TickMs : GapMs;
        (last, State) = (batch, state);
        (IsAwaiting, reads) = (!isCounted, 0);
    }

    /// <summary>Notes what was sent of a state; nothing if it is not the state any more.</summary>
    public void Sent(GroupState of, GroupState sent) => State = ReferenceEquals(State, of) ? sent : State;

    /// <summary>Takes in the row.</summary>
    /// <param name="row">The row; null when there is none.</param>
    /// <param name="isChain">Whether it says when the last evaluation was, if the log does not.</param>
    public void TakeRow(GroupRow? row, bool isChain)
    {
        (SavedRow, NeedsRow) = (row, false);
        if (row is not null && Config is not null && (isChain || State.TickMs > 0))
        {
            State = ChainState.With(Config, State, row);
        }
    }

    /// <summary>Notes that the log was read on. What was not found by then is not waited for any longer.</summary>
    public void NoteRead()
    {
        if (IsAwaiting && ++reads > 1)
        {
            IsAwaiting = false;
        }
    }

    private void Adopt(RuleGroupConfig group, Batch batch)
    {
        if (batch.Report.IsEnding)
        {
            // Whoever has it again begins anew.
            (State, Status, NeedsRow) = (GroupState.New(group), null, false);
            return;
        }
        State = ChainState.Of(group, batch, State);
        NeedsRow = true;
        var report = GroupReport.Read(batch.Report.Error);
        var evaluationTime = TimeSpan.FromSeconds(batch.Report.DurationSeconds);
        Status = (Status ?? new RuleGroupStatus(group)) with
        {
            Config = group,
            LastEvaluationMs = batch.TickMs,
            StartedMs = batch.Report.StartedMs,
            EvaluationTime = evaluationTime,
            Samples = batch.Scraped.Count,
            Missing = report.Missing,
            Waiting = "",
            Rules =
            [
                .. group.Rules.Select(
                    (rule, i) =>
                        new RuleStatus(rule)
                        {
                            Health = report.Errors.ContainsKey(i) ? RuleHealth.Bad : RuleHealth.Good,
                            LastError = report.Errors.GetValueOrDefault(i, ""),
                            LastEvaluationMs = batch.TickMs,
                            EvaluationTime = evaluationTime / group.Rules.Count,
                        }
                ),
            ],
        };
    }

    private void Change()
    {
        var (before, now) = (Config, pending);
        (Config, pending, isPending) = (now, null, false);
        if (now is null)
        {
            return;
        }
        Wait = new RuleWait(now);
        if (before is not null)
        {
            State = State.For(before, now);
            return;
        }
        State = GroupState.New(now);
        if (last is not null)
        {
            Adopt(now, last);
        }
    }
}
