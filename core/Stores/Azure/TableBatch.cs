using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tributary.Stores.Azure;

/// <summary>A transaction as one multipart request, and the answer to it.</summary>
/// <remarks>https://learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions</remarks>
internal static class TableBatch
{
    // JSON escapes line ends, so no row can hold a line that begins with a boundary: fixed ones are safe.
    private const string Outer = "batch_4b8f2f70-6f0a-4f64-9c75-0d1f6a3f1c01";
    private const string Inner = "changeset_4b8f2f70-6f0a-4f64-9c75-0d1f6a3f1c02";

    public const string ContentType = "multipart/mixed; boundary=" + Outer;

    /// <summary>The body of the request; <paramref name="root"/> is the table endpoint without a slash at its end.</summary>
    /// <exception cref="StoreException">Rejected: a row cannot be stored.</exception>
    public static ReadOnlyMemory<byte> Write(
        string root,
        string table,
        string partition,
        IReadOnlyList<TableWrite> writes
    )
    {
        var body = new ArrayBufferWriter<byte>(512 * writes.Count);
        Text(body, $"--{Outer}\r\nContent-Type: multipart/mixed; boundary={Inner}\r\n\r\n");
        foreach (var write in writes)
        {
            var request = TableRequest.Of(table, partition, write);
            Text(body, $"--{Inner}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n");
            Text(body, $"{request.Method.Method} {root}{request.Path} HTTP/1.1\r\n");
            Text(body, "Accept: application/json;odata=minimalmetadata\r\nDataServiceVersion: 3.0\r\n");
            if (request.IfMatch is { } etag)
            {
                Text(body, $"If-Match: {etag}\r\n");
            }
            if (!request.Body.IsEmpty)
            {
                Text(body, "Prefer: return-no-content\r\nContent-Type: application/json\r\n");
                var length = request.Body.Length.ToString(CultureInfo.InvariantCulture);
                Text(body, $"Content-Length: {length}\r\n");
            }
            Text(body, "\r\n");
            body.Write(request.Body.Span);
            Text(body, "\r\n");
        }
        Text(body, $"--{Inner}--\r\n\r\n--{Outer}--\r\n");
        return body.WrittenMemory;
    }

    /// <summary>The statuses of the parts of an answer, in order, and the error of the first that failed.</summary>
    public static (int Successes, ServiceError? Error) Read(ReadOnlyMemory<byte> answer)
    {
        var statusLine = "HTTP/1.1 "u8;
        var successes = 0;
        for (var rest = answer; ; )
        {
            var at = rest.Span.IndexOf(statusLine);
            if (at < 0)
            {
                return (successes, null);
            }
            rest = rest[(at + statusLine.Length)..];
            var next = rest.Span.IndexOf(statusLine);
            var part = next < 0 ? rest : rest[..next];
            if (!TryStatus(part.Span, out var status))
            {
                return (successes, null);
            }
            if (status >= 300)
            {
                return (successes, ServiceError.OfTableBody(status, Json(part)));
            }
            successes++;
        }
    }

    private static bool TryStatus(ReadOnlySpan<byte> part, out int status)
    {
        status = 0;
        return part.Length >= 3 && int.TryParse(part[..3], NumberStyles.None, CultureInfo.InvariantCulture, out status);
    }

    private static ReadOnlyMemory<byte> Json(ReadOnlyMemory<byte> part)
    {
        var start = part.Span.IndexOf((byte)'{');
        var end = part.Span.LastIndexOf((byte)'}');
        return start >= 0 && end > start ? part[start..(end + 1)] : default;
    }

    private static void Text(ArrayBufferWriter<byte> body, string text) => Encoding.UTF8.GetBytes(text, body);
}
