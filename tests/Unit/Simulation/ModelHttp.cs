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
        var arriving = edit?.Invoke(source, body) ?? body;
        var end =
            arriving.Stalls ? ModelEnd.Stalls
            : arriving.IsBroken ? ModelEnd.Breaks
            : ModelEnd.Ends;
        return Response(new ModelStream(arriving.Bytes, end, instance.Time, random), Text);
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
    internal sealed class NoHandler : HttpMessageHandler
    {
        public static readonly NoHandler Instance = new();

        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request,
            CancellationToken cancellationToken
        ) => throw new NotSupportedException();
    }
}
