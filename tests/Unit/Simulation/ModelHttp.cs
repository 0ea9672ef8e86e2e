using System.Net;
using System.Net.Http.Headers;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The network between an instance and the sources, in virtual time: slow, broken, answering nonsense at times.</summary>
/// <param name="instance">Who asks.</param>
/// <param name="sources">Who may be asked, by host and port.</param>
/// <param name="edit">What arrives of what was sent, where something in between does not leave it as it is.</param>
internal sealed class ModelHttp(
    SimulatedInstance instance,
    IReadOnlyDictionary<string, ModelSource> sources,
    Func<ModelSource, ModelBody, ModelBody>? edit = null
) : HttpMessageInvoker(NoHandler.Instance, disposeHandler: false)
{
    private const string MetadataPath = "/api/v1/metadata";
    private static readonly MediaTypeHeaderValue Text = new("text/plain");

    private static readonly byte[] Metadata =
    [
        .. "{\"status\":\"success\",\"data\":{\"s0\":[{\"type\":\"counter\",\"help\":\"h\",\"unit\":\"\"}]}}"u8,
    ];

    private readonly SeededRandom random = instance.World.Random;

    public override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var source = sources[request.RequestUri!.Authority];
        await Task.Delay(Latency(source), instance.Time, cancellationToken);
        switch (random.Next(40))
        {
            case 0:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
            case 1:
                return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable)
                {
                    Content = new ByteArrayContent([]),
                };
            case 2:
                return Response(new MemoryStream("<html>"u8.ToArray()), new MediaTypeHeaderValue("text/html"));
        }
        if (request.RequestUri.AbsolutePath.EndsWith(MetadataPath, StringComparison.Ordinal))
        {
            return Response(new MemoryStream(Metadata), new MediaTypeHeaderValue("application/json"));
        }
        var body = source.Answer(instance);
        instance.World.Note(
            $"{instance.Name} {source.Target.Source} body {body.Number}: {body.Samples.Count} of {body.Present.Count}"
                + (
                    body.IsBroken ? ", breaks"
                    : body.Stalls ? ", stalls"
                    : body.IsCut ? ", cut"
                    : ""
                )
        );
        return Response(new ModelStream(edit?.Invoke(source, body) ?? body, instance.Time, random), Text);
    }

    private TimeSpan Latency(ModelSource source) =>
        random.NextDelay(random.Chance(0.05) ? source.Target.Interval : TimeSpan.FromMilliseconds(50));

    private static HttpResponseMessage Response(Stream body, MediaTypeHeaderValue type)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = type;
        return new HttpResponseMessage(HttpStatusCode.OK) { Content = content };
    }

    /// <summary>The invoker wants one; everything is answered before it.</summary>
    private sealed class NoHandler : HttpMessageHandler
    {
        public static readonly NoHandler Instance = new();

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }

    private sealed class ModelStream(ModelBody body, TimeProvider time, SeededRandom random) : Stream
    {
        private int position;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(
            Memory<byte> buffer,
            CancellationToken cancellationToken = default
        )
        {
            if (position > 0 && random.Chance(0.1))
            {
                await Task.Delay(random.NextDelay(TimeSpan.FromSeconds(1)), time, cancellationToken);
            }
            var left = body.Bytes[position..];
            if (left.IsEmpty && body.Stalls)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken);
            }
            if (left.IsEmpty && body.IsBroken)
            {
                throw new IOException("reset");
            }
            var count = Math.Min(buffer.Length, left.Length);
            count = count > 1 && random.Chance(0.2) ? 1 + random.Next(count) : count;
            left.Span[..count].CopyTo(buffer.Span);
            position += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() { }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
