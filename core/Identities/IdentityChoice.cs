namespace Tributary.Identities;

/// <summary>Which identity this process has: by its setting, else by what its surroundings offer.</summary>
public static class IdentityChoice
{
    /// <summary>The setting: <c>auto</c>, <c>managed</c>, <c>managed:CLIENT_ID</c>, <c>workload</c>, <c>environment</c>, <c>cli</c>.</summary>
    public const string Variable = "TRIBUTARY_IDENTITY";

    private const string ManagedPrefix = "managed:";
    private const int LongestClientId = 100;

    /// <summary>One of them is set on every plan of App Service and Functions.</summary>
    private static readonly string[] AppVariables = ["WEBSITE_INSTANCE_ID", "WEBSITE_SITE_NAME"];

    /// <summary>Reads the setting; null or empty is <c>auto</c>.</summary>
    /// <exception cref="IdentityException">It has none of the forms.</exception>
    public static AzureIdentity Parse(string? text)
    {
        var value = text?.Trim() ?? "";
        if (value.StartsWith(ManagedPrefix, StringComparison.OrdinalIgnoreCase))
        {
            var client = value[ManagedPrefix.Length..].Trim();
            return IsClientId(client)
                ? new AzureIdentity { Kind = IdentityKind.Managed, ClientId = client }
                : throw Malformed("'managed:' needs the client ID of a user-assigned identity");
        }
        return value.ToLowerInvariant() switch
        {
            "" or "auto" => AzureIdentity.OfProcess,
            "managed" => new AzureIdentity { Kind = IdentityKind.Managed },
            "workload" => new AzureIdentity { Kind = IdentityKind.Workload },
            "environment" => new AzureIdentity { Kind = IdentityKind.Environment },
            "cli" => new AzureIdentity { Kind = IdentityKind.CommandLine },
            _ => throw Malformed("it has none of these forms"),
        };
    }

    /// <summary>Whether a text may be a client ID: letters, digits and hyphens, as GUIDs have them.</summary>
    public static bool IsClientId(string text) =>
        text.Length is > 0 and <= LongestClientId && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>The identity, when setting or surroundings tell it; null when it has to be tried which one there is.</summary>
    /// <exception cref="IdentityException">The setting is malformed, or this app has no identity.</exception>
    internal static AzureIdentity? Of(AzureIdentity identity, Func<string, string?> environment)
    {
        if (identity.Kind != IdentityKind.Found)
        {
            return identity;
        }
        var set = Parse(environment(Variable));
        if (set.Kind != IdentityKind.Found)
        {
            var wanted = identity.ClientId.Length == 0 ? identity with { ClientId = set.ClientId } : identity;
            return As(set.Kind, wanted, environment);
        }
        if (Has("IDENTITY_ENDPOINT") || Has("MSI_ENDPOINT"))
        {
            return As(IdentityKind.Managed, identity, environment);
        }
        if (Array.Exists(AppVariables, Has))
        {
            throw new IdentityException(
                "this app has no managed identity (IDENTITY_ENDPOINT is not set): assign one to it, and restart it",
                isPassing: false
            );
        }
        if (!Has("AZURE_CLIENT_ID") || !Has("AZURE_TENANT_ID"))
        {
            return null;
        }
        return Has("AZURE_CLIENT_SECRET") || Has("AZURE_CLIENT_CERTIFICATE_PATH")
                ? As(IdentityKind.Environment, identity, environment)
            : Has("AZURE_FEDERATED_TOKEN_FILE") ? As(IdentityKind.Workload, identity, environment)
            : null;

        bool Has(string name) => !string.IsNullOrWhiteSpace(environment(name));
    }

    /// <summary>The identity as one of a kind; a client ID that it does not say is that of the surroundings.</summary>
    internal static AzureIdentity As(IdentityKind kind, AzureIdentity identity, Func<string, string?> environment)
    {
        var takesClient = kind is IdentityKind.Managed or IdentityKind.Workload;
        var isNamed = identity.ClientId.Length > 0 || identity.ResourceId.Length > 0;
        return identity with
        {
            Kind = kind,
            ClientId = takesClient && !isNamed ? environment("AZURE_CLIENT_ID")?.Trim() ?? "" : identity.ClientId,
        };
    }

    private static IdentityException Malformed(string problem) =>
        new(
            $"{Variable} cannot be used: {problem}. Give 'auto', 'managed', 'managed:CLIENT_ID', 'workload', 'environment' "
                + "or 'cli'.",
            isPassing: false
        );
}
