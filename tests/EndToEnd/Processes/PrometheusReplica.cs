using System.Diagnostics;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A Prometheus that is killed and started again at the same address, over the same data.</summary>
/// <param name="folder">Where configuration and data are.</param>
/// <param name="config">The configuration.</param>
internal sealed class PrometheusReplica(string folder, string config) : IAsyncDisposable
{
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private readonly int port = FreePort.Find();
    private ChildProcess? process;
    private Task watching = Task.CompletedTask;

    /// <summary>Its <c>host:port</c>.</summary>
    public string Authority => $"127.0.0.1:{port}";

    public bool IsRunning => process is not null;

    /// <summary>From when to when it answered.</summary>
    public List<(DateTimeOffset From, DateTimeOffset To)> Lives { get; } = [];

    /// <summary>Starts it, and notes when it answers.</summary>
    public void Start()
    {
        var file = Path.Combine(folder, "prometheus.yml");
        File.WriteAllText(file, config);
        string[] arguments =
        [
            $"--config.file={file}",
            $"--storage.tsdb.path={PrometheusServer.DataFolder(folder)}",
            $"--web.listen-address={Authority}",
            "--log.level=warn",
        ];
        process = ChildProcess.Start(Requirement.Program("prometheus", "prometheus"), arguments, folder);
        watching = WatchAsync(process);
    }

    /// <summary>Waits until it answers.</summary>
    public Task ReadyAsync() => watching;

    /// <summary>Whether it answers.</summary>
    public async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await http.GetAsync(
                new Uri($"http://{Authority}/-/ready"),
                TestContext.Current.CancellationToken
            );
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet, or was killed.
            return false;
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        if (process is { } running)
        {
            process = null;
            if (Lives.Count > 0 && Lives[^1].To == DateTimeOffset.MaxValue)
            {
                Lives[^1] = (Lives[^1].From, DateTimeOffset.UtcNow);
            }
            await running.DisposeAsync();
            await watching;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (process is not null)
        {
            await process.DisposeAsync();
        }
        http.Dispose();
    }

    private async Task WatchAsync(ChildProcess started)
    {
        var watch = Stopwatch.StartNew();
        while (watch.Elapsed < Patience.Limit && ReferenceEquals(process, started) && !started.HasExited)
        {
            if (await AnswersAsync())
            {
                if (ReferenceEquals(process, started))
                {
                    Lives.Add((DateTimeOffset.UtcNow, DateTimeOffset.MaxValue));
                }
                return;
            }
            await Task.Delay(TimeSpan.FromMilliseconds(50), TestContext.Current.CancellationToken);
        }
    }
}
