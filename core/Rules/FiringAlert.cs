using Tributary.Configuration.Rules;
using Tributary.Model;

namespace Tributary.Rules;

/// <summary>An alert that those who are to know are told of now, without external labels and alert relabelling.</summary>
/// <param name="Rule">The rule that it is of; its expression makes the generator URL.</param>
/// <param name="Labels">What it is known by, <c>alertname</c> included.</param>
/// <param name="Annotations">What people are told, expanded, sorted by name.</param>
/// <param name="StartsAtMs">When it began to fire, milliseconds since the epoch.</param>
/// <param name="EndsAtMs">
/// When it was over; of one that fires, when it counts as over if nobody hears of it again: four times the greater of the
/// group's interval and the delay before it is sent again.
/// </param>
/// <param name="IsResolved">Whether it is over.</param>
public sealed record FiringAlert(
    RuleConfig Rule,
    LabelSet Labels,
    IReadOnlyList<Label> Annotations,
    long StartsAtMs,
    long EndsAtMs,
    bool IsResolved
);
