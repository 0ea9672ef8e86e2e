using Azure.Identity;
using Tributary.Configuration.Http;
using Tributary.Identities;

namespace Tributary.HttpClients;

/// <summary>The tokens that a section <c>azuread</c> asks for.</summary>
/// <param name="config">The section.</param>
/// <param name="pool">All tokens of this process.</param>
internal sealed class EntraTokens(AzureAdConfig config, TokenPool pool)
{
    private const string Scheme = "Bearer ";

    private readonly TokenKeeper tokens = pool.Of(IdentityOf(config), config.Scope);

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <exception cref="HttpClientException">No token is to be had.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Scheme + await tokens.GetAsync(cancellationToken);
        }
        catch (IdentityException exception)
        {
            throw new HttpClientException(
                $"azuread: no token for {config.Scope} could be had: {exception.Message}",
                exception
            );
        }
    }

    /// <summary>Another value in place of one that a server answered with 401; null when there is none.</summary>
    public async ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken) =>
        refused.StartsWith(Scheme, StringComparison.Ordinal)
        && await tokens.ReplaceAsync(refused[Scheme.Length..], cancellationToken) is { } other
            ? Scheme + other
            : null;

    /// <summary>Who asks, by a section.</summary>
    internal static AzureIdentity IdentityOf(AzureAdConfig config) =>
        new()
        {
            Kind = config.Method switch
            {
                AzureAdMethod.ManagedIdentity => IdentityKind.Managed,
                AzureAdMethod.WorkloadIdentity => IdentityKind.Workload,
                AzureAdMethod.OAuth => IdentityKind.Secret,
                AzureAdMethod.Certificate => IdentityKind.Certificate,
                _ => IdentityKind.Found,
            },
            ClientId = config.ClientId,
            TenantId = config.TenantId,
            // A managed identity is of the cloud that it runs in.
            Authority = config.Method == AzureAdMethod.ManagedIdentity ? null : AuthorityOf(config.Cloud),
            TokenFile = config.Method == AzureAdMethod.WorkloadIdentity ? config.TokenFile : "",
            ClientSecret = config.ClientSecret?.Text ?? "",
            CertificateFile = config.CertificateFile,
            CertificateKeyFile = config.CertificateKeyFile,
            CertificatePassword = config.CertificatePassword?.Text ?? "",
            SendsChain = config.SendsChain,
        };

    /// <summary>Null is the public cloud's, or what the environment says.</summary>
    private static Uri? AuthorityOf(string cloud) =>
        cloud switch
        {
            "AzureGovernment" => AzureAuthorityHosts.AzureGovernment,
            "AzureChina" => AzureAuthorityHosts.AzureChina,
            _ => null,
        };
}
