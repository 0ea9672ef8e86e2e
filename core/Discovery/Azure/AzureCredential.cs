using Azure;
using Azure.Core;
using Azure.Identity;
using Tributary.Configuration;

namespace Tributary.Discovery.Azure;

/// <summary>Who asks Azure: a credential that keeps its token until it expires.</summary>
/// <param name="config">Who it is.</param>
/// <param name="create">Makes the credential, at the first use.</param>
internal sealed class AzureCredential(AzureSdConfig config, Func<AzureSdConfig, AzureCloud, TokenCredential> create)
{
    private TokenCredential? credential;

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <exception cref="DiscoveryException">No token is to be had.</exception>
    public async Task<string> ReadAsync(AzureCloud cloud, CancellationToken cancellationToken)
    {
        try
        {
            credential ??= create(config, cloud);
            var token = await credential.GetTokenAsync(new TokenRequestContext([cloud.Scope]), cancellationToken);
            return $"Bearer {token.Token}";
        }
        catch (Exception exception)
            when (exception is AuthenticationFailedException or RequestFailedException or ArgumentException)
        {
            // What the token's endpoint says may repeat what it was asked with.
            throw new DiscoveryException($"no token for {cloud.Manager} could be had: {Advice()}", exception);
        }
    }

    /// <summary>The credential that a configuration describes.</summary>
    public static TokenCredential Create(AzureSdConfig config, AzureCloud cloud) =>
        config.AuthenticationMethod switch
        {
            AzureAuthenticationMethod.ManagedIdentity => new ManagedIdentityCredential(
                config.ClientId.Length == 0
                    ? ManagedIdentityId.SystemAssigned
                    : ManagedIdentityId.FromUserAssignedClientId(config.ClientId)
            ),
            AzureAuthenticationMethod.WorkloadIdentity => new WorkloadIdentityCredential(
                new WorkloadIdentityCredentialOptions { AuthorityHost = cloud.Authority }
            ),
            AzureAuthenticationMethod.Sdk => new DefaultAzureCredential(OptionsOf(config, cloud)),
            _ => new ClientSecretCredential(
                config.TenantId,
                config.ClientId,
                config.ClientSecret?.Text ?? "",
                new ClientSecretCredentialOptions { AuthorityHost = cloud.Authority }
            ),
        };

    private static DefaultAzureCredentialOptions OptionsOf(AzureSdConfig config, AzureCloud cloud)
    {
        var options = new DefaultAzureCredentialOptions { AuthorityHost = cloud.Authority };
        if (config.TenantId.Length > 0)
        {
            options.TenantId = config.TenantId;
        }
        return options;
    }

    private string Advice() =>
        config.AuthenticationMethod switch
        {
            AzureAuthenticationMethod.ManagedIdentity =>
                "give this machine or app a managed identity, or choose another authentication_method",
            AzureAuthenticationMethod.WorkloadIdentity =>
                "the pod needs a service account with workload identity (AZURE_CLIENT_ID, AZURE_TENANT_ID, AZURE_FEDERATED_TOKEN_FILE)",
            AzureAuthenticationMethod.Sdk => "sign in (az login), or give this machine or app a managed identity",
            _ => "check tenant_id, client_id and client_secret, and that the secret has not expired",
        };
}
