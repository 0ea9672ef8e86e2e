using Tributary.Model;

namespace Tributary.Rules;

/// <summary>What holds for all rules; the defaults are Prometheus'.</summary>
internal sealed record RuleSettings
{
    /// <summary><c>global.external_labels</c>, for templates.</summary>
    public LabelSet ExternalLabels { get; init; } = LabelSet.Empty;

    /// <summary>Where people reach this server, for templates.</summary>
    public string ExternalUrl { get; init; } = "";

    /// <summary>An alert that fires is sent again no more often; <c>--rules.alert.resend-delay</c>.</summary>
    public TimeSpan ResendDelay { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// So long nobody may have evaluated for the time an alert was pending to count behind that;
    /// <c>--rules.alert.for-outage-tolerance</c>.
    /// </summary>
    public TimeSpan OutageTolerance { get; init; } = TimeSpan.FromHours(1);

    /// <summary>
    /// The least time from then to an alert that fires, if it did not fire before; <c>--rules.alert.for-grace-period</c>.
    /// </summary>
    public TimeSpan ForGracePeriod { get; init; } = TimeSpan.FromMinutes(10);
}
