using System.Text.RegularExpressions;

namespace Tributary.Tests.EndToEnd.Processes;

/// <summary>A running <c>tributary serve</c> on a free port.</summary>
internal sealed partial class TributaryServer : TributaryInstance
{
    private TributaryServer(ChildProcess process, Uri address)
        : base(address) => Process = process;

    public override ChildProcess Process { get; }

    public override string Log => $"{Process.Output}\n{Process.Errors}";

    /// <summary>Starts it and waits until it serves.</summary>
    /// <param name="executable">The executable.</param>
    /// <param name="folder">The working directory.</param>
    /// <param name="options">Options; without <c>--listen</c>, a free port of this machine.</param>
    public static Task<TributaryServer> StartAsync(string executable, string folder, params string[] options) =>
        StartAsync(executable, folder, new Dictionary<string, string>(StringComparer.Ordinal), options);

    /// <summary>The same, with environment variables.</summary>
    public static Task<TributaryServer> StartAsync(
        string executable,
        string folder,
        IReadOnlyDictionary<string, string> variables,
        params string[] options
    )
    {
        string[] listen = options.Contains("--listen", StringComparer.Ordinal) ? [] : ["--listen", "127.0.0.1:0"];
        return StartAsync(ChildProcess.Start(executable, ["serve", .. listen, .. options], folder, variables));
    }

    /// <summary>Starts it with a configuration and the default storage, both in a folder.</summary>
    public static Task<TributaryServer> StartAsync(string executable, TemporaryFolder folder, string config)
    {
        folder.Write("tributary.yml", config);
        return StartAsync(executable, folder.Path);
    }

    /// <summary>Waits for the line that says where a server is.</summary>
    public static async Task<Uri> AddressAsync(ChildProcess process)
    {
        var address = await Patience.ForAsync(
            "the server to start",
            () =>
            {
                if (process.HasExited)
                {
                    Assert.Fail($"the server ended:\n{process.Output}\n{process.Errors}");
                }
                return Task.FromResult(
                    Started().Match(process.Output) is { Success: true } match ? match.Groups[1].Value : null
                );
            },
            () => process.Output
        );
        return new Uri(address);
    }

    /// <summary>Ends it by SIGTERM.</summary>
    public override async Task StopAsync()
    {
        Process.Signal(ChildProcess.Terminate);
        Assert.Equal(0, await Process.ExitAsync());
    }

    public override Task KillAsync() => Process.KillAsync();

    public override ValueTask DisposeAsync()
    {
        Http.Dispose();
        return Process.DisposeAsync();
    }

    private static async Task<TributaryServer> StartAsync(ChildProcess process)
    {
        try
        {
            return new TributaryServer(process, await AddressAsync(process));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    [GeneratedRegex(@"Tributary is at (https?://\S+)", RegexOptions.NonBacktracking)]
    private static partial Regex Started();
}
