using Tributary.Model;

namespace Tributary.Rules;

/// <summary>One alert of an alerting rule, as it is behind an evaluation. Times are milliseconds since the epoch; 0 is never.</summary>
public sealed record ActiveAlert
{
    /// <summary>So long those who were told of an alert are told that it is over, and it is kept for that.</summary>
    public static readonly TimeSpan ResolvedRetention = TimeSpan.FromMinutes(15);

    /// <summary>What the alert is known by, <c>alertname</c> included; without external labels.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>What people are told, expanded, sorted by name.</summary>
    public IReadOnlyList<Label> Annotations { get; init; } = [];

    /// <summary>Where it is; <see cref="AlertState.Inactive"/> is a resolved one that is still being told of.</summary>
    public required AlertState State { get; init; }

    /// <summary>The value of the query when it gave the alert last.</summary>
    public double Value { get; init; }

    /// <summary>Since when the query gives it.</summary>
    public required long ActiveAtMs { get; init; }

    /// <summary>When it began to fire.</summary>
    public long FiredAtMs { get; init; }

    /// <summary>When it was over; of a pending one, when the alert of the same labels before it was.</summary>
    public long ResolvedAtMs { get; init; }

    /// <summary>Since when it only fires because of <c>keep_firing_for</c>.</summary>
    public long KeepFiringSinceMs { get; init; }

    /// <summary>When it was handed to the notifier last: the time of that evaluation.</summary>
    public long LastSentMs { get; init; }

    /// <summary>Whether it is pending anew, and people were not told yet that it was over before.</summary>
    internal bool IsEndUntold => State is AlertState.Pending && ResolvedAtMs > LastSentMs;
}
