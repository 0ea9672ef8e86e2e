using System.Globalization;
using Tributary.Stores.Azure;
using Tributary.Tests.Unit.Stores;

[assembly: AssemblyFixture(typeof(AzuriteFixture))]

namespace Tributary.Tests.Unit.Stores;

/// <summary>One Azurite for all tests that ask for it, started by the first.</summary>
public sealed class AzuriteFixture : IAsyncDisposable
{
    private const string Key =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private const string MainAccount = "devstoreaccount1";

    /// <summary>Accounts that each test takes one of, to find it empty.</summary>
    private const int FreshAccounts = 300;

    private readonly Lazy<Task<AzuriteProcess>> process = new(() =>
        AzuriteProcess.StartAsync([
            .. Enumerable.Range(1, FreshAccounts).Select(Fresh).Prepend(MainAccount).Select(name => $"{name}:{Key}"),
        ])
    );

    private int taken;

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
        var running = await process.Value;
        return $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};"
            + $"BlobEndpoint={running.Endpoint("Blob", account)};QueueEndpoint={running.Endpoint("Queue", account)};"
            + $"TableEndpoint={running.Endpoint("Table", account)};";
    }

    internal async Task<AzureAccount> AccountAsync() =>
        AzureAccount.FromConnectionString(await ConnectionStringAsync());

    public async ValueTask DisposeAsync()
    {
        if (process.IsValueCreated && process.Value.IsCompletedSuccessfully)
        {
            await (await process.Value).DisposeAsync();
        }
    }

    private static string Fresh(int number) => string.Create(CultureInfo.InvariantCulture, $"fresh{number}");
}
