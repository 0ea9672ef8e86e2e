using Azure.Core;
using Tributary.Identities;

namespace Tributary.Stores.Azure;

/// <summary>A storage account: its endpoints and how to prove who we are. Its text form never holds a key.</summary>
public sealed class AzureAccount
{
    internal AzureAccount(string name, Uri blobEndpoint, Uri queueEndpoint, Uri tableEndpoint)
    {
        Name = name;
        BlobEndpoint = blobEndpoint;
        QueueEndpoint = queueEndpoint;
        TableEndpoint = tableEndpoint;
    }

    /// <summary>The account's name.</summary>
    public string Name { get; }

    /// <summary>Where blobs are.</summary>
    public Uri BlobEndpoint { get; }

    /// <summary>Where queues are; the blob endpoint when it cannot be derived.</summary>
    public Uri QueueEndpoint { get; }

    /// <summary>Where tables are.</summary>
    public Uri TableEndpoint { get; }

    internal byte[]? Key { get; init; }

    internal string? SharedAccessSignature { get; init; }

    /// <summary>Who asks, where neither key nor signature is; null otherwise.</summary>
    internal AzureIdentity? Identity { get; init; }

    /// <summary>Who asks in place of <see cref="Identity"/>; null without.</summary>
    internal TokenCredential? Credential { get; init; }

    /// <summary>Makes an account of a setting.</summary>
    /// <param name="text">A connection string, or an account URL.</param>
    /// <param name="credential">Who asks, for a URL; the identity of this process when null.</param>
    /// <exception cref="StoreException">Unusable: malformed; the message says what, and holds no key.</exception>
    public static AzureAccount Parse(string text, TokenCredential? credential = null) =>
        FromSetting(StorageSetting.Parse(text), credential);

    /// <summary>Makes an account of a setting that was read before.</summary>
    /// <exception cref="StoreException">Unusable: malformed, or not an account.</exception>
    public static AzureAccount FromSetting(StorageSetting setting, TokenCredential? credential = null) =>
        setting switch
        {
            AccountConnection { ConnectionString: var connection } => FromConnectionString(connection),
            AccountUrl url => FromUrl(url.Url, url.TableUrl, url.Identity, credential),
            var other => throw Malformed($"'{other}' is not a storage account"),
        };

    /// <summary>Makes an account of a connection string.</summary>
    /// <exception cref="StoreException">Unusable: malformed.</exception>
    public static AzureAccount FromConnectionString(string text) => ConnectionString.Parse(text).ToAccount();

    /// <summary>Makes an account of its blob endpoint, <c>https://NAME.blob.core.windows.net</c>.</summary>
    /// <exception cref="StoreException">Unusable: not such a URL.</exception>
    public static AzureAccount FromUrl(string url, TokenCredential? credential = null) =>
        FromUrl(url, tableUrl: null, AzureIdentity.OfProcess, credential);

    /// <summary>Makes an account of two https endpoints, as <c>https://NAME.blob.core.windows.net</c> and its like for tables.</summary>
    /// <remarks>
    /// An Azurite on this machine has the account's name as path: <c>https://127.0.0.1:10000/devstoreaccount1</c>.
    /// </remarks>
    /// <exception cref="StoreException">Unusable: not https, or with a path or query.</exception>
    public static AzureAccount FromEndpoints(Uri blob, Uri table, TokenCredential? credential = null) =>
        FromEndpoints(blob, table, AzureIdentity.OfProcess, credential);

    internal static AzureAccount FromEndpoints(
        Uri blob,
        Uri table,
        AzureIdentity identity,
        TokenCredential? credential = null
    )
    {
        HttpsRoot(blob.OriginalString, "the blob endpoint");
        HttpsRoot(table.OriginalString, "the table endpoint");
        return new AzureAccount(NameOf(blob), blob, SiblingOf(blob, "queue") ?? blob, table)
        {
            Identity = identity,
            Credential = credential,
        };
    }

    /// <summary>The name and the blob endpoint.</summary>
    public override string ToString() => $"{Name} ({BlobEndpoint})";

    /// <summary>The endpoint of another service of the same account, or null when the host does not tell.</summary>
    internal static Uri? SiblingOf(Uri blob, string service)
    {
        const string own = ".blob.";
        var at = blob.Host.IndexOf(own, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
        {
            return null;
        }
        var host = $"{blob.Host[..at]}.{service}.{blob.Host[(at + own.Length)..]}";
        return new UriBuilder(blob) { Host = host }.Uri;
    }

    /// <summary>The first part of the host, or the path of one that has it there.</summary>
    internal static string NameOf(Uri blob) =>
        blob.AbsolutePath.Length > 1 ? blob.AbsolutePath.Trim('/') : blob.Host.Split('.')[0];

    private static AzureAccount FromUrl(
        string url,
        string? tableUrl,
        AzureIdentity identity,
        TokenCredential? credential
    )
    {
        var blob = HttpsRoot(url, "the account URL");
        var table =
            (tableUrl is null ? SiblingOf(blob, "table") : HttpsRoot(tableUrl, "the table endpoint"))
            ?? throw Malformed(
                $"the host '{blob.Host}' is not NAME.blob.SUFFIX, so the table endpoint cannot be derived of it"
            );
        return FromEndpoints(blob, table, identity, credential);
    }

    private static Uri HttpsRoot(string text, string what)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri))
        {
            throw Malformed($"{what} is not a URL");
        }
        if (uri.Query.Length > 0 || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            throw Malformed(
                $"{what} has more than a host; a shared access signature goes into a connection string "
                    + "('BlobEndpoint=…;TableEndpoint=…;SharedAccessSignature=…')"
            );
        }
        if (uri.Scheme != Uri.UriSchemeHttps)
        {
            throw Malformed($"{what} must begin with https:// (tokens are not sent over {uri.Scheme})");
        }
        // The name of an account of Azurite is the path; a container there would be a second segment.
        var isAzurite =
            uri.IsLoopback
            && uri.AbsolutePath.Trim('/') is { Length: > 0 } name
            && !name.Contains('/', StringComparison.Ordinal);
        return uri.AbsolutePath == "/" || isAzurite
            ? uri
            : throw Malformed($"{what} has a path; give the account's own address");
    }

    private static StoreException Malformed(string problem) =>
        new(
            StoreError.Unusable,
            $"The storage account cannot be used: {problem}. Give 'https://NAME.blob.core.windows.net' or a connection string."
        );
}
