using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Tributary.Benchmarks.Measuring;

namespace Tributary.Benchmarks.Processes;

/// <summary>A started server of some kind, with its folder and port.</summary>
internal sealed class RunningServer : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ServerKind kind;
    private readonly string folder;
    private readonly ChildProcess process;

    private RunningServer(ServerKind kind, string folder, int port, ChildProcess process)
    {
        this.kind = kind;
        this.folder = folder;
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    public int ProcessId => process.Id;

    /// <summary>Starts a server over a folder, without waiting for it.</summary>
    public static RunningServer Launch(Scratch scratch, ServerKind kind, string folder, string configuration)
    {
        var file = Path.Combine(folder, "prometheus.yml");
        File.WriteAllText(file, configuration);
        var port = FreePort();
        return new(
            kind,
            folder,
            port,
            ChildProcess.Start(
                scratch,
                kind.Executable,
                kind.Arguments(folder, file, port),
                kind.Variables(folder, file, port)
            )
        );
    }

    /// <summary>Starts a server and waits until it is ready.</summary>
    public static async Task<RunningServer> StartAsync(
        Scratch scratch,
        ServerKind kind,
        string folder,
        string configuration,
        CancellationToken cancellation
    )
    {
        var server = Launch(scratch, kind, folder, configuration);
        try
        {
            await server.UntilAsync("/-/ready", _ => true, cancellation);
            return server;
        }
        catch
        {
            server.Dispose();
            throw;
        }
    }

    /// <summary>A port that nobody listened on a moment ago.</summary>
    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public ProcessFigures Figures() => process.Figures();

    /// <summary>CPU time since it was started.</summary>
    public double CpuMilliseconds() => ProcessFigures.CpuMilliseconds(process.Id);

    public MetricsPage Metrics() => MetricsPage.Get(Port, "/metrics");

    public ServerCounters Counters() => kind.Counters(Metrics(), folder);

    public double DecodedSamples() => kind.DecodedSamples(Metrics());

    /// <summary>Asks every two milliseconds until the answer is 200 and good, at most a minute.</summary>
    /// <exception cref="BenchmarkException">The process ended, or a minute is over.</exception>
    public async Task<RawAnswer> UntilAsync(string path, Predicate<RawAnswer> isGood, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var last = "no answer";
        while (clock.Elapsed < Patience)
        {
            if (process.HasExited)
            {
                throw new BenchmarkException($"{kind.Name} ended early:\n{process.Tail()}");
            }

            if (RawHttp.TryGet(Port, path) is { } answer)
            {
                if (answer.Status == 200 && isGood(answer))
                {
                    return answer;
                }

                last = $"status {answer.Status}, {answer.Bytes} bytes";
            }

            await Task.Delay(2, cancellation);
        }

        throw new BenchmarkException(
            $"{kind.Name} {path}: {last} after {Patience.TotalSeconds:F0} s\n{process.Tail()}"
        );
    }

    public Task StopAsync() => process.StopAsync();

    public void Dispose() => process.Dispose();
}
