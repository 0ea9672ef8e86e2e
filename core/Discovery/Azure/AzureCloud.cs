using Azure.Identity;

namespace Tributary.Discovery.Azure;

/// <summary>One of Azure's clouds.</summary>
/// <param name="Manager">Where its resources are managed, without a slash at its end.</param>
/// <param name="Authority">Who gives tokens.</param>
internal sealed record AzureCloud(string Manager, Uri Authority)
{
    private static readonly AzureCloud Public = new(
        "https://management.azure.com",
        AzureAuthorityHosts.AzurePublicCloud
    );

    /// <summary>The scope of tokens for <see cref="Manager"/>.</summary>
    public string Scope => $"{Manager}/.default";

    /// <summary>The cloud of a name; null where there is none.</summary>
    public static AzureCloud? Of(string name) =>
        name.ToUpperInvariant() switch
        {
            "AZURECLOUD" or "AZUREPUBLICCLOUD" or "AZUREGERMANCLOUD" => Public,
            "AZURECHINACLOUD" => new AzureCloud("https://management.chinacloudapi.cn", AzureAuthorityHosts.AzureChina),
            "AZUREUSGOVERNMENT" or "AZUREUSGOVERNMENTCLOUD" => new AzureCloud(
                "https://management.usgovcloudapi.net",
                AzureAuthorityHosts.AzureGovernment
            ),
            _ => null,
        };
}
