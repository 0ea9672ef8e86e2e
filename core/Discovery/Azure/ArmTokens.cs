using Tributary.Configuration;
using Tributary.Identities;

namespace Tributary.Discovery.Azure;

/// <summary>The tokens by which Azure Resource Manager is asked.</summary>
/// <param name="config">Who asks.</param>
/// <param name="cloud">Where.</param>
/// <param name="pool">All tokens of this process.</param>
internal sealed class ArmTokens(AzureSdConfig config, AzureCloud cloud, TokenPool pool)
{
    private const string Scheme = "Bearer ";

    private readonly TokenKeeper tokens = pool.Of(IdentityOf(config, cloud), cloud.Scope);

    /// <summary>The value of <c>Authorization</c>.</summary>
    /// <exception cref="DiscoveryException">No token is to be had.</exception>
    public async ValueTask<string> GetAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Scheme + await tokens.GetAsync(cancellationToken);
        }
        catch (IdentityException exception)
        {
            throw new DiscoveryException($"no token for {cloud.Manager} could be had: {exception.Message}", exception);
        }
    }

    /// <summary>Another value in place of one that was answered with 401; null when there is none.</summary>
    public async ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken) =>
        await tokens.ReplaceAsync(refused[Scheme.Length..], cancellationToken) is { } other ? Scheme + other : null;

    /// <summary>Who asks, by a configuration.</summary>
    internal static AzureIdentity IdentityOf(AzureSdConfig config, AzureCloud cloud) =>
        config.AuthenticationMethod switch
        {
            AzureAuthenticationMethod.ManagedIdentity => new AzureIdentity
            {
                Kind = IdentityKind.Managed,
                ClientId = config.ClientId,
            },
            AzureAuthenticationMethod.WorkloadIdentity => new AzureIdentity
            {
                Kind = IdentityKind.Workload,
                Authority = cloud.Authority,
            },
            AzureAuthenticationMethod.Sdk => new AzureIdentity
            {
                TenantId = config.TenantId,
                Authority = cloud.Authority,
            },
            _ => new AzureIdentity
            {
                Kind = IdentityKind.Secret,
                TenantId = config.TenantId,
                ClientId = config.ClientId,
                ClientSecret = config.ClientSecret?.Text ?? "",
                Authority = cloud.Authority,
            },
        };
}
