using Tributary.Configuration.Advice;
using Tributary.Configuration.Yaml;
using Tributary.Model;

namespace Tributary.Configuration;

/// <summary>What interval, timeout and the labels that stand for them must satisfy.</summary>
internal static class ScrapeTimes
{
    /// <summary>The label that sets a target's interval.</summary>
    public const string IntervalLabel = "__scrape_interval__";

    /// <summary>The label that sets a target's timeout.</summary>
    public const string TimeoutLabel = "__scrape_timeout__";

    /// <summary>The label that sets a target's scheme.</summary>
    public const string SchemeLabel = "__scheme__";

    /// <summary>The error of a timeout above its interval.</summary>
    public static string TooLong(TimeSpan timeout, TimeSpan interval) =>
        $"scrape_timeout {DurationText.Format(timeout)} is greater than scrape_interval {DurationText.Format(interval)}";

    /// <summary>Reports the timeout of a section that is above its interval.</summary>
    public static void RefuseTooLong(Section section, TimeSpan timeout, TimeSpan interval) =>
        section.Refuse(
            section.Field("scrape_timeout")!.At,
            TooLong(timeout, interval),
            Explanations.Timeout(DurationText.Format(interval))
        );

    /// <summary>Whether a scheme is one that we scrape with; it may be in capital letters.</summary>
    public static bool IsHttp(string scheme) =>
        scheme.Equals("http", StringComparison.OrdinalIgnoreCase)
        || scheme.Equals("https", StringComparison.OrdinalIgnoreCase);

    /// <summary>Warns of labels that steer the scrape and make targets unusable.</summary>
    public static void CheckLabels(Section group, LabelSet labels, TimeSpan interval, TimeSpan timeout)
    {
        if (labels.Get(SchemeLabel) is { } scheme && !IsHttp(scheme))
        {
            group.Warn(
                PlaceOf(group, SchemeLabel),
                $"labels: {SchemeLabel} {Words.Quote(scheme)} must be http or https"
            );
        }
        var isRead = true;
        interval = Read(IntervalLabel, interval);
        timeout = Read(TimeoutLabel, timeout);
        var label =
            labels.Get(TimeoutLabel) is not null ? TimeoutLabel
            : labels.Get(IntervalLabel) is not null ? IntervalLabel
            : null;
        if (label is not null && isRead && timeout > interval)
        {
            group.Warn(
                PlaceOf(group, label),
                $"labels: {TooLong(timeout, interval)}",
                Explanations.Timeout(DurationText.Format(interval))
            );
        }

        TimeSpan Read(string name, TimeSpan otherwise)
        {
            if (labels.Get(name) is not { } text)
            {
                return otherwise;
            }
            if (!DurationText.TryParse(text, out var duration, out var problem) || duration == TimeSpan.Zero)
            {
                isRead = false;
                var reason = problem.Length == 0 ? "must not be 0" : problem;
                group.Warn(PlaceOf(group, name), $"labels: {name} {Words.Quote(text)}: {reason}");
            }
            return duration;
        }
    }

    private static YamlMark PlaceOf(Section group, string label) =>
        group.Map("labels").First(entry => string.Equals(entry.Key, label, StringComparison.Ordinal)).Value.At;
}
