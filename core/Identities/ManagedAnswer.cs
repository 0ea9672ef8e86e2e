using System.Globalization;
using System.Text.Json;

namespace Tributary.Identities;

/// <summary>What an endpoint for managed identities answered.</summary>
/// <param name="Status">The status.</param>
/// <param name="Body">JSON as a rule; a token is in it, or why there is none.</param>
internal readonly record struct ManagedAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    private const int LongestText = 200;

    /// <summary>Shorter ones are in everything.</summary>
    private const int ShortestSecret = 4;

    /// <summary>The token of an answer that is fine.</summary>
    /// <exception cref="IdentityException">It has none.</exception>
    public FetchedToken ReadToken(string place, DateTimeOffset now)
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            var root = document.RootElement;
            var text = Text(root, "access_token");
            if (text.Length > 0 && text.AsSpan().IndexOfAnyExceptInRange('!', '~') < 0)
            {
                // One endpoint gives the end, in seconds since 1970; another gives both.
                if (Seconds(root, "expires_on") is { } end)
                {
                    return new FetchedToken(text, DateTimeOffset.UnixEpoch.AddSeconds(end), Renewal(root, now));
                }
                if (Seconds(root, "expires_in") is { } life)
                {
                    return new FetchedToken(text, now.AddSeconds(life), Renewal(root, now));
                }
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            throw NoToken(place, exception);
        }
        throw NoToken(place, null);
    }

    /// <summary>The error of an answer that is not fine: which identity, which endpoint, what it says, what to do.</summary>
    public IdentityException Refuse(AzureIdentity identity, string place, string? header)
    {
        var status = Status.ToString(CultureInfo.InvariantCulture);
        var said = Said(header);
        var what = $"{identity}: the endpoint for managed identities, {place}, answered {status}";
        var isPassing = Status is 404 or 408 or 410 or 429 or >= 500;
        var advice = Status switch
        {
            401 or 403 when header is not null => "it does not accept IDENTITY_HEADER; restart the app",
            429 => "too many requests; it is asked again",
            404 => $"it is asked again; if this lasts, {AdviceFor(identity)}",
            _ when isPassing => "it is asked again",
            _ => AdviceFor(identity),
        };
        return new IdentityException($"{what}{(said.Length == 0 ? "" : $" ({said})")}: {advice}", isPassing);
    }

    private static string AdviceFor(AzureIdentity identity) =>
        identity.ClientId.Length > 0 || identity.ResourceId.Length > 0
            ? "assign this identity to the app or machine, or correct its ID (it is the client ID, not the object ID)"
            : "give the app or machine a system-assigned identity, or say which user-assigned one it has by its client ID";

    private static IdentityException NoToken(string place, Exception? inner) =>
        new(
            $"the endpoint for managed identities, {place}, answered something that is no token",
            isPassing: true,
            inner
        );

    private static DateTimeOffset? Renewal(JsonElement root, DateTimeOffset now) =>
        Seconds(root, "refresh_in") is { } later ? now.AddSeconds(later) : null;

    /// <summary>Its own words, in one line, without the secret that it was asked with.</summary>
    private string Said(string? header)
    {
        try
        {
            using var document = JsonDocument.Parse(Body);
            var root = document.RootElement;
            var said = $"{Text(root, "error")}: {Text(root, "error_description")}{Text(root, "message")}".Trim(
                ':',
                ' '
            );
            var safe = header is { Length: >= ShortestSecret }
                ? said.Replace(header, "xxxxx", StringComparison.Ordinal)
                : said;
            var line = string.Concat(safe.TakeWhile(c => c is not ('\r' or '\n')).Where(c => !char.IsControl(c)));
            return line.Length <= LongestText ? line : line[..LongestText] + "…";
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // No JSON: the status says what is to be said.
            return "";
        }
    }

    private static string Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object
        && root.TryGetProperty(name, out var value)
        && value.ValueKind == JsonValueKind.String
            ? value.GetString()!
            : "";

    /// <summary>A number, or a text with one; null where it is neither, or no time of this age.</summary>
    private static long? Seconds(JsonElement root, string name)
    {
        const long Most = 100_000_000_000;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty(name, out var value))
        {
            return null;
        }
        var isNumber =
            value.ValueKind == JsonValueKind.Number
                ? value.TryGetInt64(out var number)
                : long.TryParse(Text(root, name), NumberStyles.None, CultureInfo.InvariantCulture, out number);
        return isNumber && number is > 0 and < Most ? number : null;
    }
}
