using Tributary.Configuration.Rules;

namespace Tributary.Rules;

/// <summary>A rule and how its last evaluation went.</summary>
/// <param name="Config">The rule.</param>
public sealed record RuleStatus(RuleConfig Config)
{
    /// <summary>How it ended.</summary>
    public RuleHealth Health { get; init; }

    /// <summary>Why there is no result; empty when there is one.</summary>
    public string LastError { get; init; } = "";

    /// <summary>When it was evaluated, milliseconds since the epoch; 0 when never.</summary>
    public long LastEvaluationMs { get; init; }

    /// <summary>How long the evaluation took.</summary>
    public TimeSpan EvaluationTime { get; init; }

    /// <summary>The alerts, resolved ones included while they are told of; empty for a recording rule.</summary>
    public IReadOnlyList<ActiveAlert> Alerts { get; init; } = [];
}
