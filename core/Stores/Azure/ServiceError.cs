using System.Text.Json;
using System.Xml;
using Azure;

namespace Tributary.Stores.Azure;

/// <summary>An answer that says no: status, the service's code, and the first line of its explanation.</summary>
internal readonly record struct ServiceError(int Status, string Code, string Text)
{
    private const int LongestText = 200;

    public StoreError Meaning => ServiceErrors.Meaning(Status, Code);

    /// <summary>Reads XML (blobs) or JSON (tables); the header has the code also when there is no body (HEAD).</summary>
    public static ServiceError Of(Response response)
    {
        var (code, text) = ("", "");
        if (response.ContentStream is MemoryStream)
        {
            (code, text) = OfBody(response.Content.ToMemory());
        }
        if (response.Headers.TryGetValue("x-ms-error-code", out var header) && !string.IsNullOrEmpty(header))
        {
            code = header;
        }
        return new ServiceError(response.Status, code, FirstLine(text));
    }

    public static ServiceError OfTableBody(int status, ReadOnlyMemory<byte> body)
    {
        var (code, text) = OfBody(body);
        return new ServiceError(status, code, FirstLine(text));
    }

    private static (string Code, string Text) OfBody(ReadOnlyMemory<byte> body)
    {
        var start = body.Span.IndexOfAnyExcept(" \r\n\t\uFEFF"u8);
        if (start < 0)
        {
            return ("", "");
        }
        try
        {
            return body.Span[start] == '{' ? OfJson(body[start..]) : OfXml(body);
        }
        catch (Exception e) when (e is JsonException or XmlException or InvalidOperationException)
        {
            // Not the service's own form (a proxy's page, a broken body): the status must do.
            return ("", "");
        }
    }

    private static (string Code, string Text) OfJson(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        if (!document.RootElement.TryGetProperty("odata.error", out var error))
        {
            return ("", "");
        }
        var code = error.TryGetProperty("code", out var c) ? c.GetString() : null;
        var text = error.TryGetProperty("message", out var message) ? OfMessage(message) : null;
        return (code ?? "", text ?? "");
    }

    private static string? OfMessage(JsonElement message) =>
        message.ValueKind == JsonValueKind.Object && message.TryGetProperty("value", out var value) ? value.GetString()
        : message.ValueKind == JsonValueKind.String ? message.GetString()
        : null;

    /// <summary>Blobs write <c>Code</c>; tables <c>code</c>, when they refuse a request before they read what it accepts.</summary>
    private static (string Code, string Text) OfXml(ReadOnlyMemory<byte> body)
    {
        var (code, text) = ("", "");
        using var reader = XmlReader.Create(new MemoryStream(body.ToArray()), BlobListReader.XmlSettings);
        while (reader.Read())
        {
            if (
                reader is
                { NodeType: XmlNodeType.Element, Depth: 1, LocalName: "Code" or "code" or "Message" or "message" }
            )
            {
                var isCode = reader.LocalName is "Code" or "code";
                if (reader.Read() && reader.NodeType == XmlNodeType.Text)
                {
                    (code, text) = isCode ? (reader.Value, text) : (code, reader.Value);
                }
            }
        }
        return (code, text);
    }

    private static string FirstLine(string text)
    {
        var line = text.AsSpan().Trim();
        var end = line.IndexOfAny('\r', '\n');
        line = end < 0 ? line : line[..end];
        return line.Length <= LongestText ? line.ToString() : line[..LongestText].ToString() + "…";
    }
}
