using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Azure;
using Azure.Core;
using Azure.Identity;

namespace Tributary.Identities;

/// <summary>Tokens by Azure's library: everything but the managed identities of apps and virtual machines.</summary>
internal static class EntraCredentials
{
    private const string CodeStart = "AADSTS";
    private const int MaxRetries = 1;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(6);

    /// <summary>Asks with a credential that is made anew, so that it has kept nothing, and files may have been exchanged.</summary>
    /// <exception cref="IdentityException">There is no token.</exception>
    public static Task<FetchedToken> AskAsync(
        AzureIdentity identity,
        string scope,
        CancellationToken cancellationToken
    ) => AskAsync(() => Create(identity), identity, scope, cancellationToken);

    /// <summary>Asks with a credential.</summary>
    /// <exception cref="IdentityException">There is no token.</exception>
    public static async Task<FetchedToken> AskAsync(
        Func<TokenCredential> credential,
        AzureIdentity identity,
        string scope,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var token = await credential().GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            return new FetchedToken(token.Token, token.ExpiresOn, token.RefreshOn);
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
            // What the token's endpoint says may repeat what it was asked with; its codes do not.
            var code = CodeOf(exception.Message);
            var what = code.Length == 0 ? $"{identity} was given no token" : $"{identity} was given no token ({code})";
            var isPassing = code.Length == 0 && exception is RequestFailedException or IOException;
            throw new IdentityException($"{what}: {AdviceFor(identity)}", isPassing, exception);
        }
    }

    /// <summary>The credential of an identity.</summary>
    internal static TokenCredential Create(AzureIdentity identity) =>
        identity.Kind switch
        {
            IdentityKind.Managed => new ManagedIdentityCredential(
                identity.ResourceId.Length > 0
                    ? ManagedIdentityId.FromUserAssignedResourceId(new ResourceIdentifier(identity.ResourceId))
                : identity.ClientId.Length > 0 ? ManagedIdentityId.FromUserAssignedClientId(identity.ClientId)
                : ManagedIdentityId.SystemAssigned
            ),
            IdentityKind.Workload => new WorkloadIdentityCredential(
                With(
                    new WorkloadIdentityCredentialOptions
                    {
                        ClientId = OrDefault(identity.ClientId, "AZURE_CLIENT_ID"),
                        TenantId = OrDefault(identity.TenantId, "AZURE_TENANT_ID"),
                        TokenFilePath = OrDefault(identity.TokenFile, "AZURE_FEDERATED_TOKEN_FILE"),
                    },
                    identity
                )
            ),
            IdentityKind.Environment => new EnvironmentCredential(With(new EnvironmentCredentialOptions(), identity)),
            IdentityKind.CommandLine => new AzureCliCredential(
                new AzureCliCredentialOptions { TenantId = identity.TenantId.Length == 0 ? null : identity.TenantId }
            ),
            IdentityKind.Secret => new ClientSecretCredential(
                identity.TenantId,
                identity.ClientId,
                identity.ClientSecret,
                With(new ClientSecretCredentialOptions(), identity)
            ),
            IdentityKind.Certificate => new ClientCertificateCredential(
                identity.TenantId,
                identity.ClientId,
                CertificateOf(identity),
                With(new ClientCertificateCredentialOptions { SendCertificateChain = identity.SendsChain }, identity)
            ),
            _ => throw new ArgumentOutOfRangeException(nameof(identity), identity.Kind, "nobody knows who that is"),
        };

    private static T With<T>(T options, AzureIdentity identity)
        where T : TokenCredentialOptions
    {
        options.AuthorityHost = identity.Authority ?? options.AuthorityHost;
        options.Retry.MaxRetries = MaxRetries;
        options.Retry.NetworkTimeout = Timeout;
        options.Diagnostics.IsLoggingEnabled = false;
        options.Diagnostics.IsDistributedTracingEnabled = false;
        options.Diagnostics.IsTelemetryEnabled = false;
        return options;
    }

    /// <summary>The library fills its options from the surroundings when they are made; an empty text would undo that.</summary>
    private static string? OrDefault(string text, string variable) =>
        text.Length > 0 ? text : Environment.GetEnvironmentVariable(variable);

    /// <summary>The certificate with its key: two files in PEM, one in PEM, or one in PKCS #12.</summary>
    private static X509Certificate2 CertificateOf(AzureIdentity identity)
    {
        var password = identity.CertificatePassword.Length > 0 ? identity.CertificatePassword : null;
        var key = identity.CertificateKeyFile.Length > 0 ? identity.CertificateKeyFile : null;
        if (key is null && !IsPem(identity.CertificateFile))
        {
            return X509CertificateLoader.LoadPkcs12FromFile(identity.CertificateFile, password);
        }
        return password is null
            ? X509Certificate2.CreateFromPemFile(identity.CertificateFile, key)
            : X509Certificate2.CreateFromEncryptedPemFile(identity.CertificateFile, password, key);
    }

    private static bool IsPem(string file) => File.ReadAllBytes(file).AsSpan().IndexOf("-----BEGIN"u8) >= 0;

    /// <summary>Entra's code for what is wrong, such as AADSTS7000215 for a wrong secret; empty without one.</summary>
    private static string CodeOf(string message)
    {
        var start = message.IndexOf(CodeStart, StringComparison.Ordinal);
        if (start < 0)
        {
            return "";
        }
        var end = start + CodeStart.Length;
        while (end < message.Length && char.IsAsciiDigit(message[end]))
        {
            end++;
        }
        return message[start..end];
    }

    private static string AdviceFor(AzureIdentity identity) =>
        identity.Kind switch
        {
            IdentityKind.Managed => "give this machine or app a managed identity, or say its client ID",
            IdentityKind.Workload => "the pod needs a service account with workload identity (AZURE_CLIENT_ID, "
                + "AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE)"
                + (identity.TokenFile.Length > 0 ? $", and its token in {identity.TokenFile}" : ""),
            IdentityKind.Environment =>
                "check AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET, and that the secret has not expired",
            IdentityKind.CommandLine => "install the Azure CLI and sign in (az login)",
            IdentityKind.Certificate => "check tenant_id, client_id, and the certificate's files",
            _ => "check tenant_id, client_id and client_secret, and that the secret has not expired",
        };
}
