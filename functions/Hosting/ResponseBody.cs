using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Tributary.Functions.Hosting;

/// <summary>The body of an answer, compressed when the client takes gzip; written in pieces, flushed between them.</summary>
internal sealed class ResponseBody : IBufferWriter<byte>, IAsyncDisposable
{
    /// <summary>Below this size compression saves no packet.</summary>
    private const int MinCompressedBytes = 1024;

    private readonly HttpResponse response;
    private readonly ArrayBufferWriter<byte>? piece;
    private readonly GZipStream? gzip;

    private ResponseBody(HttpResponse response, bool isCompressed)
    {
        this.response = response;
        if (isCompressed)
        {
            response.Headers.ContentEncoding = "gzip";
            piece = new ArrayBufferWriter<byte>();
            gzip = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
        }
    }

    /// <summary>The body of an answer of unknown length; headers can be set until the first flush.</summary>
    public static ResponseBody Begin(HttpContext context)
    {
        context.Response.Headers.Vary = "Accept-Encoding";
        return new ResponseBody(context.Response, AcceptsGzip(context.Request));
    }

    /// <summary>Sends a whole answer.</summary>
    public static async Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.Vary = "Accept-Encoding";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        if (body.Length < MinCompressedBytes || !AcceptsGzip(context.Request))
        {
            response.ContentLength = body.Length;
            await response.BodyWriter.WriteAsync(body, context.RequestAborted);
            return;
        }
        await using var output = new ResponseBody(response, isCompressed: true);
        output.Write(body.Span);
        await output.FlushAsync(context.RequestAborted);
    }

    public void Advance(int count)
    {
        if (piece is null)
        {
            response.BodyWriter.Advance(count);
        }
        else
        {
            piece.Advance(count);
        }
    }

    public Memory<byte> GetMemory(int sizeHint = 0) =>
        piece is null ? response.BodyWriter.GetMemory(sizeHint) : piece.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) =>
        piece is null ? response.BodyWriter.GetSpan(sizeHint) : piece.GetSpan(sizeHint);

    /// <summary>Sends what was written; waits while the client is slow.</summary>
    public async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (gzip is null)
        {
            await response.BodyWriter.FlushAsync(cancellationToken);
            return;
        }
        await gzip.WriteAsync(piece!.WrittenMemory, cancellationToken);
        await gzip.FlushAsync(cancellationToken);
        piece.ResetWrittenCount();
    }

    /// <summary>Ends the compressed body.</summary>
    public ValueTask DisposeAsync() => gzip?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static bool AcceptsGzip(HttpRequest request)
    {
        foreach (var part in request.Headers.AcceptEncoding.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            var semicolon = part.IndexOf(';', StringComparison.Ordinal);
            var coding = semicolon < 0 ? part : part[..semicolon].TrimEnd();
            if (coding.Equals("gzip", StringComparison.OrdinalIgnoreCase))
            {
                return semicolon < 0 || !IsRefused(part[(semicolon + 1)..]);
            }
        }
        return false;
    }

    /// <summary><c>q=0</c>, <c>q=0.0</c>, …</summary>
    private static bool IsRefused(string weight) =>
        weight.Trim().StartsWith("q=0", StringComparison.OrdinalIgnoreCase)
        && weight.AsSpan().IndexOfAny("123456789") < 0;
}
