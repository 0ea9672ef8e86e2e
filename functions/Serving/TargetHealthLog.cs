using Microsoft.Extensions.Logging;
using Tributary.Api;

namespace Tributary.Functions.Serving;

/// <summary>Logs the targets that go down or come up again: once at each change, and few lines at a time.</summary>
/// <param name="targets">All targets as they are now.</param>
/// <param name="logger">Gets the lines; addresses stand in them without parameters, which can be secrets.</param>
internal sealed partial class TargetHealthLog(Func<IReadOnlyList<TargetStatus>> targets, ILogger logger)
{
    /// <summary>The time between two looks.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>The most lines of one look; the status page has the rest.</summary>
    public const int MaxLines = 20;

    private HashSet<string> down = new(StringComparer.Ordinal);

    /// <summary>Compares with the look before.</summary>
    public Task LookAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var now = new HashSet<string>(StringComparer.Ordinal);
        var lines = 0;
        foreach (var target in targets())
        {
            var isDown = IsDown(target);
            if (isDown)
            {
                now.Add(KeyOf(target));
            }
            if (isDown != down.Contains(KeyOf(target)) && lines++ < MaxLines)
            {
                Write(target, isDown);
            }
        }
        if (lines > MaxLines)
        {
            Log.More(logger, lines - MaxLines);
        }
        down = now;
        return Task.CompletedTask;
    }

    private static bool IsDown(TargetStatus target) => string.Equals(target.Health, "down", StringComparison.Ordinal);

    /// <summary>Replicas are one source.</summary>
    private static string KeyOf(TargetStatus target) => $"{target.Source} {target.Replica}";

    private void Write(TargetStatus target, bool isDown)
    {
        var url = target.ScrapeUrl.Split('?')[0];
        if (isDown)
        {
            Log.Down(logger, target.ScrapePool, url, target.Report?.Error ?? "");
        }
        else
        {
            Log.Up(logger, target.ScrapePool, url);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "job {Job}: {Url} is down: {Error}")]
        public static partial void Down(ILogger logger, string job, string url, string error);

        [LoggerMessage(LogLevel.Information, "job {Job}: {Url} is up again")]
        public static partial void Up(ILogger logger, string job, string url);

        [LoggerMessage(LogLevel.Warning, "{Count} more targets went down or came up; see the status page")]
        public static partial void More(ILogger logger, int count);
    }
}
