using System.Diagnostics;
using System.Globalization;
using Tributary.Benchmarks.Measuring;

namespace Tributary.Benchmarks.Processes;

/// <summary>An Azurite of our own, in memory, with a number of empty storage accounts.</summary>
internal sealed class AzuriteProcess : IDisposable
{
    /// <summary>Any key will do: Azurite takes the one that it is told.</summary>
    private const string Key = "YmVuY2htYXJrcyBiZW5jaG1hcmtzIGJlbmNobWFya3M=";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ChildProcess process;
    private readonly int blobPort = RunningServer.FreePort();
    private readonly int queuePort = RunningServer.FreePort();
    private readonly int tablePort = RunningServer.FreePort();

    private AzuriteProcess(Scratch scratch, int accounts) =>
        process = ChildProcess.Start(
            scratch,
            "node",
            [
                Path.Combine(TributaryBuild.Root(), "node_modules", "azurite", "dist", "src", "azurite.js"),
                "--silent",
                "--disableTelemetry",
                "--inMemoryPersistence",
                "--skipApiVersionCheck",
                "--blobPort",
                Number(blobPort),
                "--queuePort",
                Number(queuePort),
                "--tablePort",
                Number(tablePort),
            ],
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["AZURITE_ACCOUNTS"] = string.Join(';', Enumerable.Range(0, accounts).Select(i => $"{Name(i)}:{Key}")),
            }
        );

    /// <summary>Starts it and waits until it answers.</summary>
    /// <exception cref="BenchmarkException">It does not, or is not installed.</exception>
    public static async Task<AzuriteProcess> StartAsync(Scratch scratch, int accounts, CancellationToken cancellation)
    {
        var azurite = new AzuriteProcess(scratch, accounts);
        var clock = Stopwatch.StartNew();
        while (RawHttp.TryGet(azurite.blobPort, "/") is null || RawHttp.TryGet(azurite.tablePort, "/") is null)
        {
            if (azurite.process.HasExited || clock.Elapsed > Patience)
            {
                var tail = azurite.process.Tail();
                azurite.Dispose();
                throw new BenchmarkException($"Azurite does not answer (run 'npm ci --ignore-scripts'):\n{tail}");
            }

            await Task.Delay(50, cancellation);
        }

        return azurite;
    }

    /// <summary>The connection string of an account, by its number.</summary>
    public string ConnectionString(int account) =>
        $"DefaultEndpointsProtocol=http;AccountName={Name(account)};AccountKey={Key};"
        + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Name(account)};"
        + $"QueueEndpoint=http://127.0.0.1:{queuePort}/{Name(account)};"
        + $"TableEndpoint=http://127.0.0.1:{tablePort}/{Name(account)};";

    public void Dispose() => process.Dispose();

    private static string Name(int account) => "bench" + Number(account);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
