using System.Security.Cryptography.X509Certificates;
using Azure.Core.Pipeline;
using Tributary.Stores.Azure;
using Tributary.Tests.Unit.Functions.Security;
using Tributary.Tests.Unit.Stores;

[assembly: AssemblyFixture(typeof(TokenAzuriteFixture))]

namespace Tributary.Tests.Unit.Stores;

/// <summary>
/// An Azurite that is asked by https and takes tokens of Entra, whose audience and times it checks, and not who has signed
/// them. Its certificate is of an authority of its own.
/// </summary>
public sealed class TokenAzuriteFixture : IAsyncDisposable
{
    /// <summary>Any key: who comes with a token does not need it.</summary>
    private const string Key = "c2VjcmV0LWtleS1vZi10aGUtdGVzdHM=";

    private const string Account = "tokenaccount1";
    private const string RootFile = "root.pem";

    private readonly string folder = Directory.CreateTempSubdirectory("tributary-tls-").FullName;
    private readonly Lazy<Task<AzuriteProcess>> process;

    public TokenAzuriteFixture() => process = new(StartAsync);

    /// <summary>The certificate of the authority, PEM, once it runs.</summary>
    public string RootPath => Path.Combine(folder, RootFile);

    /// <summary>Where a service (<c>Blob</c>, <c>Table</c>) is; skips the test (fails in CI) where it cannot run.</summary>
    public async Task<Uri> EndpointAsync(string service) => new((await process.Value).Endpoint(service, Account));

    /// <summary>The account, for whoever has tokens like those of <see cref="UnsignedToken"/>.</summary>
    internal async Task<AzureAccount> AccountAsync() =>
        AzureAccount.FromEndpoints(await EndpointAsync("Blob"), await EndpointAsync("Table"), new UnsignedToken());

    /// <summary>Sends requests, and trusts the authority.</summary>
    internal HttpClientTransport Transport()
    {
        var trust = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
        };
        trust.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(RootPath));
        var handler = new SocketsHttpHandler { UseProxy = false, SslOptions = { CertificateChainPolicy = trust } };
        return new HttpClientTransport(new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan });
    }

    public async ValueTask DisposeAsync()
    {
        if (process.IsValueCreated && process.Value.IsCompletedSuccessfully)
        {
            await (await process.Value).DisposeAsync();
        }
        Directory.Delete(folder, recursive: true);
    }

    private async Task<AzuriteProcess> StartAsync()
    {
        using var certificates = new TestCertificates();
        var (chain, key) = certificates.Issue("azurite");
        await File.WriteAllTextAsync(RootPath, certificates.Root.ExportCertificatePem(), CancellationToken.None);
        var (chainPath, keyPath) = (Path.Combine(folder, "chain.pem"), Path.Combine(folder, "key.pem"));
        await File.WriteAllTextAsync(chainPath, chain, CancellationToken.None);
        await File.WriteAllTextAsync(keyPath, key, CancellationToken.None);
        return await AzuriteProcess.StartAsync([$"{Account}:{Key}"], (chainPath, keyPath));
    }
}
