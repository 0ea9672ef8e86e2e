using Tributary.Configuration.Rules;

namespace Tributary.Rules;

/// <summary>A group and how its last evaluation went, whichever process made it.</summary>
/// <param name="Config">The group.</param>
public sealed record RuleGroupStatus(RuleGroupConfig Config)
{
    /// <summary>The scheduled time of the last evaluation, milliseconds since the epoch; 0 when there was none.</summary>
    public long LastEvaluationMs { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan EvaluationTime { get; init; }

    /// <summary>The rules, in their order.</summary>
    public IReadOnlyList<RuleStatus> Rules { get; init; } = [];

    /// <summary>What was missing of the sources that the last evaluation touched, a text for each.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>What the next evaluation waits for; empty when it does not.</summary>
    public string Waiting { get; init; } = "";

    /// <summary>When the last evaluation was really begun, milliseconds since the epoch.</summary>
    public long StartedMs { get; init; }

    /// <summary>How many samples it gave.</summary>
    public int Samples { get; init; }

    /// <summary>How many evaluations of the group this process made.</summary>
    public long Evaluations { get; init; }

    /// <summary>How many evaluations of its rules this process made.</summary>
    public long RuleEvaluations { get; init; }

    /// <summary>How many of those had no result.</summary>
    public long RuleFailures { get; init; }

    /// <summary>Scheduled evaluations that were left out, because they were too long ago.</summary>
    public long Missed { get; init; }
}
