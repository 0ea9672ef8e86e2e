using Microsoft.Extensions.Logging;

namespace Tributary.Functions.Hosting;

/// <summary>Logs one line an entry: time, level, message, error.</summary>
/// <param name="writeLine">
/// Takes a line, from several threads; standard output and not standard error, of which the Functions host takes every
/// line for an error.
/// </param>
/// <param name="time">The clock.</param>
internal sealed class ConsoleLoggerFactory(Action<string> writeLine, TimeProvider time) : ILoggerFactory
{
    private const string Own = "Tributary";

    public ILogger CreateLogger(string categoryName) =>
        new Logger(
            writeLine,
            time,
            categoryName.StartsWith(Own, StringComparison.Ordinal) ? LogLevel.Information : LogLevel.Warning
        );

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("the console is the only place that is logged to");

    public void Dispose() { }

    private sealed class Logger(Action<string> writeLine, TimeProvider time, LogLevel minimum) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= minimum && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter
        )
        {
            if (!IsEnabled(logLevel))
            {
                return;
            }
            var error = exception is null ? "" : $" | {exception.GetType().Name}: {exception.Message}";
            var line =
                $"{time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Name(logLevel)} {formatter(state, null)}{error}";
            writeLine(line.ReplaceLineEndings(" "));
        }

        private static string Name(LogLevel level) =>
            level switch
            {
                LogLevel.Critical or LogLevel.Error => "error",
                LogLevel.Warning => "warn",
                LogLevel.Information => "info",
                _ => "debug",
            };
    }
}
