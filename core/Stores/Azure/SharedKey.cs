using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;

namespace Tributary.Stores.Azure;

/// <summary>The authorization scheme of an account key: an HMAC-SHA256 over a canonical form of the request.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/authorize-with-shared-key</remarks>
internal static class SharedKey
{
    /// <summary>The headers that a blob request signs by position; a zero length and the date (x-ms-date is sent) are empty.</summary>
    private static readonly string[] BlobHeaders =
    [
        "Content-Encoding",
        "Content-Language",
        "Content-Length",
        "Content-MD5",
        "Content-Type",
        "",
        "If-Modified-Since",
        "If-Match",
        "If-None-Match",
        "If-Unmodified-Since",
        "Range",
    ];

    public static string Authorization(AzureAccount account, byte[] key, string stringToSign)
    {
        var hash = HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(stringToSign));
        return $"SharedKey {account.Name}:{Convert.ToBase64String(hash)}";
    }

    public static string BlobStringToSign(string account, Request request)
    {
        var text = new StringBuilder(512).Append(request.Method.Method).Append('\n');
        foreach (var name in BlobHeaders)
        {
            text.Append(name == "Content-Length" ? Length(request) : Header(request, name)).Append('\n');
        }
        var ours = request
            .Headers.Where(h => h.Name.StartsWith("x-ms-", StringComparison.OrdinalIgnoreCase))
            .Select(h => (Name: h.Name.ToLowerInvariant(), Value: h.Value.Trim()))
            .OrderBy(h => h.Name, StringComparer.Ordinal);
        foreach (var (name, value) in ours)
        {
            text.Append(name).Append(':').Append(value).Append('\n');
        }
        var uri = request.Uri.ToUri();
        text.Append('/').Append(account).Append(uri.AbsolutePath);
        var parameters = Parameters(uri)
            .GroupBy(p => p.Name, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal);
        foreach (var group in parameters)
        {
            var values = group.Select(p => p.Value).Order(StringComparer.Ordinal);
            text.Append('\n').Append(group.Key).Append(':').AppendJoin(',', values);
        }
        return text.ToString();
    }

    public static string TableStringToSign(string account, Request request)
    {
        var uri = request.Uri.ToUri();
        var text = new StringBuilder(256)
            .Append(request.Method.Method)
            .Append('\n')
            .Append(Header(request, "Content-MD5"))
            .Append('\n')
            .Append(Header(request, "Content-Type"))
            .Append('\n')
            .Append(Header(request, "x-ms-date"))
            .Append('\n')
            .Append('/')
            .Append(account)
            .Append(uri.AbsolutePath);
        foreach (var (_, value) in Parameters(uri).Where(p => p.Name == "comp"))
        {
            text.Append("?comp=").Append(value);
        }
        return text.ToString();
    }

    private static string Header(Request request, string name) =>
        name.Length > 0 && request.Headers.TryGetValue(name, out var value) ? value : "";

    private static string Length(Request request) =>
        request.Content is { } content && content.TryComputeLength(out var length) && length > 0
            ? length.ToString(CultureInfo.InvariantCulture)
            : "";

    private static IEnumerable<(string Name, string Value)> Parameters(Uri uri)
    {
        foreach (var part in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var pair = part.Split('=', 2);
            var value = pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : "";
            yield return (Uri.UnescapeDataString(pair[0]).ToLowerInvariant(), value);
        }
    }
}
