using Tributary.Configuration.Rules;
using Tributary.Model;
using Tributary.Rules;

namespace Tributary.Jobs;

/// <summary>An evaluation that is to be made.</summary>
/// <param name="Run">The group's run.</param>
/// <param name="Group">The group.</param>
/// <param name="TickMs">The scheduled time, milliseconds since the epoch.</param>
/// <param name="Missed">The times before it that are left out.</param>
/// <param name="IsFirst">Whether nothing is known of the one before.</param>
internal sealed record DueEvaluation(
    GroupRun Run,
    RuleGroupConfig Group,
    long TickMs,
    MissedTicks? Missed,
    bool IsFirst
);

/// <summary>An evaluation that is made, and not stored yet.</summary>
internal sealed class MadeEvaluation
{
    private readonly GroupReport report;

    /// <param name="due">Which one.</param>
    /// <param name="outcome">What it gave.</param>
    /// <param name="report">What was missing and what went wrong.</param>
    /// <param name="startedMs">When it was begun.</param>
    public MadeEvaluation(DueEvaluation due, GroupOutcome outcome, GroupReport report, long startedMs)
    {
        (Due, Outcome, this.report) = (due, outcome, report);
        Batch = new Batch
        {
            Source = due.Run.Key,
            TickMs = due.TickMs,
            Report = new ScrapeReport
            {
                // Of two evaluations of one time, the one counts that saw everything.
                Verdict = report.IsComplete ? Verdict.Complete : Verdict.Partial,
                StartedMs = startedMs,
                DurationSeconds = outcome.EvaluationTime.TotalSeconds,
                Scraped = outcome.Samples.Count,
                PostRelabeling = outcome.Samples.Count,
                Markers = outcome.Markers.Count,
                Missed = due.Missed,
                Error = report.ToString(),
            },
            Scraped = outcome.Samples,
            Added = outcome.Markers,
        };
    }

    public DueEvaluation Due { get; }

    public GroupRun Run => Due.Run;

    public long TickMs => Due.TickMs;

    public GroupOutcome Outcome { get; }

    public Batch Batch { get; }

    /// <summary>The group's status behind it.</summary>
    /// <param name="before">The status before.</param>
    public RuleGroupStatus Status(RuleGroupStatus? before) =>
        (before ?? new RuleGroupStatus(Due.Group)) with
        {
            Config = Due.Group,
            LastEvaluationMs = TickMs,
            StartedMs = Batch.Report.StartedMs,
            EvaluationTime = Outcome.EvaluationTime,
            Rules = Outcome.Rules,
            Samples = Batch.Scraped.Count,
            Missing = report.Missing,
            Waiting = "",
            Evaluations = (before?.Evaluations ?? 0) + 1,
            RuleEvaluations = (before?.RuleEvaluations ?? 0) + Outcome.Rules.Count,
            RuleFailures = (before?.RuleFailures ?? 0) + Outcome.Rules.Count(rule => rule.Health is RuleHealth.Bad),
            Missed = (before?.Missed ?? 0) + (Due.Missed?.Count ?? 0),
        };
}
