using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Tributary.Costs;

namespace Tributary.Functions.Hosting;

/// <summary>The body of an answer, compressed when the client takes gzip or deflate; written in pieces, flushed between them.</summary>
/// <remarks>
/// An answer of one piece leaves at once, with its head: a client that waits for the end of a short one would wait as long
/// again for a second packet.
/// </remarks>
internal sealed class ResponseBody : IBufferWriter<byte>, IDisposable
{
    /// <summary>Below this size gzip saves no packet; Prometheus leaves it out, too, and deflate never.</summary>
    private const int MinCompressedBytes = 1024;

    private readonly HttpResponse response;
    private readonly ResponseCoding coding;
    private readonly BodyStream body;

    /// <summary>What is still to be compressed.</summary>
    private readonly ArrayBufferWriter<byte>? piece;
    private Stream? compressed;

    private ResponseBody(HttpResponse response, ResponseCoding coding)
    {
        this.response = response;
        this.coding = coding;
        body = new BodyStream(response.BodyWriter);
        piece = coding is ResponseCoding.Identity ? null : new ArrayBufferWriter<byte>();
    }

    /// <summary>The body of an answer of unknown length; headers can be set until the first flush.</summary>
    public static ResponseBody Begin(HttpContext context) => new(context.Response, AcceptedCoding.Of(context.Request));

    /// <summary>Sends a whole answer.</summary>
    public static async Task SendAsync(HttpContext context, int status, string contentType, ReadOnlyMemory<byte> body)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }
        using var output = Begin(context);
        output.Write(body.Span);
        await output.FlushAsync(isEnd: true, context.RequestAborted);
    }

    public void Advance(int count)
    {
        if (piece is null)
        {
            body.Advance(count);
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

    /// <summary>Writes bytes.</summary>
    public void Write(ReadOnlySpan<byte> text)
    {
        text.CopyTo(GetSpan(text.Length));
        Advance(text.Length);
    }

    /// <summary>Sends what was written; waits while the client is slow.</summary>
    /// <param name="isEnd">Whether nothing follows.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async ValueTask FlushAsync(bool isEnd, CancellationToken cancellationToken)
    {
        if (piece is not null)
        {
            Encode(piece.WrittenSpan, isEnd);
            piece.ResetWrittenCount();
        }
        if (!response.HasStarted && isEnd)
        {
            response.ContentLength = body.Written;
        }
        else if (isEnd)
        {
            // The server sends it together with the end.
            return;
        }
        await response.BodyWriter.FlushAsync(cancellationToken);
    }

    /// <summary>Counts what was sent.</summary>
    public void Dispose()
    {
        compressed?.Dispose();
        response.HttpContext.Features.Get<UsageMeter>()?.CountSent(body.Written);
        body.Dispose();
    }

    private void Encode(ReadOnlySpan<byte> text, bool isEnd)
    {
        if (compressed is null && isEnd && coding is ResponseCoding.Gzip && text.Length < MinCompressedBytes)
        {
            body.Write(text);
            return;
        }
        compressed ??= Compress();
        compressed.Write(text);
        if (isEnd)
        {
            compressed.Dispose();
        }
        else
        {
            compressed.Flush();
        }
    }

    private Stream Compress()
    {
        response.Headers.ContentEncoding = coding == ResponseCoding.Gzip ? "gzip" : "deflate";
        return coding == ResponseCoding.Gzip
            ? new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true)
            : new ZLibStream(body, CompressionLevel.Fastest, leaveOpen: true);
    }
}
