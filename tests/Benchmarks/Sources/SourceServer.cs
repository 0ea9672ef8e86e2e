using System.Globalization;
using System.IO.Compression;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tributary.Benchmarks.Workload;

namespace Tributary.Benchmarks.Sources;

/// <summary>
/// Many Prometheus servers in one process of its own: `/s/{source}/federate`, whose step follows the clock, and
/// `/stats`, which counts what was served.
/// </summary>
internal sealed class SourceServer(int sources, int series, long stepMs, bool gzip)
{
    private const int Piece = 64 << 10;

    private readonly SourceWorkload[] workloads =
    [
        .. Enumerable.Range(0, sources).AsParallel().AsOrdered().Select(s => new SourceWorkload(s, series)),
    ];

    private long requests;
    private long bytes;

    /// <summary>Serves until the standard input ends, which it does when the starting process is gone.</summary>
    public async Task RunAsync(int port, CancellationToken cancellation)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, port));
        await using var app = builder.Build();
        app.MapGet("/s/{source:int}/federate", ServeAsync);
        app.MapGet("/-/ready", () => "ready\n");
        app.MapGet("/stats", Stats);
        await app.StartAsync(cancellation);
        await WaitForEndOfInputAsync(cancellation);
        await app.StopAsync(CancellationToken.None);
    }

    private static async Task WaitForEndOfInputAsync(CancellationToken cancellation)
    {
        await using var input = Console.OpenStandardInput();
        var ignored = new byte[256];
        while (await input.ReadAsync(ignored, cancellation) > 0) { }
    }

    private string Stats() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"sources_requests_total {Volatile.Read(ref requests)}\nsources_bytes_total {Volatile.Read(ref bytes)}\n"
        );

    private async Task ServeAsync(HttpContext context, int source)
    {
        if ((uint)source >= (uint)workloads.Length)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var workload = workloads[source];
        var moment = SourceMoment.Now(workload, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), stepMs);
        context.Response.ContentType = "text/plain; version=0.0.4; charset=utf-8";
        var compressed =
            gzip && context.Request.Headers.AcceptEncoding.ToString().Contains("gzip", StringComparison.Ordinal);
        long written;
        if (compressed)
        {
            context.Response.Headers.ContentEncoding = "gzip";
            await using var stream = new GZipStream(context.Response.Body, CompressionLevel.Fastest, leaveOpen: true);
            var pipe = PipeWriter.Create(stream, new StreamPipeWriterOptions(leaveOpen: true));
            written = await WriteAsync(workload, moment, pipe, context.RequestAborted);
            await pipe.CompleteAsync();
        }
        else
        {
            written = await WriteAsync(workload, moment, context.Response.BodyWriter, context.RequestAborted);
        }

        Interlocked.Add(ref bytes, written);
        Interlocked.Increment(ref requests);
    }

    private static async Task<long> WriteAsync(
        SourceWorkload workload,
        SourceMoment moment,
        PipeWriter pipe,
        CancellationToken cancellation
    )
    {
        long total = 0;
        for (var next = 0; next < workload.Count; )
        {
            var written = workload.Fill(ref next, pipe.GetSpan(Piece), moment);
            pipe.Advance(written);
            total += written;
            await pipe.FlushAsync(cancellation);
        }

        return total;
    }
}
