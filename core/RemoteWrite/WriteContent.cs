namespace Tributary.RemoteWrite;

/// <summary>What a request of remote write says of its body.</summary>
internal static class WriteContent
{
    private const int MaxShown = 200;

    /// <summary>Reads a content type.</summary>
    /// <param name="contentType">The header; empty is taken for 1.0, as old senders have none.</param>
    /// <param name="isV2">Whether the message is one of 2.0.</param>
    /// <returns>Null, or why it is not taken.</returns>
    public static string? Check(string contentType, out bool isV2)
    {
        isV2 = false;
        if (string.IsNullOrWhiteSpace(contentType))
        {
            return null;
        }
        var parts = contentType.Split(';', StringSplitOptions.TrimEntries);
        if (!string.Equals(parts[0], WriteProtocol.MediaType, StringComparison.OrdinalIgnoreCase))
        {
            return $"expected {WriteProtocol.MediaType} as the media type, got the content type {Shown(contentType)}";
        }
        foreach (var part in parts.AsSpan(1))
        {
            var pair = part.Split('=');
            if (pair.Length != 2)
            {
                return $"a parameter of the content type is no name=value: {Shown(contentType)}";
            }
            if (string.Equals(pair[0], "proto", StringComparison.OrdinalIgnoreCase))
            {
                isV2 = string.Equals(pair[1], WriteProtocol.MessageV2, StringComparison.Ordinal);
                return isV2 || string.Equals(pair[1], WriteProtocol.MessageV1, StringComparison.Ordinal)
                    ? null
                    : $"the message {Shown(pair[1])} is not known: {WriteProtocol.MessageV1} and {WriteProtocol.MessageV2} are";
            }
        }
        return null;
    }

    /// <summary>Reads a content encoding.</summary>
    /// <returns>Null, or why it is not taken.</returns>
    public static string? CheckEncoding(string encoding) =>
        encoding.Length == 0 || string.Equals(encoding, WriteProtocol.Encoding, StringComparison.OrdinalIgnoreCase)
            ? null
            : $"the content encoding {Shown(encoding)} is not taken: only {WriteProtocol.Encoding} is, in its block format";

    private static string Shown(string text) => text.Length > MaxShown ? text[..MaxShown] + "…" : text;
}
