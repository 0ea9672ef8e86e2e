using Tributary.Identities;

namespace Tributary.Stores;

/// <summary>Where everything is kept, as the setting <c>TRIBUTARY_STORAGE</c> says it: a folder or a storage account.</summary>
/// <remarks>Data only; its texts for people never hold a key.</remarks>
public abstract record StorageSetting
{
    private const string LocalScheme = "local:";

    private protected StorageSetting() { }

    /// <summary>Reads <c>local:PATH</c>, a connection string, or an account URL.</summary>
    /// <param name="text">The setting.</param>
    /// <exception cref="StoreException">Unusable: none of the three forms.</exception>
    public static StorageSetting Parse(string text)
    {
        var trimmed = text.Trim();
        if (trimmed.StartsWith(LocalScheme, StringComparison.OrdinalIgnoreCase))
        {
            var path = trimmed[LocalScheme.Length..];
            return path.Length > 0
                ? new LocalFolder(path)
                : throw Malformed("'local:' needs a path, as in 'local:./data'");
        }
        if (
            trimmed.StartsWith("https://", StringComparison.OrdinalIgnoreCase)
            || trimmed.StartsWith("http://", StringComparison.OrdinalIgnoreCase)
        )
        {
            return new AccountUrl(trimmed);
        }
        if (trimmed.Contains('=', StringComparison.Ordinal))
        {
            return new AccountConnection(trimmed);
        }
        throw Malformed(trimmed.Length == 0 ? "it is empty" : "it has none of these forms");
    }

    private static StoreException Malformed(string problem) =>
        new(
            StoreError.Unusable,
            $"The storage setting cannot be used: {problem}. Give 'local:PATH', a connection string "
                + "('DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…' or 'UseDevelopmentStorage=true'), "
                + "or an account URL 'https://NAME.blob.core.windows.net'."
        );
}

/// <summary>A folder of this machine.</summary>
/// <param name="Path">As written, relative to the working directory.</param>
public sealed record LocalFolder(string Path) : StorageSetting
{
    /// <summary>The setting as written.</summary>
    public override string ToString() => "local:" + Path;
}

/// <summary>A storage account, by a connection string, which usually holds a key.</summary>
/// <param name="ConnectionString">A secret.</param>
public sealed record AccountConnection(string ConnectionString) : StorageSetting
{
    /// <summary>Never the connection string.</summary>
    public override string ToString() => "a storage account's connection string";
}

/// <summary>A storage account, by its blob endpoint, for an identity without a key.</summary>
/// <param name="Url">As written; a signature pasted with it is refused when the account is made of it.</param>
public sealed record AccountUrl(string Url) : StorageSetting
{
    /// <summary>The table endpoint; null derives it from the blob endpoint.</summary>
    public string? TableUrl { get; init; }

    /// <summary>Who asks.</summary>
    public AzureIdentity Identity { get; init; } = AzureIdentity.OfProcess;

    /// <summary>The URL without its query, which could hold a signature.</summary>
    public override string ToString() => Url.Split('?', 2)[0];
}
