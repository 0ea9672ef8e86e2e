using Tributary.PromQL.Values;

namespace Tributary.PromQL.Evaluation;

/// <summary>What planning has to know of a query beside its expression.</summary>
/// <param name="Query">Its text, for the places of errors.</param>
/// <param name="Grid">Its steps.</param>
/// <param name="EndMs">Its end as asked for: the last step may be earlier.</param>
/// <param name="IsInstant">Whether it is an instant query.</param>
/// <param name="LookbackMs">How long the last sample of a series counts.</param>
/// <param name="Options">The engine's.</param>
internal sealed record PlanContext(
    string Query,
    StepGrid Grid,
    long EndMs,
    bool IsInstant,
    long LookbackMs,
    EngineOptions Options
);
