namespace Tributary.Alerting;

/// <summary>What became of the alerts for one Alertmanager since the start.</summary>
/// <param name="Url">Where they are sent.</param>
/// <param name="Sent">Alerts that it took.</param>
/// <param name="Errors">Alerts of requests that failed, each time again.</param>
/// <param name="Dropped">Alerts that it will not get: it refused them, or there was no room for more.</param>
/// <param name="Queued">Alerts that wait.</param>
/// <param name="Requests">Requests that it answered well.</param>
/// <param name="Seconds">What these took together.</param>
public sealed record AlertmanagerFigures(
    string Url,
    long Sent,
    long Errors,
    long Dropped,
    int Queued,
    long Requests,
    double Seconds
);
