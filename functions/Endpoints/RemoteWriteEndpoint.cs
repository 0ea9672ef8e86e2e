using System.Buffers;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Tributary.Binary;
using Tributary.Functions.Hosting;
using Tributary.Jobs;
using Tributary.RemoteWrite;
using Tributary.Stores;

namespace Tributary.Functions.Endpoints;

/// <summary><c>/api/v1/write</c>: samples that others write to us by remote write, 1.0 and 2.0.</summary>
internal static class RemoteWriteEndpoint
{
    private const string Disabled =
        "remote write receiver needs to be enabled with --web.enable-remote-write-receiver, or with "
        + "enable_remote_write_receiver: true in tributary.web of the configuration";

    private const string Unstored =
        "it is not known whether the samples are stored; send them again, which does no harm: ";

    /// <summary>After so many seconds there may be room again, or an answer of the store.</summary>
    private const string RetrySoon = "5";

    /// <summary>A body that takes longer is not sent any more.</summary>
    private static readonly TimeSpan MaxReceiving = TimeSpan.FromSeconds(60);

    /// <summary>A message takes room as it is and as columns.</summary>
    private const int RoomPerByte = 2;

    /// <summary>So many times the longest body is skipped for the answer's sake.</summary>
    private const int MaxSkipped = 8;

    private const int FirstBytes = 64 * 1024;

    public static async Task HandleAsync(HttpContext context, ServerState state)
    {
        if (state.Receive is not { } job || !state.IsReceiving())
        {
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status404NotFound, Disabled);
            return;
        }
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            // What is not read by us is skipped: a sender who is cut off would not see the answer.
            limit.MaxRequestBodySize = (long)job.Limits.MaxBodyBytes * MaxSkipped;
        }
        var headers = context.Request.Headers;
        var problem =
            WriteContent.Check(context.Request.ContentType ?? "", out var isV2)
            ?? WriteContent.CheckEncoding(headers.ContentEncoding.ToString());
        if (problem is not null)
        {
            job.NoteRefused();
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status415UnsupportedMediaType, problem);
            return;
        }
        try
        {
            var tally = await ReceiveAsync(context, job, isV2);
            SetWritten(context, isV2, tally.Samples, tally.Histograms);
            if (tally.Complaint(isV2) is { } complaint)
            {
                await ApiErrors.WriteTextAsync(context, StatusCodes.Status400BadRequest, complaint);
                return;
            }
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (WriteException exception)
        {
            job.NoteRefused();
            SetWritten(context, isV2, 0, 0);
            await RefuseAsync(context, exception);
        }
        catch (StoreException exception)
        {
            SetWritten(context, isV2, 0, 0);
            context.Response.Headers.RetryAfter = RetrySoon;
            var text = Unstored + exception.Message;
            await ApiErrors.WriteTextAsync(context, StatusCodes.Status503ServiceUnavailable, text);
        }
    }

    private static async Task<WriteTally> ReceiveAsync(HttpContext context, ReceiveJob job, bool isV2)
    {
        byte[]? message = null;
        var taken = 0L;
        try
        {
            int length;
            var body = await ReadBodyAsync(context, job);
            try
            {
                length = LengthOf(body.Bytes.AsSpan(0, body.Length), job);
                job.Room.Take((long)length * RoomPerByte);
                taken = (long)length * RoomPerByte;
                message = ArrayPool<byte>.Shared.Rent(Math.Max(1, length));
                Decompress(body.Bytes.AsSpan(0, body.Length), message.AsSpan(0, length));
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(body.Bytes);
                job.Room.Return(body.Bytes.Length);
            }
            return await job.ReceiveAsync(message.AsMemory(0, length), isV2, context.RequestAborted);
        }
        finally
        {
            job.Room.Return(taken);
            if (message is not null)
            {
                ArrayPool<byte>.Shared.Return(message);
            }
        }
    }

    private static int LengthOf(ReadOnlySpan<byte> body, ReceiveJob job)
    {
        try
        {
            return SnappyBlock.LengthOf(body, job.Limits.MaxMessageBytes);
        }
        catch (CorruptDataException exception)
        {
            throw Malformed(exception);
        }
    }

    private static void Decompress(ReadOnlySpan<byte> body, Span<byte> message)
    {
        try
        {
            SnappyBlock.Decode(body, message);
        }
        catch (CorruptDataException exception)
        {
            throw Malformed(exception);
        }
    }

    private static WriteException Malformed(CorruptDataException exception) =>
        new(WriteRefusal.Malformed, exception.Message, exception);

    /// <summary>The body; its room is taken, and given back with it.</summary>
    private static async Task<(byte[] Bytes, int Length)> ReadBodyAsync(HttpContext context, ReceiveJob job)
    {
        var most = job.Limits.MaxBodyBytes;
        if (context.Request.ContentLength > most)
        {
            throw TooLong(job);
        }
        using var late = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        late.CancelAfter(MaxReceiving);
        var bytes = Grow(job, [], 0, FirstBytes);
        var length = 0;
        try
        {
            while (await context.Request.Body.ReadAsync(bytes.AsMemory(length), late.Token) is > 0 and var read)
            {
                length += read;
                if (length > most)
                {
                    throw TooLong(job);
                }
                // Room is taken for what came, not for what somebody says that he will send.
                bytes = length < bytes.Length ? bytes : Grow(job, bytes, length, 2 * length);
            }
        }
        catch (Exception exception)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            job.Room.Return(bytes.Length);
            if (exception is OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
            {
                throw new WriteException(WriteRefusal.NoMemory, "the request took too long to arrive", exception);
            }
            throw;
        }
        return (bytes, length);
    }

    private static WriteException TooLong(ReceiveJob job) =>
        new(WriteRefusal.TooLarge, $"the request has more than {job.Limits.MaxBodyBytes} bytes: send less at once");

    private static byte[] Grow(ReceiveJob job, byte[] bytes, int length, int wanted)
    {
        var grown = ArrayPool<byte>.Shared.Rent(wanted);
        try
        {
            job.Room.Take(grown.Length);
        }
        catch (WriteException)
        {
            ArrayPool<byte>.Shared.Return(grown);
            throw;
        }
        bytes.AsSpan(0, length).CopyTo(grown);
        if (bytes.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(bytes);
            job.Room.Return(bytes.Length);
        }
        return grown;
    }

    private static Task RefuseAsync(HttpContext context, WriteException exception)
    {
        if (exception.Refusal is WriteRefusal.NoMemory)
        {
            context.Response.Headers.RetryAfter = RetrySoon;
        }
        var status = exception.Refusal switch
        {
            WriteRefusal.Malformed => StatusCodes.Status400BadRequest,
            WriteRefusal.TooLarge => StatusCodes.Status413PayloadTooLarge,
            _ => StatusCodes.Status503ServiceUnavailable,
        };
        return ApiErrors.WriteTextAsync(context, status, exception.Message);
    }

    /// <summary>What a sender of 2.0 is told in any case; exemplars are not stored.</summary>
    private static void SetWritten(HttpContext context, bool isV2, int samples, int histograms)
    {
        if (isV2)
        {
            var headers = context.Response.Headers;
            headers[WriteProtocol.SamplesWritten] = samples.ToString(CultureInfo.InvariantCulture);
            headers[WriteProtocol.HistogramsWritten] = histograms.ToString(CultureInfo.InvariantCulture);
            headers[WriteProtocol.ExemplarsWritten] = "0";
        }
    }
}
