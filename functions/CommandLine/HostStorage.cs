using Tributary.Identities;

namespace Tributary.Functions.CommandLine;

/// <summary>The storage account of the Functions host, which is ours too unless another is named.</summary>
/// <param name="Storage">A connection string (a secret), or the URL of the account's blobs.</param>
/// <param name="TableUrl">The URL of its tables; null derives it.</param>
/// <param name="Identity">Who may use it; null is whoever this process is, or the connection string's key.</param>
internal sealed record HostStorage(string Storage, string? TableUrl = null, AzureIdentity? Identity = null)
{
    public const string Variable = "AzureWebJobsStorage";
    public const string AccountVariable = Variable + "__accountName";
    public const string BlobVariable = Variable + "__blobServiceUri";
    public const string TableVariable = Variable + "__tableServiceUri";
    public const string ClientVariable = Variable + "__clientId";
    public const string ResourceVariable = Variable + "__managedIdentityResourceId";
    public const string CredentialVariable = Variable + "__credential";

    /// <summary>The only credential that the host itself knows here.</summary>
    private const string ManagedIdentity = "managedidentity";

    private const int MinAccountChars = 3;
    private const int MaxAccountChars = 24;

    /// <summary>Reads the host's own settings.</summary>
    /// <exception cref="CommandException">
    /// There are none, or they cannot be used; never the folder that a server of its own would take.
    /// </exception>
    public static HostStorage Resolve(Func<string, string?> environment)
    {
        if (Value(Variable) is { } connection)
        {
            return new HostStorage(connection);
        }
        var identity = IdentityOf(Value);
        if (Value(AccountVariable) is { } account)
        {
            return new HostStorage($"https://{Checked(account)}.blob.core.windows.net", Value(TableVariable), identity);
        }
        if (Value(BlobVariable) is { } blobs)
        {
            return new HostStorage(blobs, Value(TableVariable), identity);
        }
        throw CommandException.Usage(
            $"under the Functions host a storage account is needed, and no setting names one: set {Variable} (a "
                + $"connection string), {AccountVariable}, or {BlobVariable} and {TableVariable}; or "
                + $"{Settings.StorageVariable} for another account than the host's."
        );

        string? Value(string name) => environment(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
    }

    /// <summary>As the host reads them: a managed identity by its client ID or resource ID, or the system-assigned one.</summary>
    private static AzureIdentity? IdentityOf(Func<string, string?> value)
    {
        var (client, resource, credential) = (
            value(ClientVariable),
            value(ResourceVariable),
            value(CredentialVariable)
        );
        if (credential is not null && !credential.Equals(ManagedIdentity, StringComparison.OrdinalIgnoreCase))
        {
            throw CommandException.Usage(
                $"{CredentialVariable}: only '{ManagedIdentity}' is known; leave it out for others."
            );
        }
        if (client is not null && !IdentityChoice.IsClientId(client))
        {
            throw CommandException.Usage(
                $"{ClientVariable}: it must be the client ID of a user-assigned identity, a GUID."
            );
        }
        if (client is not null && resource is not null)
        {
            throw CommandException.Usage($"set {ClientVariable} or {ResourceVariable}, not both.");
        }
        return client is null && resource is null && credential is null
            ? null
            : new AzureIdentity
            {
                // Without a credential it may be somebody who develops, and has signed in.
                Kind = credential is null && resource is null ? IdentityKind.Found : IdentityKind.Managed,
                ClientId = client ?? "",
                ResourceId = resource ?? "",
            };
    }

    private static string Checked(string account) =>
        account.Length is >= MinAccountChars and <= MaxAccountChars
        && account.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c))
            ? account
            : throw CommandException.Usage(
                $"{AccountVariable}: the name of a storage account has 3 to 24 small letters and digits. For one with an "
                    + $"address of its own, set {BlobVariable} and {TableVariable}."
            );
}
