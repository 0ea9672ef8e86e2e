using System.Globalization;
using Tributary.Configuration;
using Tributary.Discovery;
using Tributary.Exports;
using Tributary.Functions.CommandLine;
using Tributary.Model;
using Tributary.Storage.AppendLog;
using Tributary.Storage.Ledger;
using Tributary.Storage.Manifest;
using Tributary.Stores;

namespace Tributary.Functions.Diagnosis;

/// <summary>Whether the jobs run: by the host's own notes, and by what they leave in the store.</summary>
/// <param name="blobs">The store's blobs.</param>
/// <param name="tables">Its tables.</param>
/// <param name="config">What is to run; null when it is not known.</param>
/// <param name="time">The clock.</param>
internal sealed class TimersCheck(IBlobStore blobs, ITableStore tables, CollectorConfig? config, TimeProvider time)
{
    /// <summary>A job that left out so many of its times is late.</summary>
    private const int MissedTimes = 3;

    private const int MaxListed = 10;

    /// <summary>More of the log is not read to find evaluations.</summary>
    private const long MaxScannedBytes = 32L << 20;

    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    /// <summary>Whether this is, or stands for, a function app.</summary>
    public bool IsApp { get; init; }

    /// <summary>Whether the store is a storage account.</summary>
    public bool IsAccount { get; init; }

    /// <summary>Whether the store is the host's own account.</summary>
    public bool IsHostAccount { get; init; }

    /// <summary>The schedule of a function, as the settings say it; null when they do not.</summary>
    public Func<TimerSchedule, string?> ScheduleOf { get; init; } = _ => null;

    /// <summary>Whether a function is off, because Collect does its work or nobody wants it; null when that is not known.</summary>
    public Func<TimerSchedule, bool?> IsOff { get; init; } = _ => null;

    private DateTimeOffset Now => time.GetUtcNow();

    /// <summary>Looks.</summary>
    /// <exception cref="StoreException">The store does not answer.</exception>
    public async Task RunAsync(FindingList findings, CancellationToken stop)
    {
        if (IsAccount)
        {
            await CheckHostAsync(findings, stop);
        }
        await CheckCollectAsync(findings, stop);
        if (config is { RuleGroups.Count: > 0 })
        {
            await CheckRulesAsync(config, findings, stop);
        }
        foreach (var export in config?.Exports ?? [])
        {
            await CheckExportAsync(export, findings, stop);
        }
    }

    private async Task CheckHostAsync(FindingList findings, CancellationToken stop)
    {
        var timers = await new HostTimers(blobs).ReadAsync(stop);
        if (timers.Count == 0 && !(IsApp && IsHostAccount))
        {
            // A server of its own has no such timers, and the host may have another account.
            return;
        }
        foreach (var schedule in TimerSchedule.All)
        {
            if (IsOff(schedule) is true)
            {
                findings.Skip($"{schedule.Function}: the settings switch it off");
            }
            else if (timers.TryGetValue(schedule.Function, out var timer))
            {
                CheckTimer(schedule, timer, findings);
            }
            else if (IsBelowAMinute(ScheduleOf(schedule)))
            {
                findings.Skip($"{schedule.Function}: the host keeps no notes of schedules below a minute");
            }
            else if (schedule.MayBeOff && IsOff(schedule) is null)
            {
                findings.Skip(
                    $"{schedule.Function}: the host has never called it; that is right where {SharedJobSetting.DisablingOf(schedule.Function)} "
                        + "is set, which --app-settings would tell"
                );
            }
            else
            {
                findings.Fail(
                    $"the host has never called {schedule.Function}",
                    "Look whether the app lists its functions (az functionapp function list --name APP --resource-group GROUP). If "
                        + "not, the package is not there or host.json is not at its root; if it does, restart the app, so that the "
                        + "platform learns of its timers."
                );
            }
        }
    }

    private void CheckTimer(TimerSchedule schedule, HostTimer timer, FindingList findings)
    {
        if (timer.Last is not { } last)
        {
            findings.Warn(
                $"the host knows {schedule.Function}, and has not called it yet",
                $"Wait for its next time ({(timer.Next is { } due ? Time(due) : schedule.Setting)})."
            );
            return;
        }
        var period = timer.Next is { } next && next > last ? next - last : TimeSpan.Zero;
        if (timer.Next is { } missed && Now - missed > (MissedTimes - 1) * period + Tolerance)
        {
            findings.Fail(
                $"the host called {schedule.Function} last at {Time(last)}, and was to call it at {Time(missed)}",
                (
                    schedule.MayBeOff
                        ? $"If {SharedJobSetting.DisablingOf(schedule.Function)} is set, all is well. Else: "
                        : ""
                )
                    + "The app is stopped, or its triggers are not known to the platform after a deployment: restart it (az "
                    + "functionapp restart --name APP --resource-group GROUP); its log says why when it does not start."
            );
            return;
        }
        findings.Ok($"the host called {schedule.Function} last at {Time(last)}");
    }

    private async Task CheckCollectAsync(FindingList findings, CancellationToken stop)
    {
        var ledger = new SourceLedger(tables, time);
        await ledger.LoadAsync(stop);
        foreach (var problem in ledger.Problems.Take(MaxListed))
        {
            findings.Warn(problem, "Nothing has to be done: the next collect writes it anew.");
        }
        var sources = ledger.All.Where(one => !one.Memory.IsEnded && one.Memory.LastTickMs > 0).ToList();
        if (sources.Count == 0)
        {
            AddNeverCollected(findings);
            return;
        }
        var last = DateTimeOffset.FromUnixTimeMilliseconds(sources.Max(one => one.Memory.LastTickMs));
        var interval = TimeSpan.FromMilliseconds(sources.Min(one => one.Memory.IntervalMs));
        var allowed = MissedTimes * Longer(interval, PeriodOf(TimerSchedule.All[0])) + Tolerance;
        var text = $"sources were collected last at {Time(last)}";
        if (Now - last <= allowed)
        {
            findings.Ok($"{text}; {Text($"{sources.Sum(one => one.Gaps.OpenCount)} open gaps")}");
            AddFailing(sources.Select(one => one.Memory), findings);
        }
        else if (IsAccount)
        {
            findings.Fail(
                text,
                "Nobody collects into this store: start the server, or look at the function Collect (Application Insights, "
                    + "requests and traces of the last hour)."
            );
        }
        else
        {
            findings.Warn(text, "No server runs on this folder: tributary serve.");
        }
    }

    private void AddNeverCollected(FindingList findings)
    {
        const string text = "nothing was ever collected into this store";
        if (IsAccount)
        {
            findings.Warn(
                text,
                "After a first deployment this takes two minutes. Later: look whether the function Collect is called and what its "
                    + "log says; is this the account that the app uses?"
            );
        }
        else
        {
            findings.Skip(text);
        }
    }

    /// <summary>What the collector, where it runs, could not collect.</summary>
    private void AddFailing(IEnumerable<SourceMemory> sources, FindingList findings)
    {
        var failing = sources.Where(source => source.LastVerdict is Verdict.Failed).ToList();
        foreach (var source in failing.Take(MaxListed))
        {
            findings.Warn(
                $"{source.Source}: the collector's last collect failed: {source.LastError}",
                "docs/troubleshooting.md says what each error means; the check of sources asks from here."
            );
        }
        if (failing.Count > MaxListed)
        {
            findings.Skip(Text($"{failing.Count - MaxListed} more sources fail: /api/v1/status/sources lists them"));
        }
    }

    private async Task CheckRulesAsync(CollectorConfig config, FindingList findings, CancellationToken stop)
    {
        var nowMs = Now.ToUnixTimeMilliseconds();
        var files = await LogListing.OfAsync(blobs, new TimeRange(nowMs - Window.LengthMs, nowMs), stop);
        if (files.Sum(file => file.Blob.LengthBytes) > MaxScannedBytes)
        {
            findings.Skip("when rules were evaluated last: the log is long; /api/v1/rules of the server says it");
            return;
        }
        var last = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var file in files)
        {
            await LogFileScan.ReadAsync(
                blobs,
                file.Name,
                file.Blob.LengthBytes,
                new LogDecoder(file.Name, new SeriesTable()),
                part =>
                {
                    if (SourceKey.IsRules(part.Source))
                    {
                        last[part.Source] = Math.Max(part.TickMs, last.GetValueOrDefault(part.Source));
                    }
                },
                stop,
                keepsParts: false
            );
        }
        var late = config
            .RuleGroups.Where(group =>
                nowMs - last.GetValueOrDefault(SourceKey.RulesOf(group.File, group.Name))
                > (MissedTimes * Longer(group.Interval, PeriodOf(TimerSchedule.All[2])) + Tolerance).TotalMilliseconds
            )
            .ToList();
        if (late.Count == 0)
        {
            findings.Ok(Text($"{config.RuleGroups.Count} rule groups were evaluated as they should"));
            return;
        }
        var names = string.Join(", ", late.Take(MaxListed).Select(group => group.Name));
        findings.Warn(
            Text($"{late.Count} of {config.RuleGroups.Count} rule groups were not evaluated lately: {names}"),
            "Look at the function Evaluate and its schedule TRIBUTARY_EVALUATE_SCHEDULE, or at the server's log; a group that is "
                + "new waits for its first time."
        );
    }

    private async Task CheckExportAsync(ExportConfig export, FindingList findings, CancellationToken stop)
    {
        var nowMs = Now.ToUnixTimeMilliseconds();
        var dueMs = export.Schedule.LastUntil(
            nowMs - (long)(export.Wait + PeriodOf(TimerSchedule.All[3]) + Tolerance).TotalMilliseconds
        );
        if (dueMs is not { } due)
        {
            findings.Skip($"export {export.Name}: its first time is still to come");
            return;
        }
        var rows = new ExportRows(tables, time, () => Ulid.New(time, Random.Shared));
        if (await rows.OpenSinceAsync(export.Name, stop) is null)
        {
            findings.Skip($"export {export.Name}: nobody has looked at it yet");
            return;
        }
        var row = await rows.GetAsync(export.Name, due, stop);
        var text = $"export {export.Name} for {Time(DateTimeOffset.FromUnixTimeMilliseconds(due))}";
        switch (row?.State)
        {
            case ExportState.Complete:
                findings.Ok($"{text} is written");
                break;
            case ExportState.Incomplete:
                findings.Warn(
                    $"{text} is written, and something is missing",
                    $"tributary export show {export.Name} says what."
                );
                break;
            case ExportState.Failed:
                findings.Fail($"{text} failed: {row.Error}", $"tributary export run {export.Name} tries it now.");
                break;
            default:
                findings.Warn(
                    $"{text} is not written",
                    $"Look at the function Export and its schedule, or try it: tributary export run {export.Name}"
                );
                break;
        }
    }

    /// <summary>The time between two calls of a function; zero when nobody says.</summary>
    private TimeSpan PeriodOf(TimerSchedule schedule)
    {
        if (ScheduleOf(schedule) is not { Length: > 0 } text)
        {
            return TimeSpan.Zero;
        }
        try
        {
            var crontab = CrontabSchedule.Parse(text);
            return crontab.LastUntil(Now.UtcDateTime) is { } last && crontab.NextAfter(last) is { } next
                ? next - last
                : TimeSpan.Zero;
        }
        catch (FormatException)
        {
            // The check of settings says so.
            return TimeSpan.Zero;
        }
    }

    private static bool IsBelowAMinute(string? schedule) =>
        schedule?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is { Length: 6 } fields
        && !fields[0].All(char.IsAsciiDigit);

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static string Time(DateTimeOffset moment) =>
        moment.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
