using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Tributary.Stores.Azure;
using Tributary.Tests.Unit.Stores;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Tributary.Tests.Unit.Stores;

/// <summary>
/// One Azurite for all tests that ask for it, started by the first, on free ports, in memory. It ends with this process,
/// also when that is killed: its standard input ends then.
/// </summary>
public sealed partial class AzuriteFixture : IAsyncDisposable
{
    private const string EndWithParent = "data:text/javascript,process.stdin.on('end',()=>process.exit()).resume()";
    private const string Key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const string MainAccount = "devstoreaccount1";

    /// <summary>Accounts that each test takes one of, to find it empty.</summary>
    private const int FreshAccounts = 300;

    private readonly Lazy<Task<Process>> process;
    private int taken;
    private readonly ConcurrentDictionary<string, int> ports = new();

    public AzuriteFixture() => process = new(StartAsync);

    private static string Script => Path.Combine(Repository.Root, "node_modules/azurite/dist/src/azurite.js");

    /// <summary>The connection string of the running Azurite; skips the test (fails in CI) where it cannot run.</summary>
    public Task<string> ConnectionStringAsync() => ConnectionStringAsync(MainAccount);

    /// <summary>The same, of an account that nobody has used yet.</summary>
    public Task<string> FreshConnectionStringAsync()
    {
        var number = Interlocked.Increment(ref taken);
        return number <= FreshAccounts
            ? ConnectionStringAsync(Fresh(number))
            : throw new InvalidOperationException($"all {FreshAccounts} accounts are taken");
    }

    private async Task<string> ConnectionStringAsync(string account)
    {
        if (!File.Exists(Script))
        {
            Missing($"Azurite is not installed: run 'npm ci --ignore-scripts' in {Repository.Root}");
        }
        await process.Value;
        return $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};"
            + $"BlobEndpoint={Endpoint("Blob", account)};QueueEndpoint={Endpoint("Queue", account)};"
            + $"TableEndpoint={Endpoint("Table", account)};";
    }

    internal async Task<AzureAccount> AccountAsync() =>
        AzureAccount.FromConnectionString(await ConnectionStringAsync());

    public async ValueTask DisposeAsync()
    {
        if (process.IsValueCreated && process.Value.IsCompletedSuccessfully)
        {
            var running = await process.Value;
            running.Kill();
            await running.WaitForExitAsync(CancellationToken.None);
            running.Dispose();
        }
    }

    private static string Fresh(int number) => string.Create(CultureInfo.InvariantCulture, $"fresh{number}");

    private string Endpoint(string service, string account) =>
        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{ports[service]}/{account}");

    private async Task<Process> StartAsync()
    {
        var start = new ProcessStartInfo("node")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] arguments =
        [
            "--import",
            EndWithParent,
            Script,
            "--silent",
            "--disableTelemetry",
            "--inMemoryPersistence",
            "--blobPort",
            "0",
            "--queuePort",
            "0",
            "--tablePort",
            "0",
        ];
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }
        var accounts = Enumerable.Range(1, FreshAccounts).Select(Fresh).Prepend(MainAccount);
        start.Environment["AZURITE_ACCOUNTS"] = string.Join(';', accounts.Select(account => $"{account}:{Key}"));
        var started = Start(start);
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var output = new ConcurrentQueue<string>();
        started.OutputDataReceived += (_, line) => OnLine(line.Data, output, ready);
        started.ErrorDataReceived += (_, line) => OnLine(line.Data, output, ready);
        started.BeginOutputReadLine();
        started.BeginErrorReadLine();
        var exited = started.WaitForExitAsync(CancellationToken.None);
        await Task.WhenAny(ready.Task, exited, Task.Delay(TimeSpan.FromSeconds(60), CancellationToken.None));
        if (!ready.Task.IsCompletedSuccessfully)
        {
            throw new InvalidOperationException("Azurite did not start: " + string.Join('\n', output));
        }
        return started;
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

    private void OnLine(string? line, ConcurrentQueue<string> output, TaskCompletionSource ready)
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

    [GeneratedRegex(@"Azurite (\w+) service .*listen\w* (?:on|at) http://[\d.]+:(\d+)", RegexOptions.NonBacktracking)]
    private static partial Regex Listening();
}
