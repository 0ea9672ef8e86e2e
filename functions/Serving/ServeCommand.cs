using Microsoft.Extensions.Logging;
using Tributary.Configuration;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Security;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary><c>tributary serve</c>: starts a server with in-process timers, and ends it.</summary>
internal static partial class ServeCommand
{
    /// <summary>So long the end of the server waits for Alertmanagers to take what waits for them.</summary>
    private static readonly TimeSpan LastAlertsLimit = TimeSpan.FromSeconds(5);

    /// <summary>So long the first scrapes wait for the first look at files and web servers with targets.</summary>
    private static readonly TimeSpan FirstPassLimit = TimeSpan.FromSeconds(1);

    public static string Version { get; } = typeof(ServeCommand).Assembly.GetName().Version?.ToString(3) ?? "unknown";

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
        var logger = logs.CreateLogger(typeof(ServeCommand).FullName!);
        using var collector = new CollectorServer(
            settings,
            StorageAccess.OpenBlobsForServing(settings, TimeProvider.System),
            StorageAccess.OpenTables(settings, TimeProvider.System),
            TimeProvider.System
        );
        collector.RemoteWriteLog.Logger = logger;
        collector.Receive.Complained = new WriteLog(logger, TimeProvider.System).Take;
        using var reload = new ConfigReload(settings, collector, TimeProvider.System, logger);
        var runner = new JobRunner(collector.Failures, logger);
        using var hangup = new HangupSignal(() => runner.OnceAsync(reload.ReloadAsync, "reloading", stop));
        // Log and configuration are read while the server starts.
        var load = Task.Run(() => collector.Collect.LoadAsync(stop), stop);
        var read = Task.Run(() => reload.LoadFirstAsync(stop), stop);
        if (ConfigSource.MayAskForTls(settings) && await read is { } early)
        {
            WebConfigCheck.Check(early.Web);
            collector.Configure(early.Web);
        }
        await using var server = await WebServer.StartAsync(
            settings.Listen,
            collector.View(reload.ReloadAsync),
            logs,
            stop
        );
        collector.ServeAt(server.Address);
        reload.Apply(await read ?? BuiltInFor(server.Address, settings.Web), server.Address);
        server.WarmUp();
        await AwaitLoadAsync(load);
        collector.BeReady();
        Log.Started(
            logger,
            server.Address,
            settings.StorageText,
            settings.ConfigText,
            collector.Collect.Targets().Count
        );
        var history = collector.LoadHistoryAsync(stop);
        var discover = new DiscoverLoop(collector.Discover, collector.Watch, runner, logger);
        var discovering = discover.RunAsync(stop);
        // What is found at once is known before sources that left are looked for.
        await Task.WhenAny(discover.FirstPass, Task.Delay(FirstPassLimit, stop));
        await Task.WhenAll(
            discovering,
            FindAlertmanagersAsync(collector, runner, logger, stop),
            new ReplicaLoop(collector.Replicas, collector.NewReplicas, runner, TimeProvider.System).RunAsync(stop),
            reload.WatchAsync(runner, stop),
            WatchHealthAsync(collector, runner, logger, stop),
            LoopOf(collector, runner, logger).RunAsync(stop),
            new EvaluateLoop(collector.Evaluate, runner, collector.NewGroups, TimeProvider.System).RunAsync(stop),
            new RemoteWriteLoop(collector.RemoteWrite, runner, TimeProvider.System).RunAsync(stop),
            collector.Costs.RunAsync(runner, stop)
        );
        await EndAsync(collector, runner);
        await history;
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
    }

    /// <summary>What is done when all loops have ended; the costs of the rest are kept last.</summary>
    private static async Task EndAsync(CollectorServer collector, JobRunner runner)
    {
        await collector.Alerting.FlushAsync(LastAlertsLimit, CancellationToken.None);
        await collector.Alerting.StopAsync();
        await collector.Costs.EndAsync(runner);
    }

    private static Task FindAlertmanagersAsync(
        CollectorServer collector,
        JobRunner runner,
        ILogger logger,
        CancellationToken stop
    )
    {
        collector.Alerting.Log = text => Log.Alerting(logger, text);
        return new DiscoverLoop(collector.Alerting.Discover, collector.AlertingWatch, runner, logger).RunAsync(stop);
    }

    private static CollectLoop LoopOf(CollectorServer collector, JobRunner runner, ILogger logger) =>
        new(
            collector.Collect,
            collector.ReadOnAsync,
            new Compaction(collector.Compact, () => collector.Config, logger),
            collector.Trim,
            runner,
            collector.NewTargets,
            TimeProvider.System
        )
        {
            Backfill = collector.Backfill,
            Tidy = token => collector.Costs.RemoveOldAsync(runner, token),
            Exporting = new Exporting(collector.Exports, collector.RefreshExportedAsync, logger),
        };

    private static Task WatchHealthAsync(
        CollectorServer collector,
        JobRunner runner,
        ILogger logger,
        CancellationToken stop
    ) =>
        runner.RepeatAsync(
            TargetHealthLog.LookEvery,
            TimeProvider.System,
            new TargetHealthLog(collector.Collect.Targets, logger).LookAsync,
            "looking for targets that are down",
            stop
        );

    /// <summary>The configuration of a server without one: it watches itself.</summary>
    internal static CollectorConfig BuiltInFor(Uri address, WebSettings web)
    {
        var config = BuiltInConfig.For(address.Authority);
        return config with
        {
            ScrapeConfigs =
            [
                .. config.ScrapeConfigs.Select(job => job with { MetricsPath = web.RoutePrefix + job.MetricsPath }),
            ],
        };
    }

    private static async Task AwaitLoadAsync(Task load)
    {
        try
        {
            await load;
        }
        catch (StoreException exception)
        {
            throw StorageAccess.Explain(exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Alerts: {Text}")]
        public static partial void Alerting(ILogger logger, string text);

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
