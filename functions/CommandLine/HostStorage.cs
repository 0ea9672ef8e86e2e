namespace Tributary.Functions.CommandLine;

/// <summary>The storage account of the Functions host, which is ours too unless another is named.</summary>
/// <param name="Storage">A connection string (a secret), or the URL of the account's blobs.</param>
/// <param name="TableUrl">The URL of its tables; null derives it.</param>
/// <param name="ClientId">The identity that may use it; null is the app's own one, or the connection string's key.</param>
internal sealed record HostStorage(string Storage, string? TableUrl = null, string? ClientId = null)
{
    public const string Variable = "AzureWebJobsStorage";
    public const string AccountVariable = Variable + "__accountName";
    public const string BlobVariable = Variable + "__blobServiceUri";
    public const string TableVariable = Variable + "__tableServiceUri";
    public const string ClientVariable = Variable + "__clientId";

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
        var client = Value(ClientVariable);
        if (Value(AccountVariable) is { } account)
        {
            return new HostStorage($"https://{Checked(account)}.blob.core.windows.net", Value(TableVariable), client);
        }
        if (Value(BlobVariable) is { } blobs)
        {
            return new HostStorage(blobs, Value(TableVariable), client);
        }
        throw CommandException.Usage(
            $"under the Functions host a storage account is needed, and no setting names one: set {Variable} (a "
                + $"connection string), {AccountVariable}, or {BlobVariable} and {TableVariable}; or "
                + $"{Settings.StorageVariable} for another account than the host's."
        );

        string? Value(string name) => environment(name) is { } text && !string.IsNullOrWhiteSpace(text) ? text : null;
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
