using Tributary.Configuration.Yaml;

namespace Tributary.Configuration.Http;

/// <summary>Reads <c>azuread</c>, whose fields are checked elsewhere.</summary>
internal static class AzureAdReader
{
    /// <summary>The settings in a section's field <c>azuread</c>; null without it, or when it cannot be used.</summary>
    public static AzureAdConfig? Read(Section parent)
    {
        if (parent.Field("azuread") is not YamlMapping mapping)
        {
            return null;
        }
        var section = new Section(mapping, parent.Below("azuread"), parent.Errors);
        var cloud = section.NonEmptyText("cloud") ?? "AzurePublic";
        var config = new AzureAdConfig { Cloud = cloud, Scope = section.NonEmptyText("scope") ?? ScopeOf(cloud) };
        return Method(section, "managed_identity") is { } managed
                ? config with
                {
                    Method = AzureAdMethod.ManagedIdentity,
                    ClientId = managed.Text("client_id") ?? "",
                }
            : Method(section, "workload_identity") is { } workload
                ? config with
                {
                    Method = AzureAdMethod.WorkloadIdentity,
                    ClientId = workload.Text("client_id") ?? "",
                    TenantId = workload.Text("tenant_id") ?? "",
                    TokenFile = workload.NonEmptyText("token_file_path") is { } path
                        ? section.Errors.PathOf(path)
                        : AzureAdConfig.DefaultTokenFile,
                }
            : Method(section, "oauth") is { } oauth
                ? config with
                {
                    Method = AzureAdMethod.OAuth,
                    ClientId = oauth.Text("client_id") ?? "",
                    TenantId = oauth.Text("tenant_id") ?? "",
                    ClientSecret = SecretReader.ReadText(oauth, "client_secret"),
                }
            : Method(section, "sdk") is { } sdk
                ? config with
                {
                    Method = AzureAdMethod.Sdk,
                    TenantId = sdk.Text("tenant_id") ?? "",
                }
            : Method(section, "certificate") is { } certificate ? OfCertificate(config, certificate)
            : null;
    }

    private static AzureAdConfig OfCertificate(AzureAdConfig config, Section section) =>
        config with
        {
            Method = AzureAdMethod.Certificate,
            ClientId = section.Text("client_id") ?? "",
            TenantId = section.Text("tenant_id") ?? "",
            CertificateFile = section.Errors.PathOf(section.Text("certificate_path") ?? ""),
            CertificateKeyFile = section.Errors.PathOf(section.Text("certificate_key_path") ?? ""),
            CertificatePassword = SecretReader.ReadText(section, "certificate_password"),
            SendsChain = section.Flag("send_certificate_chain", false),
        };

    private static Section? Method(Section section, string field) =>
        section.Field(field) is YamlMapping mapping ? new Section(mapping, section.Below(field), section.Errors) : null;

    /// <summary>What Azure Monitor takes samples by, in each cloud.</summary>
    private static string ScopeOf(string cloud) =>
        cloud switch
        {
            "AzureGovernment" => "https://monitor.azure.us//.default",
            "AzureChina" => "https://monitor.azure.cn//.default",
            _ => "https://monitor.azure.com//.default",
        };
}
