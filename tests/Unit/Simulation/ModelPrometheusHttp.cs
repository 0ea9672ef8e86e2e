using System.Globalization;
using System.Net;

namespace Tributary.Tests.Unit.Simulation;

/// <summary>The network between an instance and Prometheus servers, in virtual time, with what can go wrong on it.</summary>
/// <param name="instance">Who asks.</param>
/// <param name="sources">Who may be asked, by host and port.</param>
/// <param name="faults">Whether anything goes wrong but that servers cannot be reached.</param>
/// <param name="edit">What arrives of an answer, where something in between does not leave it as it is.</param>
internal sealed class ModelPrometheusHttp(
    SimulatedInstance instance,
    IReadOnlyDictionary<string, ModelPrometheus> sources,
    Func<bool> faults,
    Func<ModelPrometheus, HttpRequestMessage, ModelAnswer, ModelAnswer>? edit = null
) : HttpMessageInvoker(ModelHttp.NoHandler.Instance, disposeHandler: false)
{
    private readonly SeededRandom random = instance.World.Random;

    public override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        CancellationToken cancellationToken
    )
    {
        var source = sources[request.RequestUri!.Authority];
        var isRough = faults();
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync(cancellationToken) : [];
        await Task.Delay(Latency(source, isRough), instance.Time, cancellationToken);
        var nowMs = instance.World.Time.GetUtcNow().ToUnixTimeMilliseconds();
        if (!source.IsReachable(nowMs))
        {
            if (random.Chance(0.3))
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, instance.Time, cancellationToken);
            }
            throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
        }
        var path = request.RequestUri.AbsolutePath;
        if (isRough && Fault(path) is { } fault)
        {
            instance.World.Note($"{instance.Name} {source.Target.Source} {path}: {(int)fault.StatusCode}");
            fault.RequestMessage = request;
            return fault;
        }
        var answer = ModelAnswers.Answer(source, request, body, nowMs);
        answer = edit?.Invoke(source, request, answer) ?? answer;
        var response = Response(answer, isRough ? DrawEnd() : ModelEnd.Ends);
        instance.World.Note(
            $"{instance.Name} {source.Target.Source} {path}: {(int)answer.Status}, {answer.Bytes.Length} bytes"
        );
        response.RequestMessage = request;
        return response;
    }

    private TimeSpan Latency(ModelPrometheus source, bool isRough) =>
        random.NextDelay(isRough && random.Chance(0.03) ? source.Target.Interval : TimeSpan.FromMilliseconds(50));

    private ModelEnd DrawEnd() =>
        random.Next(50) switch
        {
            0 => ModelEnd.Breaks,
            1 => ModelEnd.Stalls,
            _ => ModelEnd.Ends,
        };

    private HttpResponseMessage? Fault(string path)
    {
        switch (random.Next(60))
        {
            case 0:
                throw new HttpRequestException(HttpRequestError.ConnectionError, "refused");
            case 1:
                return Busy(HttpStatusCode.ServiceUnavailable);
            case 2:
                return Busy(HttpStatusCode.TooManyRequests);
            case 3 when random.Chance(0.3) && path.EndsWith("/query", StringComparison.Ordinal):
                return Response(
                    ModelAnswers.Error(HttpStatusCode.UnprocessableEntity, "execution", "expanding series: busy"),
                    ModelEnd.Ends
                );
            case 4:
                return Response(new ModelAnswer(HttpStatusCode.OK, "text/html", "<html>"u8.ToArray()), ModelEnd.Ends);
            default:
                return null;
        }
    }

    private HttpResponseMessage Busy(HttpStatusCode status)
    {
        var response = Response(new ModelAnswer(status, "text/plain", []), ModelEnd.Ends);
        if (random.Chance(0.5))
        {
            var seconds = random.Next(1, 90).ToString(CultureInfo.InvariantCulture);
            response.Headers.TryAddWithoutValidation("Retry-After", seconds);
        }
        return response;
    }

    private HttpResponseMessage Response(ModelAnswer answer, ModelEnd end)
    {
        var length =
            end is ModelEnd.Ends || answer.Bytes.Length == 0 ? answer.Bytes.Length : random.Next(answer.Bytes.Length);
        var bytes = answer.Bytes.AsMemory(0, length);
        // Errors come in one piece: the framework's own helper, with which they are read, leaves the thread when it waits.
        HttpContent content =
            answer.Status is HttpStatusCode.OK
                ? new StreamContent(new ModelStream(bytes, end, instance.Time, random))
                : new ByteArrayContent(answer.Bytes);
        content.Headers.ContentType = answer.MediaType;
        return new HttpResponseMessage(answer.Status) { Content = content };
    }
}
