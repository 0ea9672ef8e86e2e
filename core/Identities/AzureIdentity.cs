namespace Tributary.Identities;

/// <summary>Who asks Microsoft Entra for tokens. Equal ones are one identity, and share their tokens.</summary>
/// <remarks>Its text form is for people, and never holds a secret.</remarks>
public sealed record AzureIdentity
{
    /// <summary>Whoever this process is: what <c>TRIBUTARY_IDENTITY</c> and its surroundings say.</summary>
    public static AzureIdentity OfProcess { get; } = new();

    /// <summary>How it proves who it is.</summary>
    public IdentityKind Kind { get; init; }

    /// <summary>The client ID; empty is the system-assigned managed identity, or none.</summary>
    public string ClientId { get; init; } = "";

    /// <summary>The resource ID of a user-assigned managed identity, in place of its client ID; empty without.</summary>
    public string ResourceId { get; init; } = "";

    /// <summary>The tenant; empty where the kind needs none, or the surroundings name it.</summary>
    public string TenantId { get; init; } = "";

    /// <summary>Who gives tokens; null is the public cloud's, or that of <c>AZURE_AUTHORITY_HOST</c>.</summary>
    public Uri? Authority { get; init; }

    /// <summary>The file with the token of a Kubernetes service account; empty is that of the surroundings.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>The client's secret; empty where the kind needs none.</summary>
    internal string ClientSecret { get; init; } = "";

    /// <summary>The client's certificate: PEM, or PKCS #12; empty where the kind needs none.</summary>
    public string CertificateFile { get; init; } = "";

    /// <summary>The certificate's key in PEM; empty when it is in the same file.</summary>
    public string CertificateKeyFile { get; init; } = "";

    /// <summary>What the key is encrypted with; empty without.</summary>
    internal string CertificatePassword { get; init; } = "";

    /// <summary>Whether the certificate's chain is sent, too.</summary>
    public bool SendsChain { get; init; }

    /// <summary>As people know it, without secrets.</summary>
    public override string ToString() =>
        Kind switch
        {
            IdentityKind.Managed when ResourceId.Length > 0 => $"the managed identity {ResourceId}",
            IdentityKind.Managed when ClientId.Length > 0 => $"the managed identity with client ID {ClientId}",
            IdentityKind.Managed => "the system-assigned managed identity",
            IdentityKind.Workload when ClientId.Length > 0 => $"the workload identity with client ID {ClientId}",
            IdentityKind.Workload => "the workload identity of this pod",
            IdentityKind.Environment => "the client that AZURE_CLIENT_ID and AZURE_TENANT_ID name",
            IdentityKind.CommandLine => "the user of 'az login'",
            IdentityKind.Secret or IdentityKind.Certificate => $"the client {ClientId} of tenant {TenantId}",
            _ => "the identity of this process",
        };
}

/// <summary>How an identity proves who it is.</summary>
public enum IdentityKind
{
    /// <summary>One of <see cref="Managed"/>, <see cref="Environment"/>, <see cref="Workload"/>, <see cref="CommandLine"/>: the first that is there.</summary>
    Found,

    /// <summary>The managed identity of this app or machine.</summary>
    Managed,

    /// <summary>The identity of a Kubernetes service account.</summary>
    Workload,

    /// <summary>A client whose secret or certificate is in variables of the environment (<c>AZURE_CLIENT_SECRET</c> and its like).</summary>
    Environment,

    /// <summary>Who has signed in by <c>az login</c>.</summary>
    CommandLine,

    /// <summary>A client with a secret.</summary>
    Secret,

    /// <summary>A client with a certificate.</summary>
    Certificate,
}
