using System.Net.Http.Headers;
using System.Text;
using Tributary.Configuration.Yaml;

namespace Tributary.HttpClients;

/// <summary>Takes out of a text what a server repeats of the secrets that it was asked with.</summary>
/// <remarks>Errors quote what a source says, and some sources say what they got. People who may see errors may not see that.</remarks>
public static class SentSecrets
{
    private const string Hidden = "xxxxx";

    /// <summary>Shorter ones are in everything.</summary>
    private const int MinLength = 4;

    /// <summary>So much of the beginning of a secret is found by itself, because quoted texts are cut.</summary>
    private const int MinPart = 6;

    /// <summary>Headers of every request, whose values are known to everybody.</summary>
    private static readonly HashSet<string> Plain = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept",
        "Accept-Encoding",
        "Host",
        "Retry-Attempt",
        "User-Agent",
        "X-Prometheus-Remote-Write-Version",
        "X-Prometheus-Refresh-Interval-Seconds",
        "X-Prometheus-Scrape-Timeout-Seconds",
    };

    /// <summary>The text without secrets of the request.</summary>
    /// <param name="text">What people are told.</param>
    /// <param name="sent">The request as it was sent; null is none.</param>
    public static string Hide(string text, HttpRequestMessage? sent)
    {
        if (text.Length == 0 || sent is null)
        {
            return text;
        }
        var secrets = Of(sent).Where(secret => secret.Length >= MinLength).OrderByDescending(s => s.Length).ToList();
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, Hidden, StringComparison.Ordinal);
        }
        // Whole ones first: the beginning of one may be that of another.
        return secrets.Where(secret => secret.Length > MinPart).Aggregate(text, HideBeginning);
    }

    private static string HideBeginning(string text, string secret)
    {
        var begin = secret[..MinPart];
        var at = text.IndexOf(begin, StringComparison.Ordinal);
        while (at >= 0)
        {
            var length = text.AsSpan(at).CommonPrefixLength(secret);
            text = string.Concat(text.AsSpan(0, at), Hidden, text.AsSpan(at + length));
            at = text.IndexOf(begin, at + Hidden.Length, StringComparison.Ordinal);
        }
        return text;
    }

    private static IEnumerable<string> Of(HttpRequestMessage sent)
    {
        foreach (var (name, values) in sent.Headers.NonValidated)
        {
            foreach (var value in Plain.Contains(name) ? [] : values)
            {
                yield return value;
                foreach (var part in PartsOf(value))
                {
                    yield return part;
                }
            }
        }
        foreach (var parameter in (sent.RequestUri?.Query ?? "").TrimStart('?').Split('&'))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && CredentialText.IsSecretName(parameter.AsSpan(0, equals)))
            {
                yield return parameter[(equals + 1)..];
                yield return Uri.UnescapeDataString(parameter[(equals + 1)..]);
            }
        }
    }

    /// <summary>What stands behind the scheme; of <c>Basic</c> also name and password.</summary>
    private static IEnumerable<string> PartsOf(string value)
    {
        if (
            !AuthenticationHeaderValue.TryParse(value, out var header) || header.Parameter is not { Length: > 0 } secret
        )
        {
            yield break;
        }
        yield return secret;
        var bytes = new byte[secret.Length];
        if (
            header.Scheme.Equals("Basic", StringComparison.OrdinalIgnoreCase)
            && Convert.TryFromBase64String(secret, bytes, out var count)
        )
        {
            var login = Encoding.UTF8.GetString(bytes, 0, count);
            yield return login;
            yield return login[(login.IndexOf(':', StringComparison.Ordinal) + 1)..];
        }
    }
}
