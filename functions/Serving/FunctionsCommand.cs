using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tributary.Costs;
using Tributary.Functions.CommandLine;
using Tributary.Functions.Hosting;
using Tributary.Functions.Triggers;
using Tributary.Stores;

namespace Tributary.Functions.Serving;

/// <summary>Serves behind the Functions host: it calls, and nothing runs by itself.</summary>
/// <remarks>Nothing is kept for an end that is announced: the host kills this process without a signal.</remarks>
internal static partial class FunctionsCommand
{
    /// <summary>Serves until a signal ends it, such as a developer's Ctrl-C.</summary>
    public static async Task<int> RunAsync(Settings settings, FunctionsHost host)
    {
        using var stop = new StopSignal();
        try
        {
            await ServeAsync(settings, host, stop.Token);
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            // The end that was asked for.
        }
        return ExitCode.Restart;
    }

    private static async Task ServeAsync(Settings settings, FunctionsHost host, CancellationToken stop)
    {
        UsageMeter? meter = null;
        using var logs = new ConsoleLoggerFactory(
            line =>
            {
                // The host passes each on to where logs are billed.
                meter?.CountLogged(line.Length + 1);
                Console.WriteLine(line);
            },
            TimeProvider.System
        );
        var logger = logs.CreateLogger(typeof(FunctionsCommand).FullName!);
        using var collector = new CollectorServer(
            settings,
            StorageAccess.OpenBlobs(settings, TimeProvider.System),
            StorageAccess.OpenTables(settings, TimeProvider.System),
            TimeProvider.System
        );
        meter = collector.Costs.Meter;
        collector.RemoteWriteLog.Logger = logger;
        collector.Receive.Complained = new WriteLog(logger, TimeProvider.System).Take;
        using var reload = new ConfigReload(settings, collector, TimeProvider.System, logger);
        reload.ServeAt(new Uri($"http://{host.Listen}/"));
        var runner = new JobRunner(collector.Failures, logger);
        var fresh = new Freshness(
            collector,
            reload,
            new DiscoverLoop(collector.Discover, collector.Watch, runner, logger),
            runner,
            TimeProvider.System
        );
        collector.Alerting.Log = text => Log.Alerting(logger, text);
        var calls = CallsOf(settings, host, collector, fresh, runner, logger);
        // Log and configuration are read while the server starts.
        using (Payers.By(Payer.Start))
        {
            fresh.Begin();
        }
        await using var server = await WebServer.StartAsync(
            settings.Listen,
            collector.View(reload.ReloadAsync) with
            {
                Functions = new FunctionsSeam
                {
                    TryTakeAsync = calls.TryTakeAsync,
                    FreshConfigAsync = fresh.ConfigAsync,
                    FreshDataAsync = fresh.DataAsync,
                    InvokeAsync = async answer =>
                        await collector.Costs.InvokeAsync(Payer.Query, () => DoneAsync(answer), runner),
                },
            },
            logs,
            stop
        );
        collector.ServeAt(server.Address);
        Log.Started(logger, server.Address, settings.StorageText, settings.ConfigText);
        server.WarmUp();
        await Task.Delay(Timeout.InfiniteTimeSpan, stop);
    }

    private static async Task<bool> DoneAsync(Func<Task> answer)
    {
        await answer();
        return true;
    }

    private static HostCalls CallsOf(
        Settings settings,
        FunctionsHost host,
        CollectorServer collector,
        Freshness fresh,
        JobRunner runner,
        ILogger logger
    )
    {
        var compact = new CompactInvocation(
            collector,
            new Compaction(collector.Compact, () => collector.Config, logger),
            fresh,
            runner,
            host.Deadline,
            TimeProvider.System
        );
        var evaluate = new EvaluateInvocation(collector, fresh, runner, host.Deadline, TimeProvider.System);
        var export = new ExportInvocation(
            collector,
            new Exporting(collector.Exports, collector.RefreshExportedAsync, logger),
            fresh,
            runner,
            host.Deadline,
            TimeProvider.System
        );
        foreach (var job in settings.SharedJobs.Where(job => !job.IsDisabled))
        {
            Log.DoneTwice(logger, job.Name, SharedJobSetting.DisablingOf(job.Name));
        }
        var collect = new CollectInvocation(collector, fresh, runner, host.Deadline, TimeProvider.System)
        {
            Shared = new SharedJobs(
                [
                    .. settings.SharedJobs.Select(job => new SharedJob(
                        job.Name,
                        job.Schedule,
                        string.Equals(job.Name, JobTrigger.Export, StringComparison.Ordinal)
                            ? export.RunAsync
                            : evaluate.RunAsync
                    )),
                ],
                TimeProvider.System
            ),
        };
        return new HostCalls(
            host.Port,
            new Dictionary<string, Func<HttpContext, Task>>(StringComparer.Ordinal)
            {
                [JobTrigger.Collect] = Trigger(Payer.Collect, collect.RunAsync),
                [JobTrigger.Compact] = Trigger(Payer.Compact, compact.RunAsync),
                [JobTrigger.Evaluate] = Trigger(Payer.Evaluate, evaluate.RunAsync),
                [JobTrigger.Export] = Trigger(Payer.Export, export.RunAsync),
            }
        );

        Func<HttpContext, Task> Trigger(Payer payer, Func<Task<JobOutcome>> run) =>
            new JobTrigger(() => collector.Costs.InvokeAsync(payer, run, runner)).HandleAsync;
    }

    private static partial class Log
    {
        [LoggerMessage(LogLevel.Warning, "Alerts: {Text}")]
        public static partial void Alerting(ILogger logger, string text);

        [LoggerMessage(
            LogLevel.Warning,
            "{Job} is done at the end of Collect, and its own function calls it, too, which is paid twice: set {Setting} to true"
        )]
        public static partial void DoneTwice(ILogger logger, string job, string setting);

        [LoggerMessage(
            LogLevel.Information,
            "Tributary is at {Address} for the Functions host · storage {Storage} · configuration {Configuration}"
        )]
        public static partial void Started(ILogger logger, Uri address, string storage, string configuration);
    }
}
