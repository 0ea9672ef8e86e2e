using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tributary.Binary;
using Tributary.Functions.Hosting;
using Tributary.Model;
using Tributary.RemoteRead;
using Tributary.Storage.Selection;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/read</c>: the samples that another Prometheus selects by <c>remote_read</c>.</summary>
internal static class RemoteReadEndpoint
{
    private const int PieceBytes = 256 * 1024;

    public static async Task HandleAsync(HttpContext context, ServerState state)
    {
        var aborted = context.RequestAborted;
        await state.RemoteReads.WaitAsync(aborted);
        try
        {
            var request = ReadRequest.Parse(await ReadBodyAsync(context, aborted));
            var external = state.Config().Global.ExternalLabels;
            await (
                request.IsChunked
                    ? SendChunksAsync(context, state, request, external)
                    : SendSamplesAsync(context, state, request, external)
            );
        }
        catch (ReadRequestException exception)
        {
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (SelectionLimitException exception) when (!context.Response.HasStarted)
        {
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status400BadRequest, exception.Message);
        }
        catch (CorruptDataException exception) when (!context.Response.HasStarted)
        {
            var text = $"decoding samples: {exception.Message}";
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status500InternalServerError, text);
        }
        finally
        {
            state.RemoteReads.Release();
        }
    }

    private static async Task SendSamplesAsync(
        HttpContext context,
        ServerState state,
        ReadRequest request,
        LabelSet external
    )
    {
        var answer = new SamplesAnswer(external);
        foreach (var query in request.Queries)
        {
            var selected = await SelectAsync(context, state, query, external);
            answer.Add(selected.Series, state.MaxReadSamples);
        }
        var body = answer.Finish();
        context.Response.ContentType = SamplesAnswer.ContentType;
        context.Response.Headers.ContentEncoding = "snappy";
        context.Response.ContentLength = body.Length;
        await context.Response.BodyWriter.WriteAsync(body, context.RequestAborted);
    }

    private static async Task SendChunksAsync(
        HttpContext context,
        ServerState state,
        ReadRequest request,
        LabelSet external
    )
    {
        var frames = new ChunkFrames(external, ChunkFrames.DefaultMaxFrameBytes);
        var piece = new ArrayBufferWriter<byte>(PieceBytes);
        context.Response.ContentType = ChunkFrames.ContentType;
        for (var i = 0; i < request.Queries.Count; i++)
        {
            var selected = await SelectAsync(context, state, request.Queries[i], external);
            foreach (var series in selected.Series)
            {
                frames.Write(piece, i, series);
                if (piece.WrittenCount >= PieceBytes)
                {
                    await FlushAsync(context, piece);
                }
            }
        }
        await FlushAsync(context, piece);
    }

    private static async Task FlushAsync(HttpContext context, ArrayBufferWriter<byte> piece)
    {
        await context.Response.BodyWriter.WriteAsync(piece.WrittenMemory, context.RequestAborted);
        piece.ResetWrittenCount();
    }

    private static Task<ChunkSelection> SelectAsync(
        HttpContext context,
        ServerState state,
        ReadQuery query,
        LabelSet external
    ) => state.SelectChunks(query.Within(external), context.RequestAborted);

    private static async Task<byte[]> ReadBodyAsync(HttpContext context, CancellationToken cancellationToken)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = ReadRequest.MaxBytes;
        }
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, cancellationToken);
        return body.ToArray();
    }
}
