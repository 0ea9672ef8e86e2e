using Microsoft.Extensions.Logging;

namespace Tributary.Functions.Serving;

/// <summary>Logs what is not stored of requests of remote write: the first at once, and a line at times about the others.</summary>
/// <param name="logger">Gets the lines.</param>
/// <param name="time">The clock.</param>
internal sealed partial class WriteLog(ILogger logger, TimeProvider time)
{
    /// <summary>The time between two lines, at least: a sender that goes on does not fill the log.</summary>
    public static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private readonly Lock gate = new();
    private long? last;
    private long unsaid;

    /// <summary>Takes note of a request of which something is not stored.</summary>
    public void Take(string problem)
    {
        long more;
        lock (gate)
        {
            if (last is { } at && time.GetElapsedTime(at) < Pause)
            {
                unsaid++;
                return;
            }
            last = time.GetTimestamp();
            (more, unsaid) = (unsaid, 0);
        }
        Log.Rejected(logger, problem, more);
    }

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Warning,
            "Remote write: not everything is stored: {Problem} (and of {More} requests since the line before)"
        )]
        public static partial void Rejected(ILogger logger, string problem, long more);
    }
}
