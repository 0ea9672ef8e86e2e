using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Core;
using Azure.Identity;
using Tributary.Configuration.Http;

namespace Tributary.HttpClients;

/// <summary>Tokens of Microsoft Entra, kept until they are to be renewed; one is fetched at a time.</summary>
/// <param name="config">Who asks.</param>
/// <param name="create">Makes who asks; anew for every token, so that files of secrets may be exchanged.</param>
/// <param name="time">The clock of the tokens' ages.</param>
internal sealed class AzureTokens(AzureAdConfig config, Func<AzureAdConfig, TokenCredential> create, TimeProvider time)
    : IDisposable
{
    /// <summary>Without a better word of the endpoint, a token is renewed so long before it ends.</summary>
    private static readonly TimeSpan Early = TimeSpan.FromMinutes(5);

    /// <summary>A renewal that fails is tried again so much later, as long as the token is valid.</summary>
    private static readonly TimeSpan RenewalPause = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim turn = new(1, 1);
    private Kept? kept;

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <exception cref="HttpClientException">No token is to be had.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref kept) is { } early && time.GetUtcNow() < early.RenewAt)
        {
            return early.Header;
        }
        await turn.WaitAsync(cancellationToken);
        try
        {
            var now = time.GetUtcNow();
            if (kept is { } meanwhile && now < meanwhile.RenewAt)
            {
                return meanwhile.Header;
            }
            try
            {
                Volatile.Write(ref kept, await FetchAsync(cancellationToken));
            }
            catch (HttpClientException) when (kept is { } valid && now < valid.ExpiresAt)
            {
                // The one there is serves a little longer.
                Volatile.Write(ref kept, valid with { RenewAt = Earlier(now + RenewalPause, valid.ExpiresAt) });
            }
            return kept!.Header;
        }
        finally
        {
            turn.Release();
        }
    }

    public void Dispose() => turn.Dispose();

    /// <summary>Who asks, by a configuration.</summary>
    public static TokenCredential Create(AzureAdConfig config)
    {
        var authority = config.Cloud switch
        {
            "AzureGovernment" => AzureAuthorityHosts.AzureGovernment,
            "AzureChina" => AzureAuthorityHosts.AzureChina,
            _ => AzureAuthorityHosts.AzurePublicCloud,
        };
        return config.Method switch
        {
            AzureAdMethod.ManagedIdentity => new ManagedIdentityCredential(
                config.ClientId.Length == 0
                    ? ManagedIdentityId.SystemAssigned
                    : ManagedIdentityId.FromUserAssignedClientId(config.ClientId)
            ),
            AzureAdMethod.WorkloadIdentity => new WorkloadIdentityCredential(
                new WorkloadIdentityCredentialOptions
                {
                    AuthorityHost = authority,
                    ClientId = config.ClientId,
                    TenantId = config.TenantId,
                    TokenFilePath = config.TokenFile,
                }
            ),
            AzureAdMethod.OAuth => new ClientSecretCredential(
                config.TenantId,
                config.ClientId,
                SecretText.Of(config.ClientSecret, "azuread.oauth.client_secret")?.Read() ?? "",
                new ClientSecretCredentialOptions { AuthorityHost = authority }
            ),
            AzureAdMethod.Certificate => new ClientCertificateCredential(
                config.TenantId,
                config.ClientId,
                CertificateOf(config),
                new ClientCertificateCredentialOptions
                {
                    AuthorityHost = authority,
                    SendCertificateChain = config.SendsChain,
                }
            ),
            _ => new DefaultAzureCredential(OptionsOf(config, authority)),
        };
    }

    private static DefaultAzureCredentialOptions OptionsOf(AzureAdConfig config, Uri authority)
    {
        var options = new DefaultAzureCredentialOptions { AuthorityHost = authority };
        if (config.TenantId.Length > 0)
        {
            options.TenantId = config.TenantId;
        }
        return options;
    }

    /// <summary>The certificate with its key: two files in PEM, one in PEM, or one in PKCS #12.</summary>
    private static X509Certificate2 CertificateOf(AzureAdConfig config)
    {
        var password = SecretText.Of(config.CertificatePassword, "azuread.certificate.certificate_password")?.Read();
        var key = config.CertificateKeyFile.Length > 0 ? config.CertificateKeyFile : null;
        if (key is null && !IsPem(config.CertificateFile))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(config.CertificateFile, password);
        }
        return string.IsNullOrEmpty(password)
            ? X509Certificate2.CreateFromPemFile(config.CertificateFile, key)
            : X509Certificate2.CreateFromEncryptedPemFile(config.CertificateFile, password, key);
    }

    private static bool IsPem(string file) => File.ReadAllBytes(file).AsSpan().IndexOf("-----BEGIN"u8) >= 0;

    private async Task<Kept> FetchAsync(CancellationToken cancellationToken)
    {
        try
        {
            var token = await create(config).GetTokenAsync(new TokenRequestContext([config.Scope]), cancellationToken);
            var renew = Earlier(token.RefreshOn ?? token.ExpiresOn - Early, token.ExpiresOn);
            return new Kept($"Bearer {token.Token}", renew, token.ExpiresOn);
        }
        catch (Exception exception)
            when (exception
                    is AuthenticationFailedException
                        or RequestFailedException
                        or ArgumentException
                        or InvalidOperationException
                        or IOException
                        or UnauthorizedAccessException
                        or CryptographicException
            )
        {
            // What the token's endpoint says may repeat what it was asked with.
            throw new HttpClientException($"azuread: no token for {config.Scope} could be had: {Advice()}", exception);
        }
    }

    private string Advice() =>
        config.Method switch
        {
            AzureAdMethod.ManagedIdentity => "give this machine or app a managed identity, or say its client_id",
            AzureAdMethod.WorkloadIdentity =>
                $"the pod needs a service account with workload identity, and its token in {config.TokenFile}",
            AzureAdMethod.OAuth => "check tenant_id, client_id and client_secret, and that the secret has not expired",
            AzureAdMethod.Certificate => "check tenant_id, client_id, and the certificate's files",
            _ => "sign in (az login), or give this machine or app a managed identity",
        };

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private sealed record Kept(string Header, DateTimeOffset RenewAt, DateTimeOffset ExpiresAt)
    {
        // The generated one would show the token.
        public override string ToString() => "<secret>";
    }
}
