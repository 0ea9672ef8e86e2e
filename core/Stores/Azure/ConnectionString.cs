using Tributary.Identities;

namespace Tributary.Stores.Azure;

/// <summary>The text form of an account: <c>name=value</c> pairs between semicolons. Errors never show values.</summary>
/// <remarks>https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string</remarks>
internal sealed class ConnectionString
{
    private const string DevelopmentAccount = "devstoreaccount1";

    /// <summary>Azurite's key, the same on every machine and published; not a secret.</summary>
    private const string DevelopmentKey =
        "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

    private static readonly HashSet<string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        "AccountName",
        "BlobEndpoint",
        "BlobSecondaryEndpoint",
        "DefaultEndpointsProtocol",
        "EndpointSuffix",
        "FileEndpoint",
        "FileSecondaryEndpoint",
        "QueueEndpoint",
        "QueueSecondaryEndpoint",
        "TableEndpoint",
        "TableSecondaryEndpoint",
    };

    private readonly Dictionary<string, string> values = new(StringComparer.OrdinalIgnoreCase);

    private ConnectionString() { }

    public static ConnectionString Parse(string text)
    {
        var result = new ConnectionString();
        var position = 0;
        foreach (var part in text.Split(';', StringSplitOptions.TrimEntries))
        {
            position++;
            if (part.Length == 0)
            {
                continue;
            }
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0)
            {
                throw Malformed($"part {position} is not of the form name=value");
            }
            // Keys and signatures end in '=' signs: only the first one separates.
            if (!result.values.TryAdd(part[..equals].Trim(), part[(equals + 1)..].Trim()))
            {
                throw Malformed($"part {position} gives a name a second time");
            }
        }
        return result;
    }

    public static StoreException Malformed(string problem) =>
        new(
            StoreError.Unusable,
            $"The storage connection string cannot be used: {problem}. Copy it again from the account's 'Access keys' "
                + "page; on a developer's machine 'UseDevelopmentStorage=true' means Azurite on its usual ports."
        );

    public AzureAccount ToAccount() =>
        bool.TryParse(Value("UseDevelopmentStorage"), out var development) && development
            ? Development()
            : FromParts(Value("AccountName"));

    private AzureAccount Development()
    {
        var host = new UriBuilder("http://127.0.0.1");
        if (Value("DevelopmentStorageProxyUri") is { } proxy)
        {
            host = new UriBuilder(Endpoint("DevelopmentStorageProxyUri", proxy));
        }
        host.Path = DevelopmentAccount;
        return new AzureAccount(DevelopmentAccount, At(10000), At(10001), At(10002))
        {
            Key = Convert.FromBase64String(DevelopmentKey),
        };

        Uri At(int port)
        {
            host.Port = port;
            return host.Uri;
        }
    }

    private AzureAccount FromParts(string? name)
    {
        var blob = Value("BlobEndpoint") is { } given ? Endpoint("BlobEndpoint", given) : null;
        name ??= blob?.Host.Split('.')[0] ?? throw Malformed("AccountName is missing");
        var key = Key();
        var signature = Value("SharedAccessSignature")?.TrimStart('?');
        if (key is null && signature is null)
        {
            // Only with both, and nothing beside that may be a misspelt key, it is clear that no key was forgotten.
            if (values.Keys.ToList().FindIndex(one => !Names.Contains(one)) is >= 0 and var unknown)
            {
                throw Malformed(
                    $"it has neither AccountKey nor SharedAccessSignature, and the name of part {unknown + 1} is unknown"
                );
            }
            return blob is not null && Value("TableEndpoint") is { } table
                ? AzureAccount.FromEndpoints(blob, Endpoint("TableEndpoint", table), AzureIdentity.OfProcess)
                : throw Malformed(
                    "it has neither AccountKey nor SharedAccessSignature (an identity is used with BlobEndpoint and TableEndpoint)"
                );
        }
        blob ??= Standard(name, "blob");
        return new AzureAccount(name, blob, Sibling("queue", blob), Sibling("table", blob))
        {
            Key = key,
            SharedAccessSignature = key is null ? signature : null,
        };
    }

    private byte[]? Key()
    {
        if (Value("AccountKey") is not { } text)
        {
            return null;
        }
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length > 0
            ? key[..length]
            : throw Malformed("AccountKey is not base64 (cut off while copying?)");
    }

    private Uri Standard(string name, string service)
    {
        var protocol = Value("DefaultEndpointsProtocol") ?? "https";
        var suffix = Value("EndpointSuffix") ?? "core.windows.net";
        if (name.Length is < 3 or > 24 || !name.All(c => c is (>= 'a' and <= 'z') or (>= '0' and <= '9')))
        {
            throw Malformed("AccountName is not 3 to 24 lower-case letters and digits");
        }
        return Endpoint("EndpointSuffix or DefaultEndpointsProtocol", $"{protocol}://{name}.{service}.{suffix}");
    }

    /// <summary>Another service's endpoint: given, or beside the blob endpoint.</summary>
    private Uri Sibling(string service, Uri blob)
    {
        var setting = char.ToUpperInvariant(service[0]) + service[1..] + "Endpoint";
        if (Value(setting) is { } given)
        {
            return Endpoint(setting, given);
        }
        if (AzureAccount.SiblingOf(blob, service) is { } derived)
        {
            return derived;
        }
        // Nothing here speaks to queues, so only a missing table endpoint is an error.
        return service == "queue" ? blob : throw Malformed($"BlobEndpoint is given, but {setting} is not");
    }

    private static Uri Endpoint(string setting, string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri is { Query: "", Fragment: "", UserInfo: "" }
            ? uri
            : throw Malformed($"{setting} does not make an http(s) URL without query");

    private string? Value(string name) => values.TryGetValue(name, out var value) && value.Length > 0 ? value : null;
}
