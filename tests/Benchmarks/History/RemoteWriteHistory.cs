using System.Net.Http.Headers;

namespace Tributary.Benchmarks.History;

/// <summary>Brings history into a server through its remote-write receiver, oldest first.</summary>
internal static class RemoteWriteHistory
{
    private const int StepsPerRound = 10;
    private const int SeriesPerRequest = 2_000;

    /// <exception cref="BenchmarkException">The receiver refuses.</exception>
    public static async Task WriteAsync(int port, PastSamples past, CancellationToken cancellation)
    {
        using var handler = new SocketsHttpHandler { UseProxy = false };
        using var client = new HttpClient(handler);
        var request = new RemoteWriteRequest();
        var last = past.FirstStep + past.Steps;
        for (var step = past.FirstStep; step < last; step += StepsPerRound)
        {
            var upTo = Math.Min(step + StepsPerRound, last);
            for (var series = 0; series < past.Workload.Count; series++)
            {
                Add(request, past, series, step, upTo);
                if ((series + 1) % SeriesPerRequest == 0 || series + 1 == past.Workload.Count)
                {
                    await PostAsync(client, port, request.Take(), cancellation);
                }
            }
        }
    }

    /// <summary>The requests with the samples of one step.</summary>
    /// <param name="past">All samples.</param>
    /// <param name="step">The step.</param>
    /// <param name="perRequest">How many a request has.</param>
    public static (IReadOnlyList<byte[]> Bodies, int Samples) Requests(PastSamples past, long step, int perRequest)
    {
        var sent = 0;
        var request = new RemoteWriteRequest();
        var requests = new List<byte[]>();
        for (var series = 0; series < past.Workload.Count; series++)
        {
            if (past.Has(series, step))
            {
                Add(request, past, series, step, step + 1);
                sent++;
            }
            if (!request.IsEmpty && ((series + 1) % perRequest == 0 || series + 1 == past.Workload.Count))
            {
                requests.Add(request.Take());
            }
        }
        return (requests, sent);
    }

    private static void Add(RemoteWriteRequest request, PastSamples past, int series, long from, long upTo)
    {
        AddLabels(request, past.Workload.Prefix(series));
        for (var step = from; step < upTo; step++)
        {
            if (past.Has(series, step))
            {
                request.Sample(past.Workload.Value(series, step), past.Timestamp(series, step));
            }
        }

        request.EndSeries();
    }

    // `name{a="b",c="d"} `: sorted, without escapes, as the workload renders it.
    private static void AddLabels(RemoteWriteRequest request, ReadOnlySpan<byte> prefix)
    {
        var brace = prefix.IndexOf((byte)'{');
        request.Label("__name__"u8, prefix[..brace]);
        var rest = prefix[(brace + 1)..];
        while (rest.IndexOf("=\""u8) is var equals and >= 0)
        {
            var value = rest[(equals + 2)..];
            var end = value.IndexOf((byte)'"');
            request.Label(rest[..equals], value[..end]);
            rest = value[(end + 1)..];
            rest = rest[0] == ',' ? rest[1..] : default;
        }
    }

    /// <summary>Sends a request.</summary>
    /// <exception cref="BenchmarkException">The receiver refuses.</exception>
    public static async Task PostAsync(HttpClient client, int port, byte[] body, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        content.Headers.ContentEncoding.Add("snappy");
        content.Headers.Add("X-Prometheus-Remote-Write-Version", "0.1.0");
        using var answer = await client.PostAsync($"http://127.0.0.1:{port}/api/v1/write", content, cancellation);
        if (!answer.IsSuccessStatusCode)
        {
            var text = await answer.Content.ReadAsStringAsync(cancellation);
            throw new BenchmarkException($"remote write: {(int)answer.StatusCode} {text.Trim()}");
        }
    }
}
