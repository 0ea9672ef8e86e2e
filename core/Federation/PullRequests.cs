using System.Globalization;
using System.Net.Http.Headers;
using Tributary.Configuration;
using Tributary.Model;
using Tributary.Scraping;

namespace Tributary.Federation;

/// <summary>The requests of pulls: all samples of a range, in one of the two ways; which series there are; the configuration.</summary>
/// <param name="api">Sends them.</param>
internal sealed class PullRequests(SourceApi api)
{
    private const string QueryPath = "/api/v1/query";
    private const string ReadPath = "/api/v1/read";
    private const string ConfigPath = "/api/v1/status/config";
    private const string ReadVersion = "0.1.0";
    private const int MethodNotAllowed = 405;

    /// <summary>Asks for all samples of a range.</summary>
    /// <param name="asked">The source, and how it is asked.</param>
    /// <param name="body">Gets the samples.</param>
    /// <param name="afterMs">The last moment before the range.</param>
    /// <param name="untilMs">Its last moment.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <returns>How many bytes the answers had, and whether the source warned that something may be missing.</returns>
    /// <exception cref="SourceApiException">The source did not give it; some samples may have been taken.</exception>
    public async Task<(long Bytes, bool HasWarnings)> PullAsync(
        AskedSource asked,
        PulledBody body,
        long afterMs,
        long untilMs,
        CancellationToken cancellationToken
    )
    {
        if (asked.Mode is PullMode.RemoteRead)
        {
            return (await ReadAsync(asked, body, afterMs, untilMs, cancellationToken), false);
        }
        var (bytes, hasWarnings) = (0L, false);
        foreach (var selector in asked.Selectors.Selectors)
        {
            body.BeginAnswer(afterMs, untilMs);
            var range = untilMs - afterMs;
            var duration = range % 1000 == 0 ? $"{range / 1000}s" : $"{range}ms";
            var reader = await QueryAsync(asked, body, $"{selector}[{duration}]", untilMs, cancellationToken);
            if (reader.Reader.HasHistograms && body.WantsHistograms)
            {
                throw new SourceApiException(
                    SourceApiProblem.Refused,
                    "the source has native histograms, and a query's answer does not give them bit for bit"
                );
            }
            bytes += reader.Bytes;
            hasWarnings |= reader.Reader.HasWarnings;
        }
        return (bytes, hasWarnings);
    }

    /// <summary>Asks which series there are at a time.</summary>
    /// <returns>How many bytes the answers had.</returns>
    /// <exception cref="SourceApiException">The source did not tell.</exception>
    public async Task<long> SightAsync(
        AskedSource asked,
        PulledBody body,
        HashSet<LabelSet> seen,
        long atMs,
        CancellationToken cancellationToken
    )
    {
        var bytes = 0L;
        body.BeginSightings(seen);
        foreach (var selector in asked.Selectors.Selectors)
        {
            bytes += (await QueryAsync(asked, body, selector.ToString(), atMs, cancellationToken)).Bytes;
        }
        return bytes;
    }

    /// <summary>Asks for the configuration.</summary>
    /// <exception cref="SourceApiException">The source did not give it.</exception>
    public Task<SourceFacts> FactsAsync(AskedSource asked, CancellationToken cancellationToken) =>
        api.SendAsync(
            asked.Target,
            asked.Guard,
            () => new HttpRequestMessage(HttpMethod.Get, asked.Selectors.At(ConfigPath)),
            async (_, body, bounded) => SourceFacts.Parse(await api.ReadWholeAsync(asked.Target, body, bounded)),
            cancellationToken
        );

    private async Task<(MatrixReader Reader, long Bytes)> QueryAsync(
        AskedSource asked,
        PulledBody body,
        string query,
        long atMs,
        CancellationToken cancellationToken
    )
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["query"] = query,
            ["time"] = (atMs / 1000m).ToString("0.###", CultureInfo.InvariantCulture),
            ["timeout"] = string.Create(CultureInfo.InvariantCulture, $"{asked.Target.Timeout.TotalMilliseconds:0}ms"),
        };
        try
        {
            return asked.Guard.PostIsRefused
                ? await SendAsync(asked, body, () => Get(asked, parameters), cancellationToken)
                : await SendAsync(asked, body, () => Post(asked, parameters), cancellationToken);
        }
        catch (SourceApiException problem) when (problem.Status == MethodNotAllowed && !asked.Guard.PostIsRefused)
        {
            asked.Guard.PostIsRefused = true;
            return await SendAsync(asked, body, () => Get(asked, parameters), cancellationToken);
        }
    }

    private Task<(MatrixReader Reader, long Bytes)> SendAsync(
        AskedSource asked,
        PulledBody body,
        Func<HttpRequestMessage> request,
        CancellationToken cancellationToken
    ) =>
        api.SendAsync(
            asked.Target,
            asked.Guard,
            request,
            async (_, stream, bounded) =>
            {
                var reader = new MatrixReader(body);
                var (bytes, _) = await api.ReadPiecesAsync(
                    asked.Target,
                    stream,
                    buffer => reader.Read(buffer.Unread),
                    bounded
                );
                reader.End();
                return (reader, bytes);
            },
            cancellationToken
        );

    private static HttpRequestMessage Post(AskedSource asked, Dictionary<string, string> parameters) =>
        new(HttpMethod.Post, asked.Selectors.At(QueryPath)) { Content = new FormUrlEncodedContent(parameters) };

    private static HttpRequestMessage Get(AskedSource asked, Dictionary<string, string> parameters)
    {
        var query = string.Join('&', parameters.Select(one => $"{one.Key}={Uri.EscapeDataString(one.Value)}"));
        return new HttpRequestMessage(HttpMethod.Get, asked.Selectors.At(QueryPath, query));
    }

    private Task<long> ReadAsync(
        AskedSource asked,
        PulledBody body,
        long afterMs,
        long untilMs,
        CancellationToken cancellationToken
    )
    {
        var range = new TimeRange(afterMs + 1, untilMs);
        var message = ReadRequestWriter.Write(asked.Selectors.Selectors, range, asked.ExternalLabels);
        body.BeginAnswer(afterMs, untilMs);
        return api.SendAsync(
            asked.Target,
            asked.Guard,
            () => ReadRequest(asked, message),
            (response, stream, bounded) => ReadAnswerAsync(asked, body, response, stream, (afterMs, untilMs), bounded),
            cancellationToken
        );
    }

    private static HttpRequestMessage ReadRequest(AskedSource asked, byte[] message)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, asked.Selectors.At(ReadPath))
        {
            Content = new ByteArrayContent(message),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-protobuf");
        request.Content.Headers.ContentEncoding.Add("snappy");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", "snappy");
        request.Headers.TryAddWithoutValidation("X-Prometheus-Remote-Read-Version", ReadVersion);
        return request;
    }

    private async ValueTask<long> ReadAnswerAsync(
        AskedSource asked,
        PulledBody body,
        HttpResponseMessage response,
        Stream stream,
        (long AfterMs, long UntilMs) range,
        CancellationToken cancellationToken
    )
    {
        var type = response.Content.Headers.ContentType?.MediaType ?? "";
        if (type.Equals("application/x-streamed-protobuf", StringComparison.OrdinalIgnoreCase))
        {
            var frames = new ChunkFramesReader(body);
            frames.Begin(range.AfterMs, range.UntilMs);
            var (bytes, left) = await api.ReadPiecesAsync(
                asked.Target,
                stream,
                buffer => frames.Read(buffer.Unread),
                cancellationToken
            );
            return left == 0
                ? bytes
                : throw new SourceApiException(SourceApiProblem.Damaged, "the answer ends inside a frame of chunks");
        }
        if (type.Equals("application/x-protobuf", StringComparison.OrdinalIgnoreCase))
        {
            var block = await api.ReadWholeAsync(asked.Target, stream, cancellationToken);
            SamplesReader.Read(block, body);
            return block.Length;
        }
        throw new SourceApiException(
            SourceApiProblem.Damaged,
            $"{ReadPath} answered with the content type \"{type}\", which no remote read has"
        );
    }
}
