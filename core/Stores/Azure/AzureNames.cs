namespace Tributary.Stores.Azure;

/// <summary>Checks names before they become part of a URL, and splits them as the service needs them.</summary>
internal static class AzureNames
{
    private const int LongestBlobName = 1024;
    private const int LongestKey = 512;

    /// <summary>The container is the first segment.</summary>
    /// <exception cref="StoreException">Rejected: not a name of this store.</exception>
    public static string Container(string name)
    {
        var segments = name.Split('/');
        if (segments.Length < 2 || name.Length > LongestBlobName || !segments.All(IsSegment))
        {
            throw Rejected($"'{name}' is not a blob's name: container/name, each of [A-Za-z0-9._-]");
        }
        return segments[0];
    }

    /// <summary>A prefix may end anywhere in a name.</summary>
    /// <exception cref="StoreException">Rejected: no name of this store begins so.</exception>
    public static void CheckPrefix(string prefix)
    {
        if (prefix.Length > LongestBlobName || !prefix.All(c => c == '/' || IsNameCharacter(c)))
        {
            throw Rejected($"'{prefix}' begins no blob's name: only [A-Za-z0-9._-] and / are used");
        }
    }

    /// <exception cref="StoreException">Rejected: not a table's name.</exception>
    public static void CheckTable(string table)
    {
        if (table.Length is < 3 or > 63 || !char.IsAsciiLetter(table[0]) || !table.All(char.IsAsciiLetterOrDigit))
        {
            throw Rejected($"'{table}' is not a table's name: 3 to 63 letters and digits, a letter first");
        }
    }

    /// <exception cref="StoreException">Rejected: not a key.</exception>
    public static void CheckKey(string key)
    {
        if (key.Length > LongestKey)
        {
            throw Rejected($"the key '{key[..40]}…' has {key.Length} characters; at most {LongestKey} are allowed");
        }
        if (key.Any(c => c is '/' or '\\' or '#' or '?' || char.IsControl(c)))
        {
            throw Rejected($"the key '{key}' holds one of / \\ # ? or a control character");
        }
    }

    /// <summary>A key between quotes, as part of a URL.</summary>
    public static string Quoted(string key) =>
        "'" + Uri.EscapeDataString(key.Replace("'", "''", StringComparison.Ordinal)) + "'";

    /// <summary>The path of one row.</summary>
    public static string RowPath(string table, string partition, string row) =>
        $"/{table}(PartitionKey={Quoted(partition)},RowKey={Quoted(row)})";

    public static StoreException Rejected(string problem) =>
        new(StoreError.Rejected, $"Azure storage: the request was not sent: {problem}.");

    private static bool IsSegment(string segment) =>
        segment.Length > 0 && segment is not ("." or "..") && segment.All(IsNameCharacter);

    private static bool IsNameCharacter(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-';
}
