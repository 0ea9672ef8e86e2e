using Microsoft.Extensions.Logging;
using Tributary.Functions.Serving;
using Tributary.Tests.Unit.Scraping;

namespace Tributary.Tests.Unit.Functions;

public sealed class RemoteWriteLogTests : ILogger
{
    private readonly ManualTime time = new(0);
    private readonly List<string> lines = [];

    [Fact]
    public void Warn_TextsThatDifferInNumbersAlone_AreSaidOnceAMinute()
    {
        var log = new RemoteWriteLog(time) { Logger = this };
        log.Warn("remote write to d1: 6 samples were refused, and are passed: it answered 400: at 17");
        log.Warn("remote write to d1: 40 samples were refused, and are passed: it answered 400: at 2");
        log.Warn("remote write to d1: 5 samples were refused, and are passed: it answered 400: at 3");
        log.Warn("remote write to d2: 5 samples were refused, and are passed: it answered 400: at 3");
        time.Advance(TimeSpan.FromMinutes(1));
        log.Warn("remote write to d1: 7 samples were refused, and are passed: it answered 400: at 4");
        Assert.Equal(
            [
                "remote write to d1: 6 samples were refused, and are passed: it answered 400: at 17",
                "remote write to d2: 5 samples were refused, and are passed: it answered 400: at 3",
                "remote write to d1: 7 samples were refused, and are passed: it answered 400: at 4 (and 2 times more since it was said last)",
            ],
            lines
        );
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => lines.Add(formatter(state, exception));
}
