using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Tributary.Tests.EndToEnd.Processes;

namespace Tributary.Tests.EndToEnd.Hosting;

/// <summary>
/// The handler as the host keeps it: started with the environment of the host, asked until it answers, started again when
/// it ends, killed without a signal.
/// </summary>
internal sealed class HandlerProcess : IAsyncDisposable
{
    private const int RestartCode = 200;
    private const int MaxErrors = 3;
    private static readonly TimeSpan ErrorWindow = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan PollEvery = TimeSpan.FromMilliseconds(25);

    private readonly HostJson host;
    private readonly HostOptions options;
    private readonly HostLog log;
    private readonly Lock gate = new();
    private readonly List<ChildProcess> past = [];
    private readonly List<long> errors = [];
    private readonly CancellationTokenSource stop = new();
    private readonly Task running;
    private bool isRestarting;
    private TaskCompletionSource<bool> ready = NewReady();

    public HandlerProcess(HostJson host, HostOptions options, HostLog log, Action stopHost)
    {
        this.host = host;
        this.options = options;
        this.log = log;
        Port = FreePort.Find();
        running = RunAsync(StartOnce(), stopHost);
    }

    /// <summary>Where it must listen, for the whole life of the host.</summary>
    public int Port { get; }

    /// <summary>Standard output of all its lives.</summary>
    public string Output => string.Join('\n', Lives().Select(life => life.Output));

    /// <summary>Standard error of all its lives: what the host logs as errors.</summary>
    public string Errors => string.Join('\n', Lives().Select(life => life.Errors).Where(text => text.Length > 0));

    /// <summary>Its present life.</summary>
    public ChildProcess Present => Lives()[^1];

    /// <summary>How often it was started.</summary>
    public int Starts => Lives().Count;

    /// <summary>Waits until it answers.</summary>
    /// <returns>Whether it does; not when it has ended for good.</returns>
    public Task<bool> ReadyAsync()
    {
        lock (gate)
        {
            return ready.Task;
        }
    }

    /// <summary>Kills it and starts it again, as after an invocation that took too long.</summary>
    public Task RestartAsync()
    {
        lock (gate)
        {
            isRestarting = true;
            return past[^1].KillAsync();
        }
    }

    /// <summary>Kills it as the machine would; the host takes it for a crash.</summary>
    public Task CrashAsync()
    {
        lock (gate)
        {
            return past[^1].KillAsync();
        }
    }

    /// <summary>Kills it for good.</summary>
    public void BeginStop() => stop.Cancel();

    /// <summary>Kills it for good, and waits until it is dead.</summary>
    public async Task EndAsync()
    {
        await stop.CancelAsync();
        await running;
        ready.TrySetResult(false);
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        foreach (var life in Lives())
        {
            await life.DisposeAsync();
        }
        stop.Dispose();
    }

    private static TaskCompletionSource<bool> NewReady() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private List<ChildProcess> Lives()
    {
        lock (gate)
        {
            return [.. past];
        }
    }

    private async Task RunAsync(ChildProcess process, Action stopHost)
    {
        for (; !stop.IsCancellationRequested; process = StartOnce())
        {
            var isReady = await AwaitReadyAsync(process);
            ready.TrySetResult(isReady);
            if (!isReady && !process.HasExited)
            {
                log.Write("the handler was not ready in time");
                await process.KillAsync();
            }
            if (await AwaitExitAsync(process) is not { } code)
            {
                return;
            }
            lock (gate)
            {
                ready = NewReady();
            }
            log.Write($"the handler ended with code {code}");
            if (code == 0)
            {
                // Taken for a wish: nothing starts it again.
                ready.TrySetResult(false);
                return;
            }
            if (IsTooMuch(code))
            {
                log.Write("the handler failed too often: the host stops");
                ready.TrySetResult(false);
                stopHost();
                return;
            }
        }
    }

    private bool IsTooMuch(int code)
    {
        lock (gate)
        {
            var isCounted = code != RestartCode && !isRestarting;
            isRestarting = false;
            if (isCounted)
            {
                errors.RemoveAll(at => Stopwatch.GetElapsedTime(at) > ErrorWindow);
                errors.Add(Stopwatch.GetTimestamp());
            }
            return errors.Count >= MaxErrors;
        }
    }

    private ChildProcess StartOnce()
    {
        var process = ChildProcess.Start(host.Executable, host.Arguments, host.WorkingDirectory, EnvironmentOf());
        lock (gate)
        {
            past.Add(process);
        }
        return process;
    }

    private Dictionary<string, string> EnvironmentOf()
    {
        var id = Guid.NewGuid().ToString();
        var port = Port.ToString(CultureInfo.InvariantCulture);
        (string Name, string Value)[] own =
        [
            ("FUNCTIONS_CUSTOMHANDLER_PORT", port),
            ("FUNCTIONS_HTTPWORKER_PORT", port),
            ("FUNCTIONS_CUSTOMHANDLER_WORKER_ID", id),
            ("FUNCTIONS_HTTPWORKER_ID", id),
            ("FUNCTIONS_APP_ROOT_PATH", options.AppRoot),
        ];
        var variables = new Dictionary<string, string>(InheritedOf(options.IsAzure), StringComparer.Ordinal);
        foreach (var (name, value) in options.Settings.Select(setting => (setting.Key, setting.Value)).Concat(own))
        {
            variables[name] = value;
        }
        return variables;
    }

    /// <summary>What images of the host or the tools set for the host itself, and the handler inherits.</summary>
    private static Dictionary<string, string> InheritedOf(bool isAzure)
    {
        var inherited = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ASPNETCORE_URLS"] = "http://+:80",
            ["ASPNETCORE_CONTENTROOT"] = "/azure-functions-host",
            ["AzureFunctionsJobHost__Logging__Console__IsEnabled"] = "true",
            ["DOTNET_RUNNING_IN_CONTAINER"] = "true",
        };
        if (isAzure)
        {
            inherited["WEBSITE_SITE_NAME"] = "tributary";
            inherited["WEBSITE_INSTANCE_ID"] = Guid.NewGuid().ToString("N");
        }
        else
        {
            inherited["AZURE_FUNCTIONS_ENVIRONMENT"] = "Development";
            inherited["FUNCTIONS_CORETOOLS_ENVIRONMENT"] = "True";
        }
        return inherited;
    }

    /// <summary>Any answer at all is ready; only a refused connection is not yet.</summary>
    private async Task<bool> AwaitReadyAsync(ChildProcess process)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false });
        var started = Stopwatch.GetTimestamp();
        while (!process.HasExited && Stopwatch.GetElapsedTime(started) < host.InitializationTimeout)
        {
            try
            {
                using var answer = await http.GetAsync($"http://127.0.0.1:{Port}/", stop.Token);
                log.Write($"the handler answers after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:F0} ms");
                return true;
            }
            catch (HttpRequestException exception) when (exception.InnerException is SocketException)
            {
                await Task.WhenAny(Task.Delay(PollEvery, stop.Token), process.Exited);
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                log.Write($"the handler cannot be asked: {exception.Message}");
                return false;
            }
        }
        return false;
    }

    private async Task<int?> AwaitExitAsync(ChildProcess process)
    {
        var stopped = Task.Delay(Timeout.InfiniteTimeSpan, stop.Token);
        if (await Task.WhenAny(process.Exited, stopped) == stopped)
        {
            await process.KillAsync();
            return null;
        }
        return process.ExitCode;
    }
}
