using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Tributary.Costs;

namespace Tributary.Functions.Hosting;

/// <summary>The body of an answer, compressed when the client takes gzip or deflate; written in pieces, flushed between them.</summary>
internal sealed class ResponseBody : IBufferWriter<byte>, IAsyncDisposable
{
    /// <summary>Below this size compression saves no packet.</summary>
    private const int MinCompressedBytes = 1024;

    private readonly HttpResponse response;
    private readonly ArrayBufferWriter<byte>? piece;
    private readonly Stream? compressed;
    private readonly CountedStream? counted;
    private readonly UsageMeter? meter;
    private long written;

    private ResponseBody(HttpResponse response, ResponseCoding coding)
    {
        this.response = response;
        meter = response.HttpContext.Features.Get<UsageMeter>();
        if (coding != ResponseCoding.Identity)
        {
            response.Headers.ContentEncoding = coding == ResponseCoding.Gzip ? "gzip" : "deflate";
            piece = new ArrayBufferWriter<byte>();
            counted = new CountedStream(response.Body);
            compressed =
                coding == ResponseCoding.Gzip
                    ? new GZipStream(counted, CompressionLevel.Fastest, leaveOpen: true)
                    : new ZLibStream(counted, CompressionLevel.Fastest, leaveOpen: true);
        }
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
        var coding = body.Length < MinCompressedBytes ? ResponseCoding.Identity : AcceptedCoding.Of(context.Request);
        if (coding == ResponseCoding.Identity)
        {
            response.ContentLength = body.Length;
            context.Features.Get<UsageMeter>()?.CountSent(body.Length);
            await response.BodyWriter.WriteAsync(body, context.RequestAborted);
            return;
        }
        await using var output = new ResponseBody(response, coding);
        output.Write(body.Span);
        await output.FlushAsync(context.RequestAborted);
    }

    public void Advance(int count)
    {
        if (piece is null)
        {
            written += count;
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
        if (compressed is null)
        {
            await response.BodyWriter.FlushAsync(cancellationToken);
            return;
        }
        await compressed.WriteAsync(piece!.WrittenMemory, cancellationToken);
        await compressed.FlushAsync(cancellationToken);
        piece.ResetWrittenCount();
    }

    /// <summary>Ends the compressed body.</summary>
    public async ValueTask DisposeAsync()
    {
        if (compressed is not null && counted is not null)
        {
            await compressed.DisposeAsync();
            written = counted.Written;
            await counted.DisposeAsync();
        }
        meter?.CountSent(written);
    }
}
