namespace Tributary.Configuration;

/// <summary>When an export runs: the same times for everybody, however often they look.</summary>
/// <remarks>Equal by its text.</remarks>
public sealed class ExportSchedule : IEquatable<ExportSchedule>
{
    private readonly CrontabSchedule? crontab;
    private readonly long intervalMs;

    /// <summary>Times of the calendar.</summary>
    /// <param name="text">As it is written.</param>
    /// <param name="crontab">The same, read.</param>
    public ExportSchedule(string text, CrontabSchedule crontab) => (Text, this.crontab) = (text, crontab);

    /// <summary>Every interval since the epoch, so every hour at its beginning.</summary>
    /// <param name="text">As it is written.</param>
    /// <param name="interval">The interval.</param>
    public ExportSchedule(string text, TimeSpan interval) =>
        (Text, intervalMs) = (text, (long)interval.TotalMilliseconds);

    /// <summary>As it is written: six fields, or a duration.</summary>
    public string Text { get; }

    /// <summary>The first time behind another one, milliseconds since the epoch; null when there is none.</summary>
    public long? NextAfter(long timeMs) =>
        crontab is null ? (Floor(timeMs) + intervalMs)
        : crontab.NextAfter(Of(timeMs)) is { } next ? Of(next)
        : null;

    /// <summary>The last time that is not behind another one, milliseconds since the epoch; null when there is none.</summary>
    public long? LastUntil(long timeMs) =>
        crontab is null ? Floor(timeMs)
        : crontab.LastUntil(Of(timeMs)) is { } last ? Of(last)
        : null;

    /// <inheritdoc/>
    public bool Equals(ExportSchedule? other) =>
        other is not null && string.Equals(Text, other.Text, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ExportSchedule);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Text);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private long Floor(long timeMs) => timeMs - ((timeMs % intervalMs) + intervalMs) % intervalMs;

    private static DateTime Of(long timeMs) => DateTimeOffset.FromUnixTimeMilliseconds(timeMs).UtcDateTime;

    private static long Of(DateTime time) =>
        new DateTimeOffset(DateTime.SpecifyKind(time, DateTimeKind.Utc)).ToUnixTimeMilliseconds();
}
