using Tributary.Functions.CommandLine;

namespace Tributary.Functions.Diagnosis;

/// <summary>A function that the host's timer calls, and the app setting with its schedule.</summary>
/// <param name="Function">The function.</param>
/// <param name="Setting">The app setting.</param>
/// <param name="Usual">The schedule of <c>local.settings.sample.json</c>.</param>
internal sealed record TimerSchedule(string Function, string Setting, string Usual)
{
    /// <summary>Whether Collect may do its work instead.</summary>
    public bool MayBeOff => SharedJobSetting.Names.Contains(Function, StringComparer.Ordinal);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<TimerSchedule> All { get; } =
    [
        new("Collect", "TRIBUTARY_COLLECT_SCHEDULE", "0 * * * * *"),
        new("Compact", "TRIBUTARY_COMPACT_SCHEDULE", "0 17 * * * *"),
        new("Evaluate", "TRIBUTARY_EVALUATE_SCHEDULE", "0 * * * * *"),
        new("Export", "TRIBUTARY_EXPORT_SCHEDULE", "0 */5 * * * *"),
    ];
}
