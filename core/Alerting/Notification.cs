using Tributary.Model;

namespace Tributary.Alerting;

/// <summary>An alert as an Alertmanager is told of it.</summary>
/// <param name="Labels">What it is known by, external labels included, relabelled.</param>
/// <param name="Annotations">What people are told, sorted by name.</param>
/// <param name="StartsAtMs">When it began to fire, milliseconds since the epoch.</param>
/// <param name="EndsAtMs">When it was over, or counts as over if nobody hears of it again.</param>
/// <param name="IsResolved">Whether it is over.</param>
/// <param name="GeneratorUrl">Where people see what the rule's query gives.</param>
public sealed record Notification(
    LabelSet Labels,
    IReadOnlyList<Label> Annotations,
    long StartsAtMs,
    long EndsAtMs,
    bool IsResolved,
    string GeneratorUrl
);
