namespace Tributary.Configuration;

/// <summary>The section <c>tributary.rules</c>: when groups are evaluated.</summary>
public sealed record RulesConfig
{
    /// <summary>So long, beyond its <c>query_offset</c>, a group waits for sources that are not complete yet.</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Evaluations that nobody made are made up for as far back as this; older ones are left out.</summary>
    public TimeSpan MaxCatchUp { get; init; } = TimeSpan.FromHours(1);
}
