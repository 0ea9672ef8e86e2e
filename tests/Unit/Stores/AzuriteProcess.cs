using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Tributary.Tests.Unit.Stores;

/// <summary>
/// An Azurite on free ports, in memory. It ends with this process, also when that is killed: its standard input ends then.
/// </summary>
internal sealed partial class AzuriteProcess : IAsyncDisposable
{
    private const string EndWithParent = "data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()";

    private readonly Process process;
    private readonly ConcurrentDictionary<string, int> ports = new();
    private readonly ConcurrentQueue<string> output = new();
    private readonly TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly string scheme;

    private AzuriteProcess(Process process, string scheme) => (this.process, this.scheme) = (process, scheme);

    private static string Script => Path.Combine(Repository.Root, "node_modules/azurite/dist/src/azurite.js");

    /// <summary>Starts it; skips the test (fails in CI) where it cannot run.</summary>
    /// <param name="accounts">Its accounts, each as <c>NAME:KEY</c>.</param>
    /// <param name="tls">Certificate and key, files in PEM, to be asked by https and with tokens; null is http with keys.</param>
    public static async Task<AzuriteProcess> StartAsync(
        IReadOnlyList<string> accounts,
        (string Certificate, string Key)? tls = null
    )
    {
        if (!File.Exists(Script))
        {
            Missing($"Azurite is not installed: run 'npm ci --ignore-scripts' in {Repository.Root}");
        }
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] ways = ["--blobPort", "0", "--queuePort", "0", "--tablePort", "0"];
        string[] secure = tls is { } pem ? ["--oauth", "basic", "--cert", pem.Certificate, "--key", pem.Key] : [];
        string[] all =
        [
            "--import",
            EndWithParent,
            Script,
            "--silent",
            "--disableTelemetry",
            "--inMemoryPersistence",
            .. ways,
            .. secure,
        ];
        foreach (var argument in all)
        {
            start.ArgumentList.Add(argument);
        }
        start.Environment["AZURITE_ACCOUNTS"] = string.Join(';', accounts);
        var azurite = new AzuriteProcess(Start(start), tls is null ? "http" : "https");
        await azurite.AwaitReadyAsync();
        return azurite;
    }

    /// <summary>Where a service (<c>Blob</c>, <c>Queue</c>, <c>Table</c>) of an account is.</summary>
    public string Endpoint(string service, string account) =>
        string.Create(CultureInfo.InvariantCulture, $"{scheme}://127.0.0.1:{ports[service]}/{account}");

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync(CancellationToken.None);
        process.Dispose();
    }

    private async Task AwaitReadyAsync()
    {
        process.OutputDataReceived += (_, line) => Take(line.Data);
        process.ErrorDataReceived += (_, line) => Take(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var exited = process.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(ready.Task, exited, Task.Delay(TimeSpan.FromSeconds(60), CancellationToken.None));
        if (!ready.Task.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("Azurite did not start: " + string.Join('\n', output));
        }
    }

    private static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            Missing($"Azurite needs Node 20.6 or newer and 'npm ci --ignore-scripts': {e.Message}");
            throw;
        }
    }

    private static void Missing(string reason)
    {
        if (Environment.GetEnvironmentVariable("CI") == "true")
        {
            Assert.Fail(reason);
        }
        Assert.Skip(reason);
    }

    private void Take(string? line)
    {
        if (line is null)
        {
            return;
        }
        output.Enqueue(line);
        if (Listening().Match(line) is { Success: true } match)
        {
            ports[match.Groups[1].Value] = int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture);
            if (ports.Count == 3)
            {
                ready.TrySetResult();
            }
        }
    }

    [GeneratedRegex(@"Azurite (\w+) service .*listen\w* (?:on|at) https?://[\d.]+:(\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex Listening();
}
