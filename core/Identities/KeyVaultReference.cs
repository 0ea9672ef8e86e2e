namespace Tributary.Identities;

/// <summary>App settings that stand for a secret of a Key Vault. The platform puts the secret in their place, or leaves them as they are.</summary>
/// <remarks>https://learn.microsoft.com/azure/app-service/app-service-key-vault-references</remarks>
public static class KeyVaultReference
{
    private const string Start = "@Microsoft.KeyVault(";

    /// <summary>Whether a setting is a reference still, and not the secret.</summary>
    public static bool IsUnresolved(string? value) =>
        value is not null && value.AsSpan().TrimStart().StartsWith(Start, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is wrong, and what to do.</summary>
    /// <param name="name">The setting.</param>
    public static string Problem(string name) =>
        $"the app setting {name} is a Key Vault reference that the platform has not resolved. Give the app's identity the "
        + "role 'Key Vault Secrets User' on the vault, name that identity in the app's keyVaultReferenceIdentity if it is a "
        + "user-assigned one, check the secret's name and the vault's firewall, and restart the app";
}
