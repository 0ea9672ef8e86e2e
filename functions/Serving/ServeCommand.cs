using Microsoft.Extensions.Logging;
using Tributary.Api;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Model;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary serve</c>: the one place where a server is put together from its parts.</summary>
internal static partial class ServeCommand
{
    /// <summary>Serves until a signal asks to stop.</summary>
    public static async Task<int> RunAsync(Settings settings)
    {
        using var stop = new StopSignal();
        try
        {
            await ServeAsync(settings, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        return ExitCode.Done;
    }

    private static async Task ServeAsync(Settings settings, CancellationToken stop)
    {
        using var logs = new ConsoleLoggerFactory(Console.WriteLine, TimeProvider.System);
        var state = CreateState(settings, TimeProvider.System);
        await using var server = await WebServer.StartAsync(settings.Listen, state, logs, stop);
        await server.WarmUpAsync(stop);
        Log.Started(
            logs.CreateLogger(typeof(ServeCommand).FullName!),
            server.Address,
            settings.StorageText,
            settings.ConfigText,
            state.Targets().Count
        );
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
    }

    /// <summary>The view of the endpoints on the collector.</summary>
    private static ServerState CreateState(Settings settings, TimeProvider time)
    {
        var startMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        var external = new ExternalLabels(LabelSet.Empty);
        return new ServerState
        {
            Time = time,
            IsReady = () => true,
            SelectLatest = (_, _) => [],
            ExternalLabels = () => external,
            Targets = () => [],
            Metrics = () => new OwnMetricsInput { Version = Version, Process = ProcessFigures.Read(startMs) },
            Status = () =>
                new StatusPageInput
                {
                    Version = Version,
                    Configuration = settings.ConfigText,
                    IsBuiltInConfiguration = settings.Config is null,
                    Storage = settings.StorageText,
                    NowMs = time.GetUtcNow().ToUnixTimeMilliseconds(),
                    Targets = [],
                },
        };
    }

    private static string Version => typeof(ServeCommand).Assembly.GetName().Version?.ToString(3) ?? "unknown";

    private static partial class Log
    {
        [LoggerMessage(
            LogLevel.Information,
            "Tributary is at {Address} · storage {Storage} · configuration {Configuration} · targets {Targets}"
        )]
        public static partial void Started(
            ILogger logger,
            Uri address,
            string storage,
            string configuration,
            int targets
        );
    }
}
