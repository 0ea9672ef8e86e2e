namespace Tributary.Configuration.Http;

/// <summary>Tokens of Microsoft Entra: the section <c>azuread</c>.</summary>
/// <remarks>https://prometheus.io/docs/prometheus/latest/configuration/configuration/#azuread</remarks>
public sealed record AzureAdConfig
{
    /// <summary>Where a Kubernetes pod with workload identity finds its token.</summary>
    public const string DefaultTokenFile = "/var/run/secrets/azure/tokens/azure-identity-token";

    /// <summary>Who asks for tokens.</summary>
    public AzureAdMethod Method { get; init; }

    /// <summary>The cloud: <c>AzurePublic</c>, <c>AzureGovernment</c> or <c>AzureChina</c>.</summary>
    public string Cloud { get; init; } = "AzurePublic";

    /// <summary>The client, or the managed identity; empty is the system-assigned one.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The tenant; may be empty where the method does not need one.</summary>
    public string TenantId { get; init; } = "";

    /// <summary>The client's secret; null where the method does not need one.</summary>
    public Secret? ClientSecret { get; init; }

    /// <summary>The file with the token of a workload identity.</summary>
    public string TokenFile { get; init; } = DefaultTokenFile;

    /// <summary>The client's certificate: PEM, or PKCS #12; empty where the method does not need one.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>The certificate's key in PEM; empty when it is in the same file.</summary>
    public string CertificateKeyFile { get; init; } = "";

    /// <summary>What the key is encrypted with; null without.</summary>
    public Secret? CertificatePassword { get; init; }

    /// <summary>Whether the certificate's chain is sent, too.</summary>
    public bool SendsChain { get; init; }

    /// <summary>What the tokens are for.</summary>
    public string Scope { get; init; } = "";
}

/// <summary>Who asks Entra for tokens.</summary>
public enum AzureAdMethod
{
    /// <summary>The managed identity of the machine or app.</summary>
    ManagedIdentity,

    /// <summary>The identity of a Kubernetes service account.</summary>
    WorkloadIdentity,

    /// <summary>A client with a secret.</summary>
    OAuth,

    /// <summary>Whoever Azure's SDK finds first.</summary>
    Sdk,

    /// <summary>A client with a certificate.</summary>
    Certificate,
}
