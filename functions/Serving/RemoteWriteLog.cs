using Microsoft.Extensions.Logging;

namespace Tributary.Functions.Serving;

/// <summary>Logs what destinations refuse, each text once in a while: a destination that is down would fill the log.</summary>
/// <param name="time">The clock.</param>
internal sealed partial class RemoteWriteLog(TimeProvider time)
{
    /// <summary>More texts than this at once are not told from each other.</summary>
    private const int MaxTexts = 100;

    private static readonly TimeSpan SameAfter = TimeSpan.FromMinutes(1);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (long At, int Left)> said = new(StringComparer.Ordinal);

    /// <summary>Where it goes; null until there is a log.</summary>
    public ILogger? Logger { get; set; }

    /// <summary>Logs a text, unless it was logged shortly before.</summary>
    public void Warn(string text)
    {
        if (Logger is not { } logger)
        {
            return;
        }
        var left = 0;
        var key = KeyOf(text);
        lock (gate)
        {
            if (said.TryGetValue(key, out var last) && time.GetElapsedTime(last.At) < SameAfter)
            {
                said[key] = last with { Left = last.Left + 1 };
                return;
            }
            left = last.Left;
            if (said.Count >= MaxTexts)
            {
                said.Clear();
            }
            said[key] = (time.GetTimestamp(), 0);
        }
        if (left == 0)
        {
            Log.Refused(logger, text);
        }
        else
        {
            Log.RefusedOften(logger, text, left);
        }
    }

    /// <summary>What is the same of texts that differ in numbers of samples and times alone; names of destinations may be numbered.</summary>
    private static string KeyOf(string text)
    {
        var name = text.IndexOf(": ", StringComparison.Ordinal) + 1;
        return string.Concat(text.AsSpan(0, name), string.Concat(text.Skip(name).Where(c => !char.IsAsciiDigit(c))));
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "{Text}")]
        public static partial void Refused(ILogger logger, string text);

        [LoggerMessage(LogLevel.Warning, "{Text} (and {Times} times more since it was said last)")]
        public static partial void RefusedOften(ILogger logger, string text, int times);
    }
}
