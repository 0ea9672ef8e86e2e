using Tributary.Configuration.Http;

namespace Tributary.Configuration;

/// <summary>Targets that are virtual machines of an Azure subscription.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#azure_sd_config</remarks>
public sealed record AzureSdConfig
{
    /// <summary>The cloud, <c>AzurePublicCloud</c> for instance.</summary>
    public string Environment { get; init; } = "AzurePublicCloud";

    /// <summary>The port of the targets.</summary>
    public long Port { get; init; } = 80;

    /// <summary>The subscription.</summary>
    public required string SubscriptionId { get; init; }

    /// <summary>The tenant; may be empty where the method does not need one.</summary>
    public string TenantId { get; init; } = "";

    /// <summary>The client, or the managed identity; may be empty where the method does not need one.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The client's secret; null where the method does not need one.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary>How often the machines are listed.</summary>
    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Who asks.</summary>
    public AzureAuthenticationMethod AuthenticationMethod { get; init; }

    /// <summary>The resource group whose machines count; empty is all of them.</summary>
    public string ResourceGroup { get; init; } = "";

    /// <summary>How Azure is asked, apart from credentials.</summary>
    public HttpClientConfig Http { get; init; } = HttpClientConfig.Default;
}

/// <summary>Who asks Azure.</summary>
public enum AzureAuthenticationMethod
{
    /// <summary>A client with a secret.</summary>
    OAuth,

    /// <summary>The managed identity of the machine or app.</summary>
    ManagedIdentity,

    /// <summary>Whoever Azure's SDK finds first: variables of the environment, a managed identity, the user of <c>az login</c>.</summary>
    Sdk,

    /// <summary>The identity of a Kubernetes service account.</summary>
    WorkloadIdentity,
}
